/**
 * Application and collector as two users with one spool: every request is a row, and neither key nor record is within the application's reach.
 *
 * Needs root, to start programs as two users. Exit code: 0 when all of it held, else 1.
 */
import { twoUsers } from './experiments/two-users.ts';
import { Checks } from './output/checks.ts';
import { auditedNodes } from './system/node-binaries.ts';

if (process.getuid?.() === 0) {
  const columns = new Map<string, Checks>();
  for (const node of auditedNodes()) {
    const checks = new Checks();
    columns.set(node.name, checks);
    await twoUsers(node, checks);
  }
  Checks.printSideBySide(columns);
} else {
  process.stderr.write('claim sidecar: expected root, which can start programs as two users. Run it with sudo.\n');
  process.exitCode = 2;
}
