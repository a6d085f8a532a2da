/** What a claim measured, beside what it promises. */
import { printTable, type Cell } from './table.ts';

export class Checks {
  readonly #rows: Cell[][] = [];
  #held = true;

  get held(): boolean {
    return this.#held;
  }

  /** One line of the table. */
  record(what: string, value: Cell, expected: string, holds: boolean): void {
    this.#rows.push([what, `${value}`, expected, holds ? 'yes' : 'NO']);
    this.#held &&= holds;
  }

  equal(what: string, value: Cell, expected: Cell): void {
    this.record(what, value, `${expected}`, value === expected);
  }

  /** A figure that nothing is promised of. */
  note(what: string, value: Cell): void {
    this.#rows.push([what, `${value}`, '', '']);
  }

  /** Lines that did not hold, for the message of a failing test. */
  broken(): string[] {
    return this.#rows
      .filter(([, , , held]) => held === 'NO')
      .map(([what, value, expected]) => `${what}: ${value}, expected ${expected}`);
  }

  /** Prints the table; the process exits with 1 if a line did not hold. */
  print(): void {
    printTable(['what', 'value', 'expected', 'held'], this.#rows);
    process.exitCode = this.#held ? 0 : 1;
  }
}
