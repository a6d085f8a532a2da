/** Long streams, many sockets and many calls, each without the agent and with it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Checks } from '../output/checks.ts';
import type { NodeBinary } from '../system/node-binaries.ts';
import { calls, type Row, verify } from '../system/outwitness.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

const FIXTURE = join(import.meta.dirname, '../fixtures/endurance');
const OUTWITNESS = join(import.meta.dirname, '../../packages/cli/bin/outwitness.js');
const LIMIT_MS = 3_600_000;
/**
 * The young generation has its greatest size from the start. Else V8 makes it larger where more objects live, the agent's
 * too, then collects less often, and twice as many chunks that nobody holds any more are still there at the peak.
 */
const FLAGS = ['--expose-gc', '--min-semi-space-size=16', '--max-semi-space-size=16'];
/** An open connection has its row after 30 s. */
const HELD_MS = 33_000;
const MIB = 1_048_576;
/** 20,000 sockets and a few: the usual limit of open files is lower, and so may be the greatest that is allowed. */
const RAISED = 'ulimit -n 40000 2>/dev/null || ulimit -n "$(ulimit -Hn)"';
/** Open files of a process beside its sockets, and some to spare. */
const OTHER_FILES = 100;

interface Result {
  readonly maxRssKiB: number;
  readonly down?: string;
  readonly up?: string;
  readonly opened?: number;
  readonly made?: number;
  readonly early?: number;
  readonly late?: number;
}

interface Run {
  readonly result: Result;
  readonly rows: readonly Row[];
  /** Of the client, where the audited program serves. */
  readonly peer: readonly Record<string, unknown>[];
  readonly exit: number;
}

interface Work {
  readonly what: 'stream-out' | 'stream-fetch' | 'stream-in' | 'sockets-out' | 'sockets-in' | 'calls';
  readonly size: number;
  readonly holdMs?: number;
}

/** A stream of so many bytes each way: all of it arrives, its row has them all, and memory grows by no more than 10 MiB. */
export async function longStreams(node: NodeBinary, bytes: number, checks: Checks): Promise<void> {
  for (const what of ['stream-out', 'stream-fetch', 'stream-in'] as const) {
    const without: Run[] = [];
    const with_: Run[] = [];
    for (let i = 0; i < 3; i++) {
      without.push(await run(node, { what, size: bytes }, false));
      with_.push(await run(node, { what, size: bytes }, true));
    }
    const [plain, audited] = [without[0], with_[0]];
    if (plain === undefined || audited === undefined) throw new Error('no run');
    const digests = ({ result, peer }: Run): string => {
      const { down, up } = { ...result, ...peer[0] };
      return `${String(down).slice(0, 8)} ${String(up).slice(0, 8)}`.trim();
    };
    checks.equal(`${what}: digests of what arrived`, digests(audited), digests(plain));
    const moved = audited.rows.map((row) => Math.max(row.bytesIn ?? 0, row.bytesOut ?? 0));
    const enough = moved.length > 0 && moved.every((count) => count >= bytes && count < bytes * 1.001 + 2_000);
    checks.record(
      `${what}: MiB in the rows of calls`,
      moved.map((count) => (count / MIB).toFixed(1)).join(' '),
      `each ${(bytes / MIB).toFixed(0)} and heads`,
      enough,
    );
    const growth = median(with_.map(rssMiB)) - median(without.map(rssMiB));
    checks.record(`${what}: MiB more at the peak, median of 3`, growth.toFixed(1), '< 10', growth < 10);
  }
}

/** How many sockets a process here can have open. */
export function mostSockets(): number {
  const limit = spawnSync('/bin/sh', ['-c', `${RAISED}; ulimit -n`], { encoding: 'utf8' }).stdout.trim();
  return limit === 'unlimited' ? Infinity : Number(limit) - OTHER_FILES;
}

/** That many sockets open at once, long enough for their rows to be written while they are. */
export async function manySockets(node: NodeBinary, count: number, checks: Checks): Promise<void> {
  for (const what of ['sockets-out', 'sockets-in'] as const) {
    const without = await run(node, { what, size: count, holdMs: 0 }, false);
    const audited = await run(node, { what, size: count, holdMs: HELD_MS }, true);
    checks.equal(`${what}: open at once`, audited.result.opened ?? 0, without.result.opened ?? -1);
    const direction = what === 'sockets-out' ? 'out' : 'in';
    const rows = audited.rows.filter((row) => row.channel === 'tcp' && row.direction === direction);
    checks.equal(`${what}: sockets with a row`, rows.filter(({ phase }) => phase !== 'end').length, count);
    const open = rows.filter(({ phase }) => phase === 'open').length;
    checks.equal(
      `${what}: of these, with a second row at their end`,
      rows.filter(({ phase }) => phase === 'end').length,
      open,
    );
    const each = ((rssMiB(audited) - rssMiB(without)) * 1_024) / count;
    checks.record(`${what}: KiB more for each socket`, each.toFixed(2), '< 4', each < 4);
  }
}

/** So many calls of one process: each a row, and nothing of them is kept. */
export async function manyCalls(node: NodeBinary, count: number, checks: Checks): Promise<void> {
  const { result, rows } = await run(node, { what: 'calls', size: count }, true);
  const { made = 0, early = 0, late = 0 } = result;
  checks.equal('calls made', made, count);
  checks.equal('calls with a row', rows.length, count);
  const growth = (late - early) / early;
  checks.record(
    `heap after collection, after ${count / 10} and after ${count} calls`,
    `${(early / MIB).toFixed(2)} MiB, ${growth < 0 ? '' : '+'}${(growth * 100).toFixed(1)} %`,
    'within 2 %',
    Math.abs(growth) <= 0.02 || growth < 0,
  );
}

async function run(node: NodeBinary, work: Work, audited: boolean): Promise<Run> {
  using folder = temporaryFolder('endurance');
  const [data, resultFile] = [join(folder.path, 'data'), join(folder.path, 'result.json')];
  const serves = work.what.endsWith('-in');
  const server = serves
    ? undefined
    : await startPeer([work.what.startsWith('sockets') ? 'echo' : 'http', `${work.size}`]);
  const app = [node.path, ...FLAGS, join(FIXTURE, 'app.mjs'), work.what];
  const command = audited ? [process.execPath, OUTWITNESS, 'run', '--no-serve', '--data', data, '--', ...app] : app;
  const child = spawn('/bin/sh', ['-c', `${RAISED}; exec "$0" "$@"`, ...command], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      RESULT: resultFile,
      SIZE: `${work.size}`,
      PEER_PORT: `${server?.port ?? 0}`,
      HOLD_MS: `${work.holdMs ?? 0}`,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: LIMIT_MS,
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'close') as Promise<[number | null]>;
  const peer: Record<string, unknown>[] = [];
  if (serves) {
    const port = await listening(child, () => errors);
    const client = forkPeer(['client', work.what.split('-')[0] ?? '', `${port}`, `${work.size}`]);
    client.on('message', (message) => peer.push(message as Record<string, unknown>));
  }
  const [code] = await ended;
  server?.child.kill();
  if (code !== 0) throw new Error(`${work.what} on ${node.name} ended with ${code}:\n${errors.slice(-2_000)}`);
  const result = JSON.parse(readFileSync(resultFile, 'utf8')) as Result;
  if (!audited) return { result, rows: [], peer, exit: 0 };
  const { exit } = await verify(data);
  if (exit !== 10) throw new Error(`${work.what} on ${node.name}: verify ended with ${exit}, expected 10`);
  return { result, rows: await calls(data, serves ? 'in' : 'out'), peer, exit };
}

/** The limit of descriptors counts for the peer too. */
function forkPeer(args: readonly string[]): ChildProcess {
  const program = ['-c', `${RAISED}; exec "$0" "$@"`, process.execPath, join(FIXTURE, 'peer.mjs'), ...args];
  return spawn('/bin/sh', program, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
}

async function startPeer(args: readonly string[]): Promise<{ child: ChildProcess; port: number }> {
  const child = forkPeer(args);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port };
}

async function listening(child: ChildProcess, output: () => string): Promise<number> {
  while (child.exitCode === null) {
    const port = /listening (\d+)/.exec(output())?.[1];
    if (port !== undefined) return Number(port);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`the audited server ended before it listened:\n${output()}`);
}

function rssMiB({ result }: Run): number {
  return result.maxRssKiB / 1_024;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
