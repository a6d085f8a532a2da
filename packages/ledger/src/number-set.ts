/** Most separate runs that are remembered; see {@link NumberSet}. */
const MOST_RUNS = 256;

/**
 * The call or connection numbers that a writer has used, as runs. Numbers come nearly in order, so there is seldom more
 * than one run. Beyond {@link MOST_RUNS} the lowest hole counts as used: its numbers would be dropped as duplicates, which
 * is the safe side, and a hostile writer cannot make the set grow.
 */
export class NumberSet {
  /** Ascending, disjoint, not touching: [first, last, first, last …]. */
  readonly #runs: number[];

  constructor(runs: readonly string[] = []) {
    this.#runs = runs.flatMap((run) => run.split('-').map(Number));
  }

  get greatest(): number {
    return this.#runs.at(-1) ?? 0;
  }

  /** @returns false if the number was there already */
  add(number: number): boolean {
    const runs = this.#runs;
    let i = runs.length;
    while (i > 0 && (runs[i - 2] ?? 0) > number) i -= 2;
    if (i > 0 && number <= (runs[i - 1] ?? 0)) return false;
    const touchesLeft = i > 0 && runs[i - 1] === number - 1;
    const touchesRight = i < runs.length && runs[i] === number + 1;
    if (touchesLeft && touchesRight) runs.splice(i - 1, 2);
    else if (touchesLeft) runs[i - 1] = number;
    else if (touchesRight) runs[i] = number;
    else runs.splice(i, 0, number, number);
    if (runs.length > 2 * MOST_RUNS) runs.splice(1, 2);
    return true;
  }

  /** `first-last` of each run. */
  toRuns(): string[] {
    const texts: string[] = [];
    for (let i = 0; i < this.#runs.length; i += 2) texts.push(`${this.#runs[i]}-${this.#runs[i + 1]}`);
    return texts;
  }
}
