/** The tables of docs/benchmarks.md, written by a measurement and never by hand. What stands in other sections stays. */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';

import type { Cell } from '../../claims/output/table.ts';
import { LANES, WARM_UP } from './cases.ts';

const PATH = join(import.meta.dirname, '../../docs/benchmarks.md');

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

function tableOf(heading: readonly string[], lines: readonly (readonly Cell[])[]): string {
  const row = (cells: readonly Cell[]): string => `| ${cells.join(' | ')} |`;
  return [row(heading), row(heading.map(() => '---')), ...lines.map(row)].join('\n');
}

function machine(): string {
  return `Measured on ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release().split('-')[0]}; the collector ran on Node ${process.versions.node}. Its load average at the end was ${loadavg()[0]?.toFixed(1)}, where the measurement alone makes about 2: the busier the machine, the more absolute figures grow, in all columns.`;
}

/** Replaces what stands under a heading of the second level, or adds it at the end. */
function writeSection(title: string, body: string): void {
  const [head = '', ...sections] = readFileSync(PATH, 'utf8').split(/^(?=## )/m);
  const section = `## ${title}\n\n${body}\n`;
  const at = sections.findIndex((one) => one.startsWith(`## ${title}\n`));
  if (at < 0) sections.push(section);
  else sections[at] = section;
  writeFileSync(PATH, [head, ...sections].map((one) => one.trimEnd()).join('\n\n') + '\n');
}
