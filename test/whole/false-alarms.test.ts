import assert from 'node:assert/strict';
import { test } from 'node:test';

import { roughHandling } from '../../claims/experiments/rough-handling.ts';
import { isHarmless, killAtWritePoints } from '../../claims/experiments/write-points.ts';
import { Checks } from '../../claims/output/checks.ts';

const LONG = process.env['OUTWITNESS_LONG'] === '1';

test('a collector killed where it writes loses nothing and is no sign of an attack', async () => {
  const kills = await killAtWritePoints(LONG ? Infinity : 6);
  assert.ok(kills.length >= 6, `${kills.length} kills, expected 6 or more`);
  assert.deepEqual(
    kills.filter((kill) => !isHarmless(kill)),
    [],
  );
});

test('clocks, races, VACUUM and other pages are no sign of an attack', async (t) => {
  const checks = new Checks();
  const short = ['clock one day back', 'VACUUM', 'page size 16384'];
  const skipped = await roughHandling(checks, { lockedMs: 2_000, ...(LONG ? {} : { only: short }) });
  for (const reason of skipped) t.diagnostic(`left out: ${reason}`);
  assert.deepEqual(checks.broken(), []);
});
