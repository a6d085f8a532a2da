/**
 * Secrets in every place where a Python program can put text are found in nothing that is kept, but where docs/reference/redaction.md says so.
 *
 * Exit code: 0 when all of it held, else 1.
 */
import { missingFor } from './experiments/python-channels.ts';
import { plantedSecrets, pythonPlanter } from './experiments/planted-secrets.ts';
import { Checks } from './output/checks.ts';

const missing = missingFor('threads');
if (missing !== undefined) {
  process.stderr.write(`expected ${missing} for this Python, found none: install it or set ODOO_PYTHON\n`);
  process.exit(1);
}
const columns = new Map<string, Checks>();
for (const mode of ['default', 'strict'] as const) {
  const checks = new Checks();
  columns.set(mode, checks);
  await plantedSecrets(pythonPlanter, mode, checks);
}
Checks.printSideBySide(columns);
