/** What the Python agent's guards are for: `npm run claim -- odoo-faults` lets each of them throw by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { missingFor } from '../../claims/experiments/python-channels.ts';
import { pythonFaults } from '../../claims/experiments/python-faults.ts';
import { sameBytes } from '../../claims/experiments/same-bytes.ts';
import { Checks } from '../../claims/output/checks.ts';
import { pythonHere } from '../../claims/system/python.ts';

const missing = pythonHere() === undefined ? 'Python 3.8 or newer' : missingFor('threads');
const skip = missing === undefined ? false : `${missing} is not installed`;

test('any guard of the Python agent may throw: no byte differs, it is counted, and it is a row', { skip }, async () => {
  const { faults, untried, messagesKept, verifyExit } = await pythonFaults(12, false);
  assert.deepEqual(
    faults.filter(({ differs, counted }) => differs !== '' || !counted),
    [],
  );
  assert.deepEqual(
    faults.filter(({ fired, row }) => fired === 0 || !row).map(({ guard }) => guard),
    [],
  );
  assert.ok(faults.length > 100, `${faults.length} guards`);
  // Where there are no greenlets.
  assert.deepEqual(
    untried.filter((name) => !name.includes('gevent')),
    [],
  );
  assert.deepEqual([messagesKept, verifyExit], [0, 10]);
});

test('requests over pools of urllib3 are the same bytes with the Python agent and without', { skip }, async () => {
  const checks = new Checks();
  await sameBytes(400, checks);
  assert.deepEqual(checks.broken(), []);
});
