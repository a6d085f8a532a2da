import { ApiError } from './errors.ts';
import { LIMITS } from './limits.ts';

/** Makes an address that sent too many wrong tokens wait. */
export class GuessLimit {
  /** Address to the times of its wrong tokens within the window. */
  readonly #wrong = new Map<string, number[]>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @throws ApiError `too-many-guesses` */
  check(address: string): void {
    const times = this.#recent(address);
    const first = times[0];
    if (first === undefined || times.length < LIMITS.guesses) return;
    const retryAfter = Math.ceil((first + LIMITS.guessWindowMs - this.#now()) / 1000);
    throw new ApiError(
      'too-many-guesses',
      `${times.length} wrong tokens within a minute from ${address}. Try again in ${retryAfter} s.`,
      { retryAfter },
    );
  }

  wrong(address: string): void {
    const times = [...this.#recent(address), this.#now()];
    this.#wrong.delete(address);
    if (this.#wrong.size >= LIMITS.guessers) this.#wrong.delete(this.#wrong.keys().next().value ?? '');
    this.#wrong.set(address, times);
  }

  #recent(address: string): number[] {
    const since = this.#now() - LIMITS.guessWindowMs;
    return (this.#wrong.get(address) ?? []).filter((time) => time > since);
  }
}
