import type { Flat, RollupEntry } from '@outwitness/event';

import type { SightJson } from './components-json.ts';
import { named, seenAt } from './destinations.ts';

const MOST_PACKAGES = 5;

/** Adds up what cells say of one entry. */
export class Sight {
  #events = 0;
  #bytesOut = 0;
  #bytesIn = 0;
  #lastSeq = -1;
  #lastHour = 0;
  readonly #packages = new Map<string, number>();

  get events(): number {
    return this.#events;
  }

  get lastSeq(): number {
    return this.#lastSeq;
  }

  add(cell: RollupEntry): this {
    this.#events += cell.events;
    this.#bytesOut += cell.bytesOut;
    this.#bytesIn += cell.bytesIn;
    this.#lastSeq = Math.max(this.#lastSeq, cell.lastSeq);
    this.#lastHour = Math.max(this.#lastHour, cell.hour);
    this.#packages.set(cell.package, (this.#packages.get(cell.package) ?? 0) + cell.events);
    return this;
  }

  /** @param rows leaves by `seq`, for the time of the newest call; without its leaf the hour stands for it */
  json(rows: ReadonlyMap<number, Flat>): SightJson {
    const packages = [...this.#packages].sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1));
    const seen = this.#lastSeq >= 0;
    return {
      events: this.#events,
      bytesOut: this.#bytesOut,
      bytesIn: this.#bytesIn,
      packages: packages.slice(0, MOST_PACKAGES).map(([name]) => named(name)),
      packagesOmitted: Math.max(0, packages.length - MOST_PACKAGES),
      lastSeen: seen ? seenAt(rows.get(this.#lastSeq), this.#lastHour) : null,
      lastSeq: seen ? this.#lastSeq : null,
    };
  }
}

/** Sights by the text that names them, in the order of their first cell. */
export class Sights extends Map<string, Sight> {
  of(name: string): Sight {
    let sight = this.get(name);
    if (sight === undefined) this.set(name, (sight = new Sight()));
    return sight;
  }
}
