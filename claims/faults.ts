/**
 * Whatever fails inside the watcher stays there: a fault in each of its guards changes no byte, is counted, and is a row.
 *
 * Exit code: 0 when all of it held, else 1.
 */
import { held, injectedFaults } from './experiments/injected-faults.ts';
import { printTable } from './output/table.ts';
import { auditedNodes } from './system/node-binaries.ts';

let all = true;
for (const node of auditedNodes()) {
  const { faults, untried, bytesOfTraffic, messagesKept, verifyExit } = await injectedFaults(node);
  process.stdout.write(`\n${node.name}\n`);
  printTable(
    ['guard', 'hook', 'fired', 'faults', 'traffic identical', 'gap row', 'held'],
    faults.map((fault) => [
      fault.guard,
      fault.hook,
      fault.fired,
      fault.faults,
      fault.differs === undefined ? 'yes' : `NO: ${fault.differs.slice(0, 200)}`,
      fault.row ? 'yes' : 'no',
      fault.unreachable === undefined ? (held(fault) ? 'yes' : 'NO') : `cannot fire: ${fault.unreachable}`,
    ]),
  );
  const guards = new Set(faults.map(({ guard }) => guard)).size;
  process.stdout.write(
    `${node.name}: ${guards} guards, ${faults.length} places of a fault, ${bytesOfTraffic} bytes of traffic compared; ` +
      `guards without a fault: ${untried.join(', ') || 'none'}; rows with a message of an error: ${messagesKept}; verify: ${verifyExit}\n`,
  );
  all &&= untried.length === 0 && messagesKept === 0 && verifyExit === 10 && guards > 0 && faults.every(held);
}
process.exitCode = all ? 0 : 1;
