/**
 * How fast the ledger is: collector, append, verifier, proofs and screens at many rows, beside their budgets.
 *
 *   npm run claim -- ledger-speed [--rows N] [--rounds N] [--calls N] [--seed N] [--write]
 *
 * --rows: size of the ledger, in a temporary folder (default 200,000, about ten minutes; 10000000 takes hours and 40 GiB);
 * it is also measured at a tenth and a hundredth. --calls: for the collector (default 120,000: a minute at 2,000 a
 * second). --rounds: runs of the verifier (default 3). --write: puts the figures into docs/benchmarks.md.
 *
 * Budgets stand beside and are not enforced, since machines differ. Exit code: 0 when each call had its row, each
 * ledger verified, and an interrupted verifier ended within a second and left all files as they were, else 1.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { appendRatio } from '../benchmarks/ledger-speed/append-ratio.ts';
import { type Figure, HEADING, lineOf } from '../benchmarks/ledger-speed/figures.ts';
import { interruptedVerify } from '../benchmarks/ledger-speed/interrupted-verify.ts';
import { proofTime } from '../benchmarks/ledger-speed/proof-time.ts';
import { RecordedLedger } from '../benchmarks/ledger-speed/recorded-ledger.ts';
import { servedScreens } from '../benchmarks/ledger-speed/served-screens.ts';
import { sustained } from '../benchmarks/ledger-speed/sustained.ts';
import { verifyCost, type VerifyCost, verifyFigures } from '../benchmarks/ledger-speed/verify-cost.ts';
import { writeLedgerSpeed } from '../benchmarks/ledger-speed/document.ts';
import { Checks } from './output/checks.ts';
import { progressLine } from './output/progress.ts';
import { printTable } from './output/table.ts';
import { temporaryFolder } from './system/temporary-folder.ts';

const PER_SECOND = 2000;
const BATCH = 100;
/** Rows of one commit of the great ledger: what a busy collector takes over in a turn. */
const GREAT_BATCH = 500;
const PACE_US = 60_000;
const MOMENTS = [0.1, 0.5, 0.9];

const { write, ...asked } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    calls: { type: 'string', default: '120000' },
    rounds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
}).values;
for (const [name, value] of Object.entries(asked)) {
  if (/^[1-9]\d{0,8}$/.test(value)) continue;
  process.stderr.write(`--${name}: expected a whole number >= 1, got ${JSON.stringify(value)}\n`);
  process.exit(2);
}
const [rows, calls, rounds, seed] = [asked.rows, asked.calls, asked.rounds, asked.seed].map(Number) as [
  number,
  number,
  number,
  number,
];
if (rows < 10_000) {
  process.stderr.write(`--rows: expected at least 10000, got ${rows}: a hundredth of it is measured too\n`);
  process.exit(2);
}
process.stdout.write(`Seed ${seed}: the same calls in every run.\n`);
const checks = new Checks();
const figures: Figure[] = [...(await collecting()), ...(await appending()), ...(await atManyRows())];
printTable(HEADING, figures.map(lineOf));
process.stdout.write('\n');
checks.print();
if (write && checks.held) writeLedgerSpeed(figures, { seed, rounds });

async function collecting(): Promise<Figure[]> {
  using folder = temporaryFolder('ledger-speed');
  const paced = { data: join(folder.path, 'paced'), seed, perSecond: PER_SECOND, calls };
  const full = { data: join(folder.path, 'full'), seed, perSecond: 0, calls };
  return [...(await sustained(paced, checks)), ...(await sustained(full, checks))];
}

async function appending(): Promise<Figure[]> {
  using folder = temporaryFolder('ledger-speed');
  const plan = { folder: folder.path, seed, began: Date.now() * 1000, batch: BATCH };
  return await appendRatio(new RecordedLedger(plan), Math.min(rows, 20_000));
}

async function atManyRows(): Promise<Figure[]> {
  using folder = temporaryFolder('ledger-speed');
  // Its newest row is as old as this run is long, so that the report of the newest day has something to show.
  const began = Date.now() * 1000 - rows * PACE_US;
  const ledger = new RecordedLedger({ folder: folder.path, seed, began, batch: GREAT_BATCH });
  const show = progressLine('rows');
  const costs: VerifyCost[] = [];
  for (const size of [rows / 100, rows / 10, rows].map(Math.ceil)) {
    await ledger.grow(size, (_, now) => show(Math.min(now, rows), rows));
    costs.push(await verifyCost(folder.path, size, size > 1_000_000 ? 1 : rounds));
  }
  const proof = await proofTime(folder.path, seed);
  await interruptedVerify(folder.path, MOMENTS, checks);
  return [...verifyFigures(costs), proof, ...(await servedScreens(folder.path, rows))];
}
