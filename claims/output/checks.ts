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

  /** Prints the same checks made on several things as one table, with a column for each. */
  static printSideBySide(columns: ReadonlyMap<string, Checks>): void {
    const all = [...columns.values()].map((checks) => checks.#rows);
    const lines = (all[0] ?? []).map(([what = ''], i) => {
      const cells = all.map((rows) => rows[i] ?? ['', '(missing)', '', 'NO']);
      const expected = [...new Set(cells.map(([, , wanted]) => wanted))].join(' or ');
      const held = cells.every(([, , , holds]) => holds === 'yes') ? 'yes' : 'NO';
      return [what, ...cells.map(([, value = '']) => value), expected, held];
    });
    printTable(['what', ...columns.keys(), 'expected', 'held'], lines);
    const held = [...columns.values()].every((checks) => checks.held);
    process.exitCode = held && lines.length > 0 ? 0 : 1;
  }
}
