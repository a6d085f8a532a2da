import assert from 'node:assert/strict';
import { test } from 'node:test';

import { busyPort, fifteenCalls } from '../../claims/experiments/every-call-a-row.ts';
import { Checks } from '../../claims/output/checks.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';

const nodes = auditedNodes();
for (const node of nodes) {
  test(`fifteen calls of four packages are fifteen rows with package, site and bytes on ${node.name}`, async () => {
    const checks = new Checks();
    await fifteenCalls(node, checks);
    assert.deepEqual(checks.broken(), []);
  });
}

for (const node of process.env['OUTWITNESS_LONG'] === '1' ? nodes : nodes.slice(0, 1)) {
  test(`raw connections beside a busy agent in two processes are counted as the server does on ${node.name}`, async () => {
    const checks = new Checks();
    await busyPort(node, checks);
    assert.deepEqual(checks.broken(), []);
  });
}
