/**
 * Records what a collector and an application write, rebuilds what a disk that lost what was not synced holds at some
 * moment, starts a collector on that, and holds rows, spool, shown notes and verdict against each other.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { type StubServer, startStubServer } from '../servers/stub-server.ts';
import { AuditedFolder } from '../system/audited-folder.ts';
import { newestNoteIn } from '../system/shown-notes.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';
import { type Luck, UnsureDisk } from '../system/unsure-disk.ts';
import { type DiskStep, readTrace, traced } from '../system/write-trace.ts';

const KEPT = ['nothing', 'everything', 'some', 'some, the spool with holes'] as const;
export type Kept = (typeof KEPT)[number];

/** What one power cut showed. */
export interface PowerCut {
  /** What of the writes that were not synced was on the disk. */
  readonly kept: Kept;
  /** The step before which the power went. */
  readonly step: number;
  /** What was written then. */
  readonly at: string;
  /** Rows under the newest note that anybody can have seen. */
  readonly shown: number;
  /** Rows under the high-water that the disk still had, 0 = none that is whole. */
  readonly highWater: number;
  /** Calls with a row, or with a record in the spool, when the power came back. */
  readonly calls: number;
  /** Of these, those that have no row in the end. */
  readonly lost: number;
  readonly doubled: number;
  /** What the verifier says in the end, with the shown note pinned, or why no collector started. */
  readonly verdict: string;
}

const ROOT = join(import.meta.dirname, '../..');
const PROGRAM = join(ROOT, 'packages/cli/bin/outwitness.js');
const CLOCK = join(ROOT, 'claims/fixtures/clock/shift.cjs');
const LANES = 2;
/** So much later the second of both lives begins: its first commit closes an epoch. */
const EPOCH_S = 25 * 3_600;
/** The high-water gets a new name with each commit that nothing makes durable: so many names of all folders may be lost. */
const MOST_NAMES = 24;
/** Of so many cuts, one falls into a write of the application's spool. */
const SPOOL_EVERY = 5;

/** @param lifeMs how long each of the two recorded lives makes calls */
export async function cutPower(
  count: number,
  lifeMs: number,
  progress: (done: number, all: number) => void = () => {},
): Promise<PowerCut[]> {
  using folder = temporaryFolder('power');
  await using server = await startStubServer();
  const steps = await record(folder.path, server, lifeMs);
  const disk = new UnsureDisk();
  const cuts: Promise<PowerCut>[] = [];
  const running = new Set<Promise<PowerCut>>();
  let done = 0;
  for (const [i, step] of chosenSteps(steps, count).entries()) {
    for (; done < step; done++) disk.apply(steps[done] as DiskStep);
    const kept = KEPT[i % KEPT.length] ?? 'nothing';
    const place = join(folder.path, `cut-${i}`);
    mkdirSync(join(place, 'data'), { recursive: true });
    disk.restoreTo(place, luckOf(kept));
    const shown = newestNoteIn(disk.synced('data/checkpoints.log')?.toString('latin1') ?? '');
    const one = judge({ kept, step, at: described(steps[step]) }, place, server, shown);
    running.add(one);
    cuts.push(one);
    const ended = (): void => {
      running.delete(one);
      progress(cuts.length - running.size, count);
    };
    one.then(ended, ended);
    if (running.size >= LANES) await Promise.race(running);
  }
  return await Promise.all(cuts);
}

export function isWholeAfter({ kept, lost, doubled, verdict }: PowerCut): boolean {
  // Records that the disk lost in the middle of a file are told as such.
  const honest = kept === 'some, the spool with holes' && verdict === 'INCOMPLETE gap';
  return lost === 0 && doubled === 0 && (verdict === 'VERIFIED' || honest);
}

/** Two lives over one data directory: one that begins it, one that goes on and closes an epoch. */
async function record(folder: string, server: StubServer, lifeMs: number): Promise<DiskStep[]> {
  const place = new AuditedFolder(folder, server);
  mkdirSync(place.data);
  // Both folders were there before: what lies in them is what a cut can take.
  const steps: DiskStep[] = [
    ...['data', 'state'].map((path) => ({ kind: 'mkdir' as const, path })),
    { kind: 'sync', path: '.' },
  ];
  mkdirSync(join(folder, 'state'));
  for (const shift of [0, EPOCH_S]) {
    const trace = join(folder, `trace-${shift}`);
    const [strace = '', ...how] = traced(trace);
    const command = ['run', '--no-serve', '--quiet', '--data', place.data, '--', process.execPath];
    const child = spawn(strace, [...how, process.execPath, PROGRAM, ...command, join(folder, 'killed/app.mjs')], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        XDG_STATE_HOME: join(folder, 'state'),
        NODE_OPTIONS: `--require ${CLOCK}`,
        CLOCK_SHIFT_S: `${shift}`,
        HTTP_PORT: `${server.port}`,
        RUN: `life-${shift}`,
        RUN_MS: `${lifeMs}`,
        LANES: '4',
        PAUSE_MS: '4',
      },
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the recorded run ended with ${code}, expected 0:\n${said}`);
    steps.push(...(await readTrace(trace, folder)).filter(({ path }) => /^(?:data|state)(?:\/|$)/.test(path)));
  }
  return steps.filter(({ path }) => !path.endsWith('-shm'));
}

/** Evenly over what the collector writes, and some in what the application does; in order. */
function chosenSteps(steps: readonly DiskStep[], count: number): number[] {
  const inSpool = (step: DiskStep): boolean => step.kind === 'write' && step.path.startsWith('data/spool/');
  const of = (wanted: boolean): number[] => [...steps.keys()].filter((i) => inSpool(steps[i] as DiskStep) === wanted);
  const spooled = Math.floor(count / SPOOL_EVERY);
  const evenly = (from: readonly number[], many: number): number[] =>
    Array.from({ length: many }, (_, i) => from[Math.floor(((i + Math.random()) * from.length) / many)] ?? 0);
  return [...evenly(of(false), count - spooled), ...evenly(of(true), spooled)].toSorted((a, b) => a - b);
}

function luckOf(kept: Kept): Luck {
  const isSpool = (path: string): boolean => path.startsWith('data/spool/');
  if (kept === 'nothing') return { names: (all) => all, page: () => false, tail: () => undefined };
  if (kept === 'everything') return { names: () => 0, page: () => true, tail: () => undefined };
  return {
    names: (all) => Math.floor(Math.random() * (Math.min(all, MOST_NAMES) + 1)),
    page: () => Math.random() < 0.5,
    tail: (path, unsynced) =>
      isSpool(path) && kept === 'some' ? Math.floor(Math.random() * (unsynced + 1)) : undefined,
  };
}

async function judge(
  cut: Pick<PowerCut, 'at' | 'kept' | 'step'>,
  folder: string,
  server: StubServer,
  shown: string | undefined,
): Promise<PowerCut> {
  const place = new AuditedFolder(folder, server);
  const calls = new Set([...place.rows().rows.keys(), ...spooledCalls(join(place.data, 'spool'))]);
  const state = { XDG_STATE_HOME: join(folder, 'state') };
  const highWater = bindHighWater(state.XDG_STATE_HOME, place.data);
  const facts = { ...cut, shown: Number(shown?.split('\n')[1] ?? 0), highWater, calls: calls.size };
  try {
    await place.drain(state);
  } catch (error) {
    const verdict = (error as Error).message.split('\n').slice(0, 2).join(' ');
    return { ...facts, lost: calls.size, doubled: 0, verdict };
  }
  const pins = [join(place.data, 'keys/log.vkey')];
  if (shown !== undefined) {
    pins.push(join(folder, 'shown'));
    writeFileSync(join(folder, 'shown'), shown);
  }
  const { rows } = place.rows();
  const { verdict, findings } = await place.verify(pins, state);
  return {
    ...facts,
    lost: [...calls].filter((fingerprint) => !rows.has(fingerprint)).length,
    doubled: [...rows.values()].filter((count) => count > 1).length,
    verdict: [verdict, ...new Set(findings.map(({ code }) => code))].join(' '),
  };
}

/**
 * The high-water is bound to the place that it was written for: this one stands in for that (checkpoint.md). What is torn
 * stays torn.
 *
 * @returns rows under it, 0 where none is left whole
 */
function bindHighWater(state: string, data: string): number {
  const folder = join(state, 'outwitness');
  let rows = 0;
  for (const name of namesIn(folder)) {
    const text = readFileSync(join(folder, name), 'utf8');
    const [first, origin, , ...rest] = text.split('\n');
    rmSync(join(folder, name));
    if (!name.endsWith('.high-water') || origin === undefined) continue;
    const place = realpathSync(data);
    const file = createHash('sha256').update(`${origin}\n${place}`).digest('hex').slice(0, 32);
    writeFileSync(join(folder, `${file}.high-water`), [first, origin, place, ...rest].join('\n'), { mode: 0o600 });
    rows = Number(/^(\d+) [A-Za-z0-9+/=]+\n$/.exec(rest.join('\n'))?.[1] ?? 0);
  }
  return rows;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // its own name was lost
  }
}

/** Fingerprints of the calls whose records are whole. */
function spooledCalls(spool: string): string[] {
  const found: string[] = [];
  for (const name of namesIn(spool).filter((one) => one.endsWith('.spool'))) {
    for (const line of readFileSync(join(spool, name), 'utf8').split('\n').slice(0, -1)) {
      const fingerprint = fingerprintOf(line);
      if (fingerprint !== undefined) found.push(fingerprint);
    }
  }
  return found;
}

function fingerprintOf(line: string): string | undefined {
  const [, length, payload] = /^(\d+) [0-9a-f]{8} (.*)$/.exec(line) ?? [];
  if (payload === undefined || Buffer.byteLength(payload) !== Number(length)) return undefined;
  try {
    const { kind, fingerprint } = JSON.parse(payload) as { kind?: string; fingerprint?: string };
    return kind === 'open' ? fingerprint : undefined;
  } catch {
    return undefined;
  }
}

function described(step: DiskStep | undefined): string {
  if (step === undefined) return 'the end';
  return `${step.kind} ${step.path.replace(/\d+-\d+-[0-9a-z]+-[0-9a-f]{8}/, '…')}`;
}
