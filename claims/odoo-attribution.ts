/** Calls of addons and libraries are put down to the addon that made them: labelled sites of the Odoo add-on's attribution, row by row. */
import { labelledAddons, type LabelledRow } from './experiments/python-attribution.ts';
import { type Cell, printTable } from './output/table.ts';

const GRADES = ['right', 'weak', 'none', 'wrong', 'no-row'] as const;

const rows = await labelledAddons();
printGroups('per basis', (row) => row.basis);
printGroups('per owner', (row) => row.owner);
printGroups('owner', (row) => (row.off ? 'off the stack' : 'on the stack'));
for (const { site, owner, grade, named, at, basis } of rows.filter((row) => row.grade !== 'right'))
  process.stdout.write(`${grade}: ${site} ${named ?? 'nobody'} (${basis}) at ${at ?? '-'}: expected ${owner}\n`);
const wrong = rows.filter(({ grade }) => grade === 'wrong' || grade === 'no-row');
const missed = rows.filter(({ off, grade }) => !off && grade !== 'right');
process.stdout.write(
  `${rows.length} sites, ${wrong.length} wrong or without a row, ${missed.length} on the stack not right\n`,
);
process.exitCode = rows.length >= 60 && wrong.length === 0 && missed.length === 0 ? 0 : 1;

function printGroups(title: string, key: (row: LabelledRow) => string): void {
  const lines = [...new Set(rows.map(key))].toSorted().map((name): Cell[] => {
    const group = rows.filter((row) => key(row) === name);
    return [name, group.length, ...GRADES.map((grade) => group.filter((row) => row.grade === grade).length)];
  });
  printTable([title, 'rows', ...GRADES], lines);
  process.stdout.write('\n');
}
