/** docs/benchmarks.md, written by a measurement and never by hand. */
import { writeFileSync } from 'node:fs';
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
  const row = (cells: readonly Cell[]): string => `| ${cells.join(' | ')} |`;
  const text = `# Benchmarks

What auditing costs the audited process. Written by \`npm run claim -- overhead --write\`; run it to have the figures of your own machine.

${row(heading)}
${row(heading.map(() => '---'))}
${lines.map(row).join('\n')}

- Figures are medians of ${rounds} rounds (start-up: ${2 * rounds - 1}). Each round runs the same program with and without the agent, one after the other, in changing order.
- CPU per call is user and system time of the audited process with all its threads (\`process.cpuUsage\`), after a warm-up of ${WARM_UP} calls, at ${LANES} calls at a time over loopback. Start-up is the CPU until the first turn of the event loop of a program that only loads \`node:http\`; resident memory is that of the same program 250 ms later.
- The load driver and the server on the other side are processes of their own.
- **The collector is not in these figures**: it works in a process of its own, on the same machine, while the audited program runs.
- A line holds only if all audited runs together have exactly one row for each request that the other side counted, and each ledger verifies.
- \`goal\` and \`accept\` are the budgets aimed at on Node 20. This is a first measurement, not yet held against them.
- All calls go to one URL from one call site, which is kind to every cache.

Measured on ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform} ${release().split('-')[0]}; the collector ran on Node ${process.versions.node}. Its load average at the end was ${loadavg()[0]?.toFixed(1)}, where the measurement alone makes about 2: the busier the machine, the more absolute figures grow, in both columns.
`;
  writeFileSync(PATH, text);
}
