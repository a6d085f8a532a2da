import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { VECTORS, vectors } from '../../../scripts/vectors.ts';
import { verify } from './support/verify.ts';

test('the committed vectors are what scripts/vectors.ts makes', async () => {
  const made = await vectors();
  assert.deepEqual(readdirSync(VECTORS).toSorted(), [...made.keys()].toSorted());
  for (const [name, content] of made)
    assert.equal(
      readFileSync(join(VECTORS, name), 'utf8'),
      content,
      `${name}: run node scripts/vectors.ts and look at the difference`,
    );
});

test('the verifier accepts the ledger of the vectors under its key', () => {
  const pin = readFileSync(join(VECTORS, 'log.vkey'), 'utf8').trim();
  const codes = (name: string): unknown[] => {
    const { exit, findings } = verify(join(VECTORS, name), '--pin', pin);
    return [exit, ...findings.map((finding) => finding.code)];
  };
  assert.deepEqual(codes('whole.outwitness'), [0]);
  assert.deepEqual(codes('range.outwitness'), [12, 'subset']);
  assert.deepEqual(codes('row.tlog-proof'), [12, 'subset']);
});
