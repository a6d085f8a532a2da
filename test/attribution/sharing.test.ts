import assert from 'node:assert/strict';
import { test } from 'node:test';

import { runSharing } from './sharing.ts';

for (const oneIn of [1, 2, 10, 50]) {
  test(`of two packages that share one destination at 5,000 calls a second, the second one, with 1 call in ${oneIn}, is seen after a median of at most 100 of its calls`, () => {
    const { median, calls, wrong } = runSharing({ perSecond: 5000, oneIn, runs: 101 });
    assert.equal(calls.length, 101);
    assert.ok(median <= 100, `median ${median}`);
    // It can fail: reuse was going on, so that the second one was not seen at once.
    assert.ok(median > 1, `median ${median}: nothing was reused`);
    assert.equal(wrong, 0);
  });
}
