import assert from 'node:assert/strict';
import { test } from 'node:test';

import { busyPort, fifteenCalls } from '../../claims/experiments/every-call-a-row.ts';
import { Checks } from '../../claims/output/checks.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';

for (const node of auditedNodes()) {
  test(`fifteen calls of four packages are fifteen rows with package, site and bytes on ${node.name}`, async () => {
    const checks = new Checks();
    await fifteenCalls(node, checks);
    assert.deepEqual(checks.broken(), []);
  });

  test(`raw connections beside a busy agent in two processes are counted as the server does on ${node.name}`, async () => {
    const checks = new Checks();
    await busyPort(node, checks);
    assert.deepEqual(checks.broken(), []);
  });
}
