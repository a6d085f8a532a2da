/**
 * Secrets in every place where a program can put text are found in nothing that is kept, but where docs/reference/redaction.md says so.
 *
 * Exit code: 0 when all of it held, else 1.
 */
import { nodePlanter, plantedSecrets } from './experiments/planted-secrets.ts';
import { Checks } from './output/checks.ts';
import { auditedNodes } from './system/node-binaries.ts';

const columns = new Map<string, Checks>();
for (const node of auditedNodes()) {
  for (const mode of ['default', 'strict'] as const) {
    const checks = new Checks();
    columns.set(`${node.name}, ${mode}`, checks);
    await plantedSecrets(nodePlanter(node), mode, checks);
  }
}
Checks.printSideBySide(columns);
