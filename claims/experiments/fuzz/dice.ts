/** Draws for one input: the same seed and number give the same input on every machine. */
import { createHash } from 'node:crypto';

/** Sixteen million draws of a run are too many for a hash each: SHA-256 of the seed begins a small fast generator (sfc32). */
export class Dice {
  readonly #state: Uint32Array;

  constructor(seed: string) {
    const digest = createHash('sha256').update(seed).digest();
    this.#state = Uint32Array.from([0, 4, 8, 12], (at) => digest.readUInt32LE(at));
    for (let warm = 0; warm < 12; warm += 1) this.#next();
  }

  /** An integer from 0 to below `limit`; 0 where there is nothing to choose from. */
  below(limit: number): number {
    return Math.floor((this.#next() / 2 ** 32) * limit);
  }

  /** @throws RangeError for an empty list */
  of<T>(list: ArrayLike<T>): T {
    if (list.length === 0) throw new RangeError('nothing to draw from: the list is empty');
    return list[this.below(list.length)] as T;
  }

  chance(share: number): boolean {
    return this.#next() / 2 ** 32 < share;
  }

  #next(): number {
    const state = this.#state;
    const [a = 0, b = 0, c = 0, counter = 0] = state;
    const sum = (a + b + counter) >>> 0;
    state[3] = counter + 1;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + sum;
    return sum;
  }
}
