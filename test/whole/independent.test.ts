import assert from 'node:assert/strict';
import { test } from 'node:test';

import { otherVerifiers } from '../../claims/experiments/other-verifiers.ts';
import { Checks } from '../../claims/output/checks.ts';

test('openssl and Go’s sumdb accept the notes, roots and proofs of a ledger with several epochs', async (t) => {
  const checks = new Checks();
  for (const reason of await otherVerifiers(checks)) t.diagnostic(`skipped: ${reason}`);
  assert.deepEqual(checks.broken(), []);
});
