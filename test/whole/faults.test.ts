import assert from 'node:assert/strict';
import { test } from 'node:test';

import { held, injectedFaults } from '../../claims/experiments/injected-faults.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';

// Newest first: the others are the claim's.
const node = auditedNodes().at(-1);

test('a fault in any guard of the watcher changes no byte of the traffic, is counted, and is a gap row', async () => {
  assert.ok(node !== undefined);
  const { faults, untried, messagesKept, verifyExit } = await injectedFaults(node);
  assert.deepEqual(
    faults.filter((fault) => !held(fault)),
    [],
  );
  assert.ok(faults.length > 80, `${faults.length} faults`);
  assert.deepEqual(untried, []);
  assert.equal(messagesKept, 0);
  assert.equal(verifyExit, 10);
});
