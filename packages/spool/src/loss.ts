import type { GapEvent } from '@outwitness/event';

/** Records that could not be written, to be told by one `gap` record. */
export interface Loss {
  event: GapEvent;
  /** One sentence for people. */
  text: string;
  /** Lost records that would have begun a row (`open`, `conn`). */
  missing: number;
  /** All that was lost, or how often it happened. */
  count: number;
}

/** Losses since the last gap record, one per event. */
export class Losses {
  readonly #byEvent = new Map<GapEvent, Loss>();

  get some(): boolean {
    return this.#byEvent.size > 0;
  }

  add(loss: Loss): void {
    const known = this.#byEvent.get(loss.event);
    if (known === undefined) this.#byEvent.set(loss.event, { ...loss });
    else {
      known.missing += loss.missing;
      known.count += loss.count;
      known.text = loss.text;
    }
  }

  /** Hands over all losses and forgets them. */
  take(): Loss[] {
    const losses = [...this.#byEvent.values()];
    this.#byEvent.clear();
    return losses;
  }
}
