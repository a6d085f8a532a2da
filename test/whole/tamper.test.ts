import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { judge, prepareAll } from '../../claims/experiments/tamper/run.ts';
import { EXPERIMENTS } from '../../claims/experiments/tamper/table.ts';
import { tampering } from '../../claims/experiments/tampering.ts';
import { Checks } from '../../claims/output/checks.ts';
import { temporaryFolder } from '../../claims/system/temporary-folder.ts';
import * as verifier from '../../packages/verifier/src/index.ts';

/** The claim runs all of them; here each of so many, another part of them on each day of the month. */
const ONE_IN = process.env['OUTWITNESS_LONG'] === undefined ? 8 : 1;
const PART = new Date().getDate() % ONE_IN;
const folder = temporaryFolder('tamper-test');
after(() => folder[Symbol.dispose]());

test(`attacks on a ledger are judged as expected (part ${PART} of ${ONE_IN})`, async () => {
  const some = EXPERIMENTS.filter((_, at) => at % ONE_IN === PART);
  const { prepared } = await prepareAll(folder.path, some);
  assert.ok(prepared.length >= some.length && some.length > 30);
  for (const input of prepared) {
    assert.equal(await judge(verifier, input), input.expected, `${input.what}, ${input.input} ${input.path}`);
  }
});

test('verify names the row that was changed and leaves the evidence as it was', async () => {
  const checks = new Checks();
  await tampering(checks);
  assert.deepEqual(checks.broken(), []);
});
