import assert from 'node:assert/strict';
import { test } from 'node:test';

import { killMany } from '../../claims/experiments/kills.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';

const WANTED = process.env['OUTWITNESS_LONG'] === '1' ? 50 : 3;

for (const victim of ['application', 'collector'] as const) {
  test(`SIGKILL of the ${victim} loses no call that has left and doubles none`, async () => {
    const kills = await killMany(victim, WANTED, auditedNodes());
    const counted = kills.filter(({ counts }) => counts);
    assert.ok(counted.length >= WANTED, `${counted.length} of ${kills.length} kills count, expected ${WANTED}`);
    for (const { point, missing, twice, verifyExit } of kills) {
      assert.deepEqual({ point, missing, twice, verifyExit }, { point, missing: [], twice: [], verifyExit: 10 });
    }
  });
}
