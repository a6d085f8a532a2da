/**
 * What the Python agent costs: CPU per call with and without it, of `requests`, of `httpx`, and of `/web/login` on a real Odoo.
 *
 *   npm run claim -- odoo-overhead [--batches N] [--write]
 *
 * --batches: of 10 calls each with and without the agent, in turn (default 200); --write: puts the figures into docs/benchmarks.md. For the login: `ODOO_BIN` or `ODOO_PATH`, as for the claim `odoo`; without one that line is not measured, which is said, and the claim does not hold.
 *
 * A line holds if each call has its row, the ledger verifies, and what is added in the least disturbed tenth of the batches is within the budget: other work on the machine only ever adds. Exit code: 0 when all lines hold, else 1.
 */
import { parseArgs } from 'node:util';

import { machine, tableOf, writeSection } from '../benchmarks/document.ts';
import { ODOO_ENVIRONMENT } from './system/odoo-server.ts';
import { loginCost, outboundCost, type PythonCost } from './experiments/python-overhead.ts';
import { printTable, type Cell } from './output/table.ts';

const CALLS = 10;
const { batches: asked, write } = parseArgs({
  options: { batches: { type: 'string', default: '200' }, write: { type: 'boolean', default: false } },
}).values;
const batches = Number(asked);
if (!Number.isSafeInteger(batches) || batches < 10) {
  process.stderr.write(`--batches: expected a whole number >= 10, got ${JSON.stringify(asked)}\n`);
  process.exit(2);
}

const HEADING = [
  'work',
  'without, µs',
  'with, µs',
  'added',
  'least tenth without',
  'with',
  'added',
  'goal',
  'calls',
  'rows',
  'held',
];
const lines: Cell[][] = [];
let held = true;
add('requests, a session', await outboundCost('requests', batches, CALLS), () => 60);
add('httpx, a client', await outboundCost('httpx', batches, CALLS), () => 80);
if (process.env['ODOO_BIN'] === undefined && process.env['ODOO_PATH'] === undefined) {
  lines.push(['GET /web/login of Odoo', 'not measured: no Odoo was given', ...Array<Cell>(8).fill(''), 'NO']);
  process.stderr.write(`No Odoo was given: expected ${ODOO_ENVIRONMENT}. Set one of them and run this again.\n`);
  held = false;
} else {
  add(
    'GET /web/login of Odoo',
    await loginCost(Math.max(10, Math.ceil(batches / 4)), CALLS),
    (without) => 0.03 * without,
  );
}
printTable(HEADING, lines);
if (write)
  writeSection(
    'The Python agent',
    `Written by \`npm run claim -- odoo-overhead --write\`: µs of CPU per call, user and system, of the audited process with all its threads.

${tableOf(HEADING, lines)}

- The same program with the agent and without it, in turn, ${batches} batches of ${CALLS} calls each (of Odoo a quarter of them); the first figures are medians, the others those of the tenth of the batches that took least, since what else runs on the machine only ever adds.
- No two outbound calls go to the same URL. The server on the other side and the collector are not in these figures.
- A line holds only if each call has its row, the ledger verifies, and what the least tenth adds is within the goal.

${machine()}`,
  );
process.exitCode = held ? 0 : 1;

function add(
  what: string,
  { without, audited, requests, rows, verifyExit }: PythonCost,
  goalOf: (without: number) => number,
): void {
  const [median, medianWith] = [at(without, 0.5), at(audited, 0.5)];
  const [least, leastWith] = [at(without, 0.1), at(audited, 0.1)];
  const goal = goalOf(least);
  const holds = rows === requests && verifyExit === 10 && leastWith - least <= goal;
  held &&= holds;
  const figures = [median, medianWith, medianWith - median, least, leastWith, leastWith - least, goal];
  lines.push([what, ...figures.map((figure) => figure.toFixed(0)), requests, rows, holds ? 'yes' : 'NO']);
}

function at(figures: readonly number[], part: number): number {
  return figures.toSorted((a, b) => a - b)[Math.floor(figures.length * part)] ?? Number.NaN;
}
