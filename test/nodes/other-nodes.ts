/** The agent supports older and newer versions of Node than the one that the tests run on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { auditedNodes, nodeOf, pinnedNode } from '../../claims/system/node-binaries.ts';
import { agentSideTests } from './agent-side.ts';

/** Declares, for each other Node of this machine, a test that runs all tests of a package on it. */
export function testOnOtherNodes(folder: string, atLeast: number): void {
  const others = auditedNodes().filter(({ version }) => version !== pinnedNode().version);
  const oldest = nodeOf('20');
  test(
    'the machine has the oldest Node that the agent supports',
    { skip: typeof oldest === 'string' && oldest },
    () => {
      assert.ok(others.some(({ version }) => version.startsWith('20.')));
    },
  );
  for (const node of others) {
    test(`every test of ${folder} passes on ${node.name} too`, async (context) => {
      const results = await agentSideTests(node, [folder]);
      const failed = results.filter(({ ended }) => ended === 'failed');
      context.diagnostic(`${results.length} tests on ${node.name}`);
      assert.deepEqual(
        failed.map(({ name, why }) => `${name}: ${why}`),
        [],
      );
      assert.ok(results.length > atLeast, `${results.length} tests`);
    });
  }
}
