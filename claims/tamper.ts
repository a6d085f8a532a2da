/**
 * Whatever is changed in a ledger, its notes, keys, schema, bundles and proofs, `verify` names: each experiment has its
 * exact verdict, findings and rows, on the data directory and through an exported bundle.
 *
 * Exit code: 0 when all of it held, else 1.
 */
import * as node from '../packages/verifier/dist/index.js';
import { judge, prepareAll } from './experiments/tamper/run.ts';
import { tampering } from './experiments/tampering.ts';
import { Checks } from './output/checks.ts';
import { printTable } from './output/table.ts';
import { temporaryFolder } from './system/temporary-folder.ts';

const checks = new Checks();
using folder = temporaryFolder('tamper');
const { prepared } = await prepareAll(folder.path);
const lines: string[][] = [];
let wrong = 0;
for (const input of prepared) {
  const said = await judge(node, input);
  if (said !== input.expected) wrong += 1;
  const verdict = said === input.expected ? said : `${said} (expected ${input.expected})`;
  lines.push([input.what, input.by, input.input, verdict, said === input.expected ? 'yes' : 'NO']);
}
printTable(['experiment', 'by', 'input', 'verifier on Node: verdict, findings by row', 'held'], lines);
process.stdout.write('\n');
checks.record('experiments', new Set(prepared.map(({ what }) => what)).size, '>= 50', prepared.length >= 50);
checks.record('inputs', prepared.length, '', true);
checks.equal('of them judged otherwise than expected', wrong, 0);
await tampering(checks);
checks.print();
