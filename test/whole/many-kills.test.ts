import assert from 'node:assert/strict';
import { test } from 'node:test';

import { killManyTimes } from '../../claims/experiments/many-kills.ts';

const WANTED = process.env['OUTWITNESS_LONG'] === '1' ? 100 : 6;

test('kill after kill over one ledger loses no call, doubles none and leaves no ledger inconsistent', async () => {
  const ledgers = await killManyTimes(WANTED);
  const kills = ledgers.flatMap((ledger) => ledger.kills);
  assert.ok(kills.filter(({ served }) => served > 0).length >= WANTED, `${kills.length} kills`);
  for (const { doubled, inconsistent } of ledgers)
    assert.deepEqual({ doubled, inconsistent }, { doubled: 0, inconsistent: '' });
  for (const { victim, lost, inconsistent } of kills)
    assert.deepEqual({ victim, lost, inconsistent }, { victim, lost: 0, inconsistent: '' });
});
