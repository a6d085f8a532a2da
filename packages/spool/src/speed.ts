import type { SpoolLimits } from './limits.ts';
import type { Loss } from './loss.ts';

const MINUTE_US = 60_000_000;

/** Counts slow writes: each holds up the audited process, and many in a minute are worth a gap. */
export class WriteSpeed {
  /** Slow writes so far. */
  slow = 0;
  readonly #limits: SpoolLimits;
  #since = 0;
  #inMinute = 0;

  constructor(limits: SpoolLimits) {
    this.#limits = limits;
  }

  /** @returns what is to be told, once per minute at most */
  judge(startedUs: number, endedUs: number): Loss | undefined {
    if (endedUs - startedUs <= this.#limits.slowUs) return undefined;
    this.slow++;
    if (endedUs - this.#since > MINUTE_US) {
      this.#since = endedUs;
      this.#inMinute = 0;
    }
    if (++this.#inMinute !== this.#limits.slowPerMinute) return undefined;
    return { event: 'degraded', text: 'spool writes are slow', missing: 0, count: this.#inMinute };
  }
}
