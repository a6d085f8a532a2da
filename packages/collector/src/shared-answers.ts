/** How long one answers those who ask the same, ms. */
const SHARED_MS = 1_000;
/** Different questions that are remembered. */
const MOST_QUESTIONS = 16;

interface Made<Answer> {
  /** Rows there were when it was asked for. */
  readonly size: number;
  readonly at: number;
  readonly answer: Promise<Answer>;
}

/**
 * One report, or other count, for all who ask the same at the same time, such as pages that are all told of the same new
 * row. While the ledger does not grow it answers for a second; what it says of silence, age and settings is then at most
 * so old.
 */
export class SharedAnswers<Asked, Answer> {
  readonly #make: (asked: Asked) => Promise<Answer>;
  readonly #size: () => Promise<number>;
  readonly #made = new Map<string, Made<Answer>>();

  constructor(make: (asked: Asked) => Promise<Answer>, size: () => Promise<number>) {
    this.#make = make;
    this.#size = size;
  }

  async answer(asked: Asked): Promise<Answer> {
    const question = JSON.stringify(asked);
    const size = await this.#size();
    const known = this.#made.get(question);
    if (known?.size === size && Math.abs(Date.now() - known.at) < SHARED_MS) return known.answer;
    const made = { size, at: Date.now(), answer: this.#make(asked) };
    if (this.#made.size >= MOST_QUESTIONS) this.#made.clear();
    this.#made.set(question, made);
    made.answer.catch(() => this.#made.delete(question));
    return made.answer;
  }
}
