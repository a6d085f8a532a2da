import type { Attributor, CallKey, Origin } from '@outwitness/interceptor';
import { KnownCallers } from './known-callers.ts';

/** Walks that are spent without a question in each window. */
const FREE_WALKS = 20;
const WINDOW_US = 100_000;
/** Above them one call in so many is walked all the same, whoever's turn it is. */
const ONE_IN = 32;

export interface AdaptiveWalksOptions {
  /** Walks the stack for each call. */
  exact: Attributor;
  /** µs, monotonic. */
  now: () => number;
  /** 0 to 255, not to be foretold. */
  randomByte: () => number;
}

/**
 * Walks the stack of every call while there are few, and of some of them while there are many (DESIGN, "Adaptive walks"). Every call has its record and its destination; what is reused, with basis `cached`, is the answer to who made it.
 *
 * A caller who hides behind another's calls of the same shape is seen by the first walk that falls on one of his: after 32 of them on average, wherever in the window they come. From then on calls of that shape are walked for ever.
 */
export class AdaptiveWalks implements Attributor {
  /** `false` walks for every call. */
  adaptive = true;
  readonly #exact: Attributor;
  readonly #now: () => number;
  readonly #randomByte: () => number;
  readonly #callers = new KnownCallers();
  #windowEnds = 0;
  #spent = 0;

  constructor({ exact, now, randomByte }: AdaptiveWalksOptions) {
    this.#exact = exact;
    this.#now = now;
    this.#randomByte = randomByte;
  }

  /** Shapes of calls that more than one caller makes, which are therefore always walked. */
  get mixed(): number {
    return this.#callers.mixed;
  }

  capture(entry: Function | undefined, key?: CallKey): Origin {
    if (!this.adaptive) return this.#exact.capture(entry);
    const caller = key === undefined ? undefined : this.#callers.of(key);
    if (caller?.reused !== undefined && this.#isSpent() && this.#randomByte() % ONE_IN !== 0) return caller.reused;
    this.#spend();
    const found = this.#exact.capture(entry);
    if (caller !== undefined) this.#callers.learn(caller, found);
    return found;
  }

  /** Servers are few: always walked. */
  listener(entry: Function | undefined): Origin {
    return this.#exact.listener?.(entry) ?? this.#exact.capture(entry);
  }

  loader(entry: Function | undefined): Origin {
    return this.#exact.loader?.(entry) ?? this.#exact.capture(entry);
  }

  handledBy(request: object): Origin | undefined {
    return this.#exact.handledBy?.(request);
  }

  inside(file: string): string {
    return this.#exact.inside?.(file) ?? file.slice(file.lastIndexOf('/') + 1);
  }

  #isSpent(): boolean {
    return this.#spent >= FREE_WALKS && this.#now() < this.#windowEnds;
  }

  #spend(): void {
    const now = this.#now();
    if (now >= this.#windowEnds) {
      this.#windowEnds = now + WINDOW_US;
      this.#spent = 0;
    }
    this.#spent++;
  }
}
