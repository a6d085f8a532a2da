/**
 * Each outbound call is one row with package, site and bytes: rows beside what the servers themselves counted.
 *
 * Exit code: 0 when all of it held, else 1.
 */
import { busyPort, fifteenCalls } from './experiments/every-call-a-row.ts';
import { Checks } from './output/checks.ts';
import { auditedNodes } from './system/node-binaries.ts';

const columns = new Map<string, Checks>();
for (const node of auditedNodes()) {
  const checks = new Checks();
  columns.set(node.name, checks);
  await fifteenCalls(node, checks);
  await busyPort(node, checks);
}
Checks.printSideBySide(columns);
