/** Prints rows as one table whose columns line up: numbers to the right, words to the left. */

export type Cell = string | number;

/** Writes the heading, a rule and the rows to stdout. Every row has as many cells as the heading. */
export function printTable(heading: readonly string[], rows: readonly (readonly Cell[])[]): void {
  process.stdout.write(`${alignedTable(heading, rows)}\n`);
}

function alignedTable(heading: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => `${row[column]}`.length)));
  const toRight = heading.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'));
  const line = (cells: readonly Cell[]): string =>
    cells
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return toRight[column] === true ? `${cell}`.padStart(width) : `${cell}`.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  return [line(heading), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}
