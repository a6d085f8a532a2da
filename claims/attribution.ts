/**
 * Every call is put down to the package that made it: labelled call sites of real clients and forms, judged row by row.
 *
 *   npm run claim -- attribution [--only PATTERN] [--node PATH]… [--all]
 *
 * Then two packages share one destination at 5,000 calls a second: after how many of its calls is the second one named?
 *
 * --only: sites whose form or name matches; --node: audit on these programs instead of those found here; --all: print each row that is not right.
 *
 * Exit code: 0 when on each Node nothing is wrong on basis `stack`, at most 1 % on each other basis, and on Node 24 and
 * later at least 95 % is right, and the second package is named after a median of at most 100 of its calls; else 1.
 */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

import { layClients } from '../test/attribution/application.ts';
import { type Judged, listSites, runSites } from '../test/attribution/corpus.ts';
import { runSharing } from '../test/attribution/sharing.ts';
import { printTable, type Cell } from './output/table.ts';
import { auditedNodes } from './system/node-binaries.ts';

const {
  only,
  node: asked,
  all,
} = parseArgs({
  options: {
    only: { type: 'string' },
    node: { type: 'string', multiple: true },
    all: { type: 'boolean', default: false },
  },
}).values;
const GRADES = ['right', 'weak', 'unattributed', 'wrong', 'no-row'] as const;
const HEADING = ['', 'rows', ...GRADES];

const application = await layClients();
let held = true;
for (const path of asked ?? auditedNodes().map((binary) => binary.path)) {
  const version = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.trim().slice(1);
  const pattern = new RegExp(only ?? '');
  const sites = listSites(path, application).filter((site) => pattern.test(`${site.package} ${site.site}`));
  const off = sites.filter((site) => site.off).length;
  process.stdout.write(`\nNode ${version}: ${sites.length} sites, ${off} with the owner off the stack\n\n`);
  const judged = await runSites(path, application, sites);
  printGroups('per basis', judged, (row) => row.basis || '(no row)');
  printGroups('per form', judged, (row) => row.package);
  printGroups('owner', judged, (row) => (row.off ? 'off the stack' : 'on the stack'));
  const problems = judged.filter((row) => row.grade !== 'right');
  for (const { package: form, site, grade, basis, named, at, owner } of all ? problems : problems.filter(isWrong))
    process.stdout.write(
      `${grade}: ${form} / ${site}: ${named ?? 'nobody'} by ${basis} at ${at ?? '-'}: expected ${owner}\n`,
    );
  held = holds(judged, Number.parseInt(version, 10)) && held;
}
held = printSharing() && held;
process.exitCode = held ? 0 : 1;

function printSharing(): boolean {
  process.stdout.write(
    '\nTwo packages, one destination, 5,000 calls/s, adaptive: calls of the second until it is named\n\n',
  );
  let sharingHeld = true;
  const lines = [1, 2, 10, 50].map((oneIn): Cell[] => {
    const { median, most, calls, wrong } = runSharing({ perSecond: 5000, oneIn, runs: 501 });
    sharingHeld &&= median <= 100 && wrong === 0;
    return [`1 in ${oneIn}`, calls.length, median, calls[Math.floor(calls.length * 0.95)] ?? '', most, wrong];
  });
  printTable(['its share', 'runs', 'median', '95th of 100', 'most', 'first one wrong'], lines);
  if (!sharingHeld)
    process.stdout.write(
      'NOT HELD: expected a median of at most 100, and no call of the first package named otherwise\n',
    );
  return sharingHeld;
}

function isWrong({ grade }: Judged): boolean {
  return grade === 'wrong' || grade === 'no-row';
}

function printGroups(title: string, judged: readonly Judged[], groupOf: (row: Judged) => string): void {
  const groups = grouped(judged, groupOf);
  const lines: Cell[][] = [...groups]
    .toSorted(([a], [b]) => a.localeCompare(b, 'en'))
    .map(([name, rows]) => counts(name, rows));
  printTable([title, ...HEADING.slice(1)], [...lines, counts('all', judged)]);
  process.stdout.write('\n');
}

function grouped(judged: readonly Judged[], groupOf: (row: Judged) => string): Map<string, Judged[]> {
  const groups = new Map<string, Judged[]>();
  for (const row of judged) groups.set(groupOf(row), [...(groups.get(groupOf(row)) ?? []), row]);
  return groups;
}

function counts(name: string, rows: readonly Judged[]): Cell[] {
  return [name, rows.length, ...GRADES.map((grade) => rows.filter((row) => row.grade === grade).length)];
}

/** What DESIGN asks, said line by line where it fails. */
function holds(judged: readonly Judged[], major: number): boolean {
  const failures: string[] = [];
  for (const [basis, rows] of grouped(judged, (row) => row.basis)) {
    const wrong = rows.filter(isWrong).length;
    const most = basis === 'stack' ? 0 : Math.floor(rows.length / 100);
    if (wrong > most)
      failures.push(`basis ${basis || '(no row)'}: ${wrong} wrong of ${rows.length}: expected at most ${most}`);
  }
  const right = judged.filter(({ grade }) => grade === 'right').length / judged.length;
  const share = `${(right * 100).toFixed(1)} % right`;
  process.stdout.write(`${share}\n`);
  if (major >= 24 && right < 0.95) failures.push(`${share}: expected at least 95 % on Node 24 and later`);
  for (const failure of failures) process.stdout.write(`NOT HELD: ${failure}\n`);
  return failures.length === 0;
}
