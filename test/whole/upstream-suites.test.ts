import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';

import { compareSuite, SUITES } from '../../claims/experiments/upstream-suites.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';
import { installFolder } from '../../scripts/install-folder.mjs';

// The shortest suite; the claim runs them all.
const suite = SUITES.find(({ folder }) => folder === 'websocket');

test("every test of @fastify/websocket's own suite ends with the agent as without it", async () => {
  const node = auditedNodes().at(-1);
  assert.ok(suite !== undefined && node !== undefined);
  assert.ok(await installFolder(join(import.meta.dirname, '../../claims/fixtures/compat', suite.folder)));
  const result = await compareSuite(suite, node);
  assert.deepEqual(result.different, []);
  assert.ok(result.with.passed >= 60, `${result.with.passed} passed`);
  assert.equal(result.faults, 0);
  assert.ok(result.watched > 0 && result.spooled > 0);
});
