/** Runs a program under a tool without the agent and with it: the same must be said, done and sent, and each request of the second run must be a row. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { StubServer } from '../../claims/servers/stub-server.ts';
import type { NodeBinary } from '../../claims/system/node-binaries.ts';
import { audit, journal, type Row } from '../../claims/system/outwitness.ts';

const ENTRY: string = join(import.meta.dirname, '../../packages/cli/register.cjs');
const CALLS: Readonly<Record<string, string>> = { http: 'http', fetch: 'undici' };

/** One way of starting a program. */
export interface Start {
  readonly name: string;
  /** Program and arguments; `node` is the one that is tried. */
  readonly command: (node: string) => readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** What is made before, once and without the agent. */
  readonly prepared?: (place: Place) => void;
  readonly stdin?: string;
  /** Names that `courier` sends with (words that redaction leaves), each once by http and once by fetch. */
  readonly sends: readonly string[];
  /** Who is named instead of `courier`. */
  readonly package?: string;
  /** No stack can be captured: no package is named, and a row says why. */
  readonly blind?: boolean;
  /** Majors of Node that can do it; all without. */
  readonly from?: number;
  readonly until?: number;
  readonly cwd?: string;
  /** What of the output is another at each run beside durations, times of day and process ids. */
  readonly passing?: RegExp;
  /** Lines come in any order: who is ready first says so first. */
  readonly unordered?: boolean;
  /** It ends its own programs or threads by force, which are rows. */
  readonly kills?: boolean;
  /** What the program does while it runs, where it does not end by itself. */
  readonly meanwhile?: (running: RunningProgram, place: Place) => Promise<void>;
}

export interface RunningProgram {
  /** Waits until it has said that so many times. */
  readonly said: (what: RegExp, times?: number) => Promise<void>;
  /** Sends a signal to it and to all that it has started. */
  readonly kill: (signal: NodeJS.Signals) => void;
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly requests: readonly string[];
}

export interface Place {
  readonly app: string;
  readonly data: string;
  readonly server: StubServer;
  readonly node: NodeBinary;
}

/** Can this Node do it? */
export function fits({ from = 0, until = Infinity }: Start, { version }: NodeBinary): boolean {
  const major = Number.parseInt(version, 10);
  return major >= from && major <= until;
}

/**
 * Runs it both ways and compares.
 *
 * @param between called after the run without the agent
 */
export async function runsAlike(start: Start, place: Place, between: () => void = () => undefined): Promise<void> {
  start.prepared?.(place);
  const without = await run(start, place, {});
  between();
  const options = start.env?.['NODE_OPTIONS'] ?? '';
  const with_ = await run(start, place, {
    NODE_OPTIONS: `--require "${ENTRY}" ${options}`.trim(),
    OUTWITNESS_DATA: place.data,
    OUTWITNESS_APP: start.name.slice(0, 60),
    OUTWITNESS_COLLECTOR: 'off',
  });
  assert.deepEqual(
    { ...with_, requests: with_.requests.toSorted() },
    { ...without, requests: without.requests.toSorted() },
  );
  const expected = start.sends.flatMap((name) => [`/${name}/http`, `/${name}/fetch`]);
  assert.deepEqual(without.requests.toSorted(), expected.toSorted(), without.stdout + without.stderr);
}

/** Has what lies in the spool written into the ledger, and reads it. */
export async function drained({ data }: Place): Promise<Row[]> {
  const spool = join(data, 'spool');
  assert.ok(existsSync(spool) && readdirSync(spool).length > 0, 'the agent was loaded');
  await audit(data, [process.execPath, '-e', '0']);
  return journal(data);
}

/** Each request of it has one row, of the package that sent it, and nothing is missing. */
export function hasItsRows(start: Start, { server }: Place, all: readonly Row[]): void {
  const rows = all.filter(({ app }) => app === start.name.slice(0, 60));
  const lacking = rows.filter(
    ({ kind, event, missing }) =>
      (kind === 'hook' && !(start.blind === true && event === 'blinded')) ||
      (kind === 'gap' && !(start.kills === true && event === 'killed' && missing === 0)),
  );
  assert.deepEqual(lacking, []);
  const sent = rows.filter((row) => row.kind === 'net' && row.direction === 'out' && row.port === server.port);
  // What was going on in a thread or process that is ended by force has an outcome that nobody knows.
  const outcome = (row: Row): string | undefined =>
    start.kills === true && row.outcome === 'lost' ? 'ok' : row.outcome;
  const shown = (row: Row): string => `${row.path} ${row.channel} ${row.package} ${outcome(row)}`;
  const whose = start.blind === true ? undefined : (start.package ?? 'courier');
  const expected = start.sends.flatMap((name) =>
    Object.entries(CALLS).map(([path, channel]) => `/${name}/${path} ${channel} ${whose} ok`),
  );
  assert.deepEqual(sent.map(shown).toSorted(), expected.toSorted());
}

async function run(start: Start, place: Place, env: NodeJS.ProcessEnv): Promise<Ended> {
  const [program = '', ...args] = start.command(place.node.path);
  const before = place.server.requests.length;
  const child = spawn(program, args, {
    cwd: join(place.app, start.cwd ?? ''),
    env: {
      PATH: process.env['PATH'],
      HOME: place.app,
      CI: 'true',
      NO_COLOR: '1',
      NODE_NO_WARNINGS: '1',
      TARGET: `http://127.0.0.1:${place.server.port}`,
      ...start.env,
      ...env,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
    // As a terminal would: what it starts ends with it.
    detached: start.meanwhile !== undefined,
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => undefined).end(start.stdin ?? '');
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (chunk: string) => (text[stream] += chunk));
  const closed = once(child, 'close');
  if (start.meanwhile !== undefined) {
    const output = (): string => text.stdout + text.stderr;
    const said: RunningProgram['said'] = async (what, times = 1) => waitFor(what, times, output, child);
    await start.meanwhile({ said, kill: (signal) => void process.kill(-(child.pid ?? 0), signal) }, place);
  }
  const [code, signal] = (await closed) as [number | null, string | null];
  assert.notEqual(signal, 'SIGKILL', `came to no end:\n${text.stdout}${text.stderr}`);
  const requests = place.server.requests.slice(before);
  return { code, signal, stdout: lasting(text.stdout, start), stderr: lasting(text.stderr, start), requests };
}

async function waitFor(
  what: RegExp,
  times: number,
  output: () => string,
  child: { exitCode: number | null },
): Promise<void> {
  const pattern = new RegExp(what.source, 'g');
  for (const deadline = Date.now() + 60_000; [...output().matchAll(pattern)].length < times; await sleep(30)) {
    if (child.exitCode === null && Date.now() < deadline) continue;
    throw new Error(`expected ${what} ${times} times, got (exit ${child.exitCode}):\n${output()}`);
  }
}

/** What it says at each run. */
function lasting(text: string, { passing, unordered }: Start): string {
  const same = text
    .replaceAll(/\(?\b\d+(?:\.\d+)? ?m?s\b\)?/g, 'T')
    .replaceAll(/\b\d\d:\d\d:\d\d\b/g, 'T')
    .replaceAll(/\bduration_ms:? \d+(?:\.\d+)?/g, 'duration_ms T')
    .replaceAll(/\(node:\d+\)/g, '(node)');
  const shown = passing === undefined ? same : same.replaceAll(passing, '');
  return unordered === true
    ? shown
        .split('\n')
        .filter((line) => line !== '')
        .toSorted()
        .join('\n')
    : shown;
}
