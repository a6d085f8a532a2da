/**
 * Whatever is changed in a ledger, its notes, keys, schema, bundles and proofs, `verify` names: each experiment has its
 * exact verdict, findings and rows, on the data directory and through an exported bundle, on Node and in a browser.
 *
 *   npm run claim -- tamper [--only TEXT]     only the experiments whose name holds the text
 *
 * Exit code: 0 when all of it held, else 1.
 */
import { parseArgs } from 'node:util';

import * as node from '../packages/verifier/dist/index.js';
import { judgeInBrowser } from './experiments/tamper/in-browser.ts';
import { judge, prepareAll } from './experiments/tamper/run.ts';
import { EXPERIMENTS } from './experiments/tamper/table.ts';
import { tampering } from './experiments/tampering.ts';
import { Checks } from './output/checks.ts';
import { printTable } from './output/table.ts';
import { temporaryFolder } from './system/temporary-folder.ts';

const { only } = parseArgs({ options: { only: { type: 'string' } } }).values;
const checks = new Checks();
using folder = temporaryFolder('tamper');
const { prepared } = await prepareAll(
  folder.path,
  EXPERIMENTS.filter(({ what }) => only === undefined || what.includes(only)),
);
const inBrowser = await judgeInBrowser(prepared);
const judged = inBrowser instanceof Map ? inBrowser : new Map<unknown, string>();
/** By what is printed: how many inputs say the same. */
const lines = new Map<string, number>();
let [wrong, wrongInBrowser] = [0, 0];
for (const input of prepared) {
  const { what, by, expected } = input;
  const said = await judge(node, input);
  const saidInBrowser = judged.get(input);
  if (said !== expected) wrong += 1;
  if (saidInBrowser !== undefined && saidInBrowser !== expected) wrongInBrowser += 1;
  const onNode = said === expected ? said : `${said} (expected ${expected})`;
  const shown = saidInBrowser === undefined ? '-' : saidInBrowser === said ? 'the same' : saidInBrowser;
  const held = said === expected && (saidInBrowser ?? said) === said;
  const line = JSON.stringify([what, by, input.input, onNode, shown, held ? 'yes' : 'NO']);
  lines.set(line, (lines.get(line) ?? 0) + 1);
}
printTable(
  ['experiment', 'by', 'input', 'verifier on Node: verdict, findings by row', 'in a browser', 'held', 'inputs'],
  [...lines].map(([line, count]) => [...(JSON.parse(line) as string[]), count]),
);
process.stdout.write('\n');
if (only === undefined) {
  const experiments = new Set(prepared.map(({ what }) => what)).size;
  checks.record('experiments', experiments, '>= 50', experiments >= 50);
}
checks.record('inputs judged on Node', prepared.length, '', true);
checks.equal('of them judged otherwise than expected', wrong, 0);
if (inBrowser instanceof Map) {
  checks.record('inputs judged in a browser', inBrowser.size, '', true);
  checks.equal('of them judged otherwise than expected', wrongInBrowser, 0);
}
if (only === undefined) await tampering(checks);
checks.print();
if (!(inBrowser instanceof Map)) process.stdout.write(`skipped: the column of the browser: ${inBrowser.skipped}\n`);
