import assert from 'node:assert/strict';
import { test } from 'node:test';

import { witnessTiles } from '../../claims/experiments/witness-tiles.ts';
import { Checks } from '../../claims/output/checks.ts';

test('a witness proves rows and older checkpoints from the tiles that it fetches, and gets nothing else', async (t) => {
  const checks = new Checks();
  const skipped = await witnessTiles(checks);
  if (skipped !== '') t.diagnostic(`skipped: ${skipped}`);
  assert.deepEqual(checks.broken(), []);
});
