/**
 * Whatever fails inside the Python agent stays there: a fault in each of its guards changes no byte, is counted, and is a row; 2,000 requests over pools are the same bytes with and without it.
 *
 * Exit code: 0 when all of it held, else 1.
 */
import { missingFor } from './experiments/python-channels.ts';
import { pythonFaults } from './experiments/python-faults.ts';
import { sameBytes } from './experiments/same-bytes.ts';
import { Checks } from './output/checks.ts';
import { printTable } from './output/table.ts';

const missing = missingFor('gevent-after');
if (missing !== undefined) {
  process.stderr.write(`expected ${missing} for this Python, found none: install it or set ODOO_PYTHON\n`);
  process.exit(1);
}
const { faults, untried, messagesKept, verifyExit } = await pythonFaults(1, true);
printTable(
  ['guard', 'fired', 'traffic identical', 'counted', 'gap row', 'held'],
  faults.map((fault) => [
    fault.guard,
    fault.fired,
    fault.differs === '' ? 'yes' : `NO: ${fault.differs.slice(0, 200)}`,
    fault.counted ? 'yes' : 'NO',
    fault.row ? 'yes' : 'NO',
    held(fault) ? 'yes' : 'NO',
  ]),
);
process.stdout.write(
  `${faults.length} guards; without a fault: ${untried.join(', ') || 'none'}; rows with a message of an error: ${messagesKept}; verify: ${verifyExit}\n`,
);
const checks = new Checks();
await sameBytes(2000, checks);
checks.print();
const all = checks.held && faults.length > 0 && untried.length === 0 && messagesKept === 0 && verifyExit === 10;
process.exitCode = all && faults.every(held) ? 0 : 1;

function held({ fired, differs, counted, row }: (typeof faults)[number]): boolean {
  return fired > 0 && differs === '' && counted && row;
}
