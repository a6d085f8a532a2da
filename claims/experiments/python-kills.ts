/** Kills Python programs with SIGKILL, many over one ledger, and looks for each call that their vendor had counted. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { startSlowVendor, type SlowVendor } from '../servers/slow-vendor.ts';
import { startStubServer } from '../servers/stub-server.ts';
import { AuditedFolder } from '../system/audited-folder.ts';
import { fingerprintsOf } from '../system/fingerprint.ts';
import { journal } from '../system/outwitness.ts';
import { PYTHON_AGENT, pythonOrThrow } from '../system/python.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

export const PYTHON_MODES = ['plain', 'threads', 'prefork'] as const;
export type PythonMode = (typeof PYTHON_MODES)[number];

const POINTS = [
  'while the vendor waits',
  'before the record is written',
  'the record written, nothing sent',
  'at any moment',
] as const;

export interface PythonKill {
  readonly mode: PythonMode;
  readonly point: (typeof POINTS)[number];
  readonly arrived: number;
  /** Arrived, and has no row. */
  missing: readonly string[];
  /** Calls of the killed process that the vendor had and had not answered. */
  readonly inFlight: number;
  /** Of these, those whose row does not say `lost`. */
  notLost: readonly string[];
  /** Rows that say `lost` of calls that the vendor had not answered: a kill with one fell inside a call. */
  lost: number;
  /** What the verifier said of the ledger right after it; 0 = VERIFIED. */
  readonly verifyExit: number;
}

export interface PythonKills {
  readonly kills: readonly PythonKill[];
  /** Fingerprints with more than one row. */
  readonly twice: number;
  readonly verifyExit: number;
}

const APP = join(import.meta.dirname, '../fixtures/odoo/killed/app.py');
const MOST_CALLS_BEFORE = 60;
const OUTSIDE_WITHIN_MS = 300;
/** A program that nothing kills is a defect of the claim. */
const LIFE_MS = 60_000;

/**
 * So many kills of one mode over one ledger.
 *
 * @param chance the same numbers kill at the same points
 */
export async function killPython(
  mode: PythonMode,
  wanted: number,
  chance: () => number,
  progress: (done: number, wanted: number) => void = () => {},
): Promise<PythonKills> {
  using folder = temporaryFolder('python-kills');
  await using unused = await startStubServer();
  await using vendor = await startSlowVendor();
  const place = new AuditedFolder(folder.path, unused);
  const collector = await place.collector();
  const kills: PythonKill[] = [];
  for (let i = 0; i < wanted; i++) {
    kills.push(await killOnce(mode, POINTS[i % POINTS.length] ?? POINTS[0], `kill${i}`, place, vendor, chance));
    progress(i + 1, wanted);
  }
  await place.stop(collector);
  const twice = await compare(place.data, vendor, kills);
  return { kills, twice, verifyExit: (await place.verify()).exit };
}

async function killOnce(
  mode: PythonMode,
  point: PythonKill['point'],
  run: string,
  place: AuditedFolder,
  vendor: SlowVendor,
  chance: () => number,
): Promise<PythonKill> {
  const at = 1 + Math.floor(chance() * MOST_CALLS_BEFORE);
  const seed = `${Math.floor(chance() * 2 ** 32)}`;
  const dies = { DIE_AT: `${at}`, DIE_WHEN: point === POINTS[1] ? 'unwritten' : 'written' };
  const outside = point === POINTS[0] || point === POINTS[3];
  const child = spawn(pythonOrThrow(), [APP], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      PYTHONPATH: PYTHON_AGENT,
      PYTHONDONTWRITEBYTECODE: '1',
      OUTWITNESS_DATA: place.data,
      MODE: mode,
      RUN: run,
      SEED: seed,
      VENDOR_PORT: `${vendor.port}`,
      ...(outside ? {} : dies),
    },
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const tooLong = setTimeout(() => child.kill('SIGTERM'), LIFE_MS);
  const ended = once(child, 'close');
  const delayMs = chance() * OUTSIDE_WITHIN_MS;
  if (outside) await killFromOutside(point === POINTS[0] ? at : 0, delayMs, run, vendor, ended);
  const [code, signal] = (await ended) as [number | null, string | null];
  clearTimeout(tooLong);
  if (mode === 'prefork' ? code !== 0 : signal !== 'SIGKILL')
    throw new Error(`${mode} ended with ${code ?? signal}, expected a death by SIGKILL ${point}:\n${stderr}`);
  const arrived = vendor.arrivals.filter((arrival) => arrival.run === run);
  const inFlight = arrived.filter(({ answered }) => !answered).length;
  const verifyExit = (await place.verify()).exit;
  return { mode, point, arrived: arrived.length, inFlight, missing: [], notLost: [], lost: 0, verifyExit };
}

/** Kills whoever made the arrival with this number; without a number, whoever came first, after a while. */
async function killFromOutside(
  number: number,
  delayMs: number,
  run: string,
  vendor: SlowVendor,
  ended: Promise<unknown>,
): Promise<void> {
  let seen = 0;
  const one = new Promise<number>((resolve) =>
    vendor.onArrival((arrival) => {
      if (arrival.run !== run || seen++ !== number) return;
      if (number > 0) vendor.kill(arrival.pid);
      resolve(arrival.pid);
    }),
  );
  const pid = await Promise.race([one, ended.then(() => 0)]);
  if (number > 0 || pid === 0) return;
  await sleep(delayMs);
  vendor.kill(pid);
}

/** Fills in what the rows say. */
async function compare(data: string, vendor: SlowVendor, kills: readonly PythonKill[]): Promise<number> {
  const outcomes = new Map<string, string[]>();
  const lostOf = new Map<number, number>();
  for (const row of await journal(data, { kind: 'net', app: 'killed-shop' })) {
    const { fingerprint, outcome = '', phase, pid = 0 } = row;
    if (fingerprint === undefined || phase === 'end') continue;
    outcomes.set(fingerprint, [...(outcomes.get(fingerprint) ?? []), outcome]);
    if (outcome === 'lost') lostOf.set(pid, (lostOf.get(pid) ?? 0) + 1);
  }
  const of = fingerprintsOf(data);
  const target = { method: 'GET', scheme: 'http', host: '127.0.0.1', port: vendor.port };
  const found = (path: string): string[] => outcomes.get(of({ ...target, path })) ?? [];
  for (const [i, kill] of kills.entries()) {
    const arrived = vendor.arrivals.filter(({ run }) => run === `kill${i}`);
    kill.missing = arrived.filter(({ path }) => found(path).length === 0).map(({ path }) => path);
    kill.notLost = arrived
      .filter(({ answered, path }) => !answered && found(path)[0] !== 'lost')
      .map(({ path }) => path);
    const pids = new Set(arrived.map(({ pid }) => pid));
    // The ends of answered calls ride on the next record: such calls are lost too, but nothing was cut off.
    const over = arrived.filter(({ answered, path }) => answered && found(path)[0] === 'lost').length;
    kill.lost = [...pids].reduce((sum, pid) => sum + (lostOf.get(pid) ?? 0), 0) - over;
  }
  return [...outcomes.values()].filter((rows) => rows.length > 1).length;
}
