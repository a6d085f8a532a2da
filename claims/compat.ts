/**
 * Whole test suites of other packages pass and fail alike with and without the agent.
 *
 *   npm run claim -- compat [--suite NAME]… [--nodes]
 *
 * Exit code: 0 when all of it held, else 1.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { installFolder } from '../scripts/install-folder.mjs';
import { compareSuite, type Counts, SUITES } from './experiments/upstream-suites.ts';
import { printTable, type Cell } from './output/table.ts';
import { auditedNodes } from './system/node-binaries.ts';

const { suite: asked } = parseArgs({ options: { suite: { type: 'string', multiple: true } } }).values;
const suites = SUITES.filter(({ folder }) => asked === undefined || asked.includes(folder));
if (suites.length === 0) {
  process.stderr.write(
    `--suite: expected one of ${SUITES.map(({ folder }) => folder).join(', ')}, got ${asked?.join()}\n`,
  );
  process.exit(2);
}
const lines: Cell[][] = [];
const notes: string[] = [];
let held = true;
for (const suite of suites) {
  if (!(await installFolder(join(import.meta.dirname, 'fixtures/compat', suite.folder)))) process.exit(1);
  for (const [file, why] of Object.entries(suite.leftOut ?? {}))
    notes.push(`${suite.package}: without ${file}: it ${why}`);
  for (const node of auditedNodes()) {
    const result = await compareSuite(suite, node);
    const same =
      result.different.length === 0 && result.faults === 0 && result.without.passed > 0 && result.spooled > 0;
    held &&= same;
    const where = `${result.package} on ${node.name}`;
    for (const test of result.failures) notes.push(`${where}: fails without the agent too: ${test}`);
    for (const test of result.different) notes.push(`${where}: DIFFERENT without | with: ${test}`);
    if (result.again.length > 0)
      notes.push(`${where}: run again, since it ended differently at first: ${result.again.join(', ')}`);
    lines.push([
      `${result.package} ${result.version}`,
      node.name,
      shown(result.without),
      shown(result.with),
      result.failures.length,
      result.watched,
      (result.spooled / 1_048_576).toFixed(1),
      result.faults,
      same ? 'yes' : 'NO',
    ]);
  }
}
printTable(
  ['suite', 'on', 'without', 'with', 'same failures', 'threads watched', 'MiB spooled', 'faults', 'held'],
  lines,
);
process.stdout.write(`pass/fail/skip of each; all tests are compared by file and name.\n${notes.join('\n')}\n`);
process.exitCode = held ? 0 : 1;

function shown({ passed, failed, skipped }: Counts): string {
  return `${passed}/${failed}/${skipped}`;
}
