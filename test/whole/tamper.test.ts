import assert from 'node:assert/strict';
import { test } from 'node:test';

import { tampering } from '../../claims/experiments/tampering.ts';
import { Checks } from '../../claims/output/checks.ts';

test('verify names the row that was changed and leaves the evidence as it was', async () => {
  const checks = new Checks();
  await tampering(checks);
  assert.deepEqual(checks.broken(), []);
});
