/** One thing of Node's that the watcher stands on. */
interface Expectation {
  readonly what: string;
  readonly holds: () => boolean;
}

/**
 * What the watcher stands on, looked at from time to time: locked internals still give its wrappers, Node's channels still tell its subscribers. Public functions are left out: tools replace them by right.
 */
export class Footing {
  #expected: Expectation[] = [];

  expect(what: string, holds: () => boolean): void {
    this.#expected.push({ what, holds });
  }

  /** What does not hold any more, each told once. */
  lost(): string[] {
    // Without a method of lists: one that was replaced for good must not have the last word.
    const lost: string[] = [];
    const kept: Expectation[] = [];
    for (let i = 0; i < this.#expected.length; i++) {
      const one = this.#expected[i] as Expectation;
      if (one.holds()) kept[kept.length] = one;
      else lost[lost.length] = one.what;
    }
    this.#expected = kept;
    return lost;
  }

  forget(): void {
    this.#expected = [];
  }
}
