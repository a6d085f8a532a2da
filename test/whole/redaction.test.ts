import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nodePlanter, plantedSecrets } from '../../claims/experiments/planted-secrets.ts';
import { Checks } from '../../claims/output/checks.ts';
import { pinnedNode } from '../../claims/system/node-binaries.ts';

test('secrets of two shapes in every place that takes text remain only where the documentation says so', async () => {
  const checks = new Checks();
  await plantedSecrets(nodePlanter(pinnedNode()), 'default', checks, ['hex', 'word']);
  assert.deepEqual(checks.broken(), []);
});

test('in strict mode they remain nowhere but in host names and program text', async () => {
  const checks = new Checks();
  await plantedSecrets(nodePlanter(pinnedNode()), 'strict', checks, ['uuid', 'word']);
  assert.deepEqual(checks.broken(), []);
});
