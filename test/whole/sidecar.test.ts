import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { twoUsers } from '../../claims/experiments/two-users.ts';
import { Checks } from '../../claims/output/checks.ts';
import { auditedNodes } from '../../claims/system/node-binaries.ts';

for (const node of auditedNodes()) {
  test(
    `application and collector as two users: every request is a row, and nothing of the record is within reach on ${node.name}`,
    { skip: skipAsUser() },
    async () => {
      const checks = new Checks();
      await twoUsers(node, checks);
      assert.deepEqual(checks.broken(), []);
    },
  );
}

/** Needs a checkout that others may read. */
function skipAsUser(): string | false {
  if (process.getuid?.() !== 0) return 'only root can start programs as two users';
  const probe = spawnSync(process.execPath, ['--version'], { uid: 65_534, gid: 65_534, cwd: '/' });
  return probe.status === 0 ? false : 'another user cannot run this Node.js';
}
