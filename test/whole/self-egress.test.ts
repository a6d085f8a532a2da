import assert from 'node:assert/strict';
import { test } from 'node:test';

import { droppedTrigger, editedLeaf, patchedBuild, stoppedAgent } from '../../claims/experiments/warnings.ts';

const LONG = process.env['OUTWITNESS_LONG'] === '1';

test('a build whose server sends one request raises the alarm', async () => {
  const { before, after, seconds } = await patchedBuild();
  assert.notEqual(before.verdict, 'alarm');
  assert.ok(seconds !== undefined, `no reason self-egress, but ${JSON.stringify(after.reasons)}`);
  assert.equal(after.verdict, 'alarm');
});

const DEEDS = { 'a dropped trigger': droppedTrigger, 'an edited leaf': editedLeaf, 'a stopped agent': stoppedAgent };
for (const [what, deed] of Object.entries(DEEDS)) {
  test(`${what} changes chip and verdict`, { skip: LONG ? false : 'takes a minute: OUTWITNESS_LONG=1' }, async () => {
    const { before, after, seconds } = await deed();
    assert.ok(seconds !== undefined, `not shown, but ${JSON.stringify(after.reasons)}`);
    assert.notEqual(before.verdict, after.verdict);
  });
}
