/**
 * What auditing costs the audited process: CPU per call, start-up CPU and resident memory, with and without the agent.
 *
 *   npm run claim -- overhead [--peers] [--rounds N] [--write]
 *
 * --rounds: runs with and without the agent per line (default 3); --write: puts the figures into docs/benchmarks.md.
 *
 * --peers: compares with OpenTelemetry, Zen and dd-trace instead, on the oldest Node here unless OUTWITNESS_NODES names
 * others; about five minutes on a quiet machine.
 *
 * The budgets stand beside it and are not enforced. Exit code: 0 when each audited run was recorded
 * whole (rows == requests, ledger verified), else 1.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { CASES, START_UP } from '../benchmarks/overhead/cases.ts';
import { installFolder } from '../scripts/install-folder.mjs';
import { writeBenchmarks, writePeers } from '../benchmarks/overhead/document.ts';
import { measureCase, measureStartUp } from '../benchmarks/overhead/measure.ts';
import { comparePeers, PEERS } from '../benchmarks/overhead/peers.ts';
import { printTable, type Cell } from './output/table.ts';
import { auditedNodes } from './system/node-binaries.ts';

const {
  write,
  peers,
  rounds: asked,
} = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    peers: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
  },
}).values;
const rounds = Number(asked);
if (!Number.isSafeInteger(rounds) || rounds < 1) {
  process.stderr.write(`--rounds: expected a whole number >= 1, got ${JSON.stringify(asked)}\n`);
  process.exit(2);
}
process.exitCode = (peers ? await besidePeers() : await withAndWithout()) ? 0 : 1;

async function withAndWithout(): Promise<boolean> {
  const heading = [
    'audited on',
    'work',
    'unit',
    'without',
    'with',
    'added',
    'goal',
    'accept',
    'requests',
    'rows',
    'held',
  ];
  const lines: Cell[][] = [];
  let held = true;
  for (const node of auditedNodes()) {
    for (const one of CASES) {
      const { withoutUs, withUs, requests, rows, verified } = await measureCase(one, node, rounds);
      const whole = rows === requests && requests > 0 && verified;
      held &&= whole;
      const figures = added('µs per call', withoutUs, withUs, one.goalUs, one.acceptUs);
      lines.push([node.name, one.title, ...figures, requests, rows, whole ? 'yes' : 'NO']);
    }
    const { withoutMs, withMs, withoutMiB, withMiB } = await measureStartUp(node, 2 * rounds - 1);
    const { goalMs, acceptMs, goalMiB, acceptMiB } = START_UP;
    lines.push([node.name, 'start-up CPU', ...added('ms', withoutMs, withMs, goalMs, acceptMs), '', '', '']);
    lines.push([node.name, 'resident memory', ...added('MiB', withoutMiB, withMiB, goalMiB, acceptMiB), '', '', '']);
  }
  printTable(heading, lines);
  process.stdout.write('The collector works in a process of its own; what it costs is not in these figures.\n');
  if (write && held) writeBenchmarks({ heading, lines, rounds });
  return held;
}

async function besidePeers(): Promise<boolean> {
  if (!(await installFolder(join(import.meta.dirname, '../benchmarks/peers')))) return false;
  const nodes = auditedNodes();
  const heading = [
    'audited on',
    'work',
    'without',
    'Outwitness',
    ...PEERS,
    'requests',
    'rows',
    'spans',
    'traces',
    'held',
  ];
  const lines: Cell[][] = [];
  let held = true;
  for (const node of process.env['OUTWITNESS_NODES'] === undefined ? nodes.slice(0, 1) : nodes) {
    for (const one of CASES) {
      const compared = await comparePeers(one, node, rounds);
      const { withoutUs, addedUs, requests, rows, spans, spansExpected, traces } = compared;
      const whole = rows === requests && requests > 0 && compared.verified && spans === spansExpected;
      held &&= whole;
      const figures = (['outwitness', ...PEERS] as const).map((who) => signed(addedUs[who]));
      const counts = [requests, rows, spans, traces, whole ? 'yes' : 'NO'];
      lines.push([node.name, one.title, tenths(withoutUs), ...figures, ...counts]);
    }
  }
  printTable(heading, lines);
  if (write && held) writePeers({ heading, lines, rounds });
  return held;
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${tenths(value)}`;
}

function added(unit: string, without: number, withAgent: number, goal: number, accept: number): Cell[] {
  return [unit, tenths(without), tenths(withAgent), `+${tenths(withAgent - without)}`, `+${goal}`, `+${accept}`];
}

function tenths(value: number): string {
  return value.toFixed(1);
}
