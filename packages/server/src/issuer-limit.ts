import { ApiError } from './errors.ts';
import { LIMITS } from './limits.ts';

/** How often each issuer may ask: an issuer that was taken over must not fill the record. */
export class IssuerLimit {
  readonly #asked = new Map<string, number[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws ApiError `too-many-asked` */
  count(issuer: string): void {
    const now = this.#now();
    const times = (this.#asked.get(issuer) ?? []).filter((time) => time > now - LIMITS.issuerWindowMs);
    const [first = now] = times;
    if (times.length >= LIMITS.issuerAsks) {
      const retryAfter = Math.ceil((first + LIMITS.issuerWindowMs - now) / 1000);
      throw new ApiError(
        'too-many-asked',
        `${issuer} asked ${times.length} times within a minute. Try again in ${retryAfter} s.`,
        { retryAfter },
      );
    }
    this.#asked.set(issuer, [...times, now]);
  }
}
