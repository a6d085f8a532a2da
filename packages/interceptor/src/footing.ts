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
    const lost = this.#expected.filter(({ holds }) => !holds());
    if (lost.length > 0) this.#expected = this.#expected.filter((one) => !lost.includes(one));
    return lost.map(({ what }) => what);
  }

  forget(): void {
    this.#expected = [];
  }
}
