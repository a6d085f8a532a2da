/** Numbers that are the same on every machine for one seed. */

export interface SeededRandom {
  /** In [0, 1). */
  fraction(): number;
  /** Integer in [0, below). */
  below(limit: number): number;
  oneOf<T>(list: readonly T[]): T;
  /** `digits` hex digits. */
  hex(digits: number): string;
  /** Positive, most of them near `median`, a few far above. */
  size(median: number): number;
}

/** splitmix32: 32 bits of state, each step mixed by two multiplications. */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  const fraction = (): number => next() / 2 ** 32;
  const below = (limit: number): number => Math.floor(fraction() * limit);
  return {
    fraction,
    below,
    oneOf: (list) => {
      const one = list[below(list.length)];
      if (one === undefined) throw new RangeError('nothing to choose from');
      return one;
    },
    hex: (digits) => {
      let text = '';
      while (text.length < digits) text += next().toString(16).padStart(8, '0');
      return text.slice(0, digits);
    },
    // The sum of four fractions is nearly a bell: its exponential has the long tail that sizes and durations have.
    size: (median) => Math.ceil(median * Math.exp(2.2 * (fraction() + fraction() + fraction() + fraction() - 2))),
  };
}
