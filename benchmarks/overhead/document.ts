/** What the claim `overhead` writes into docs/benchmarks.md. */
import type { Cell } from '../../claims/output/table.ts';
import { machine, tableOf, writeSection } from '../document.ts';
import { LANES, WARM_UP } from './cases.ts';

export interface Measurement {
  readonly heading: readonly string[];
  readonly lines: readonly (readonly Cell[])[];
  readonly rounds: number;
}

export function writeBenchmarks({ heading, lines, rounds }: Measurement): void {
  writeSection(
    'Without and with the agent',
    `Written by \`npm run claim -- overhead --write\`; run it to have the figures of your own machine.

${tableOf(heading, lines)}

- Figures are medians of ${rounds} rounds (start-up: ${2 * rounds - 1}). Each round runs the same program with and without the agent, one after the other, in changing order.
- CPU per call is user and system time of the audited process with all its threads (\`process.cpuUsage\`), after a warm-up of ${WARM_UP} calls, at ${LANES} calls at a time over loopback. Start-up is the CPU until the first turn of the event loop of a program that only loads \`node:http\`; resident memory is that of the same program 250 ms later.
- The load driver and the server on the other side are processes of their own.
- **The collector is not in these figures**: it works in a process of its own, on the same machine, while the audited program runs.
- A line holds only if all audited runs together have exactly one row for each request that the other side counted, and each ledger verifies.
- \`goal\` and \`accept\` are the budgets aimed at on Node 20.
- All calls of a line go to one URL from one call site, which is kind to every cache, but for the line with 1,000 URLs of 20 packages.

${machine()}`,
  );
}

export function writePeers({ heading, lines, rounds }: Measurement): void {
  writeSection(
    'Beside other agents',
    `Written by \`npm run claim -- overhead --peers --write\`: µs of CPU per call that each adds, medians of ${rounds} rounds in which the same program runs once under each, in turn. \`benchmarks/peers/\` installs the others on demand and says how each is set up.

${tableOf(heading, lines)}

- Outwitness: rows must equal the requests that the other side counted, and each ledger verifies; it writes every call down before its bytes leave. OpenTelemetry: spans must equal the requests; they are batched as in production, then counted and not sent. dd-trace sends to a server on loopback; \`traces\` is what arrived there before the process ended (an inbound call and the outbound one that it makes are one). Zen, in dry run and without a token, keeps counters and writes no call down.
- None of them names the package that made a call.

${machine()}`,
  );
}
