/** Secrets that a Python program plants: `npm run claim -- odoo-redaction` plants eight shapes of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { plantedSecrets, pythonPlanter } from '../../claims/experiments/planted-secrets.ts';
import { missingFor } from '../../claims/experiments/python-channels.ts';
import { Checks } from '../../claims/output/checks.ts';
import { pythonHere } from '../../claims/system/python.ts';

const missing = pythonHere() === undefined ? 'Python 3.8 or newer' : missingFor('threads');
const skip = missing === undefined ? false : `${missing} is not installed`;

for (const mode of ['default', 'strict'] as const) {
  test(
    `secrets that a Python program plants remain only where the documentation says so (${mode})`,
    { skip },
    async () => {
      const checks = new Checks();
      await plantedSecrets(pythonPlanter, mode, checks, ['hex', 'word']);
      assert.deepEqual(checks.broken(), []);
    },
  );
}
