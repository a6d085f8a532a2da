import type { ReportJson } from '@outwitness/report';
import type { ReportAsked } from './make-report.ts';

/** How long a report answers those who ask the same, ms. */
const SHARED_MS = 1_000;
/** Different questions that are remembered. */
const MOST_QUESTIONS = 16;

interface Made {
  /** Rows there were when it was asked for. */
  readonly size: number;
  readonly at: number;
  readonly report: Promise<ReportJson>;
}

/**
 * One report for all who ask the same at the same time, such as pages that are all told of the same new row. While the
 * ledger does not grow it answers for a second; what it says of silence, age and settings is then at most so old.
 */
export class SharedReports {
  readonly #make: (asked: ReportAsked) => Promise<ReportJson>;
  readonly #size: () => Promise<number>;
  readonly #made = new Map<string, Made>();

  constructor(make: (asked: ReportAsked) => Promise<ReportJson>, size: () => Promise<number>) {
    this.#make = make;
    this.#size = size;
  }

  async report(asked: ReportAsked): Promise<ReportJson> {
    const question = JSON.stringify([asked.from, asked.to, asked.app]);
    const size = await this.#size();
    const known = this.#made.get(question);
    if (known?.size === size && Math.abs(Date.now() - known.at) < SHARED_MS) return known.report;
    const made = { size, at: Date.now(), report: this.#make(asked) };
    if (this.#made.size >= MOST_QUESTIONS) this.#made.clear();
    this.#made.set(question, made);
    made.report.catch(() => this.#made.delete(question));
    return made.report;
  }
}
