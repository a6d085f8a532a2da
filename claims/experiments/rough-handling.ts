/** What machines and their keepers do to a collector and its ledger without meaning harm; each of it must end with whole evidence. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Checks } from '../output/checks.ts';
import { startStubServer } from '../servers/stub-server.ts';
import { AuditedFolder, verifyPath } from '../system/audited-folder.ts';
import type { Running } from '../system/outwitness.ts';
import { newestLoggedNote } from '../system/shown-notes.ts';
import { smallDisk } from '../system/small-disk.ts';
import { temporaryFolder } from '../system/temporary-folder.ts';

const CLOCK = join(import.meta.dirname, '../fixtures/clock/shift.cjs');
const CALLS = 25;
const DAY_S = 24 * 3_600;
const OTHER_PAGES = ['PRAGMA journal_mode = DELETE', 'PRAGMA page_size = 16384', 'VACUUM', 'PRAGMA journal_mode = WAL'];

const RUN_SQL = `const { DatabaseSync } = require('node:sqlite');
  new DatabaseSync(process.argv[1], { timeout: 10000 }).exec(process.argv[2]);`;

/** Does it to a ledger with rows. Returns why it cannot be done here. */
type Handling = (place: AuditedFolder, checks: Checks) => Promise<string | undefined>;
interface Situation {
  readonly handle: Handling;
  /** Calls may be lost here, but none that no `gap` row tells of. */
  readonly lossTold?: true;
  /** The spool lies on a disk of its own. */
  readonly spoolApart?: true;
}

export interface HandlingOptions {
  /** How long the database stays locked, ms. */
  readonly lockedMs: number;
  readonly only?: readonly string[];
}

/** @returns what could not be tried here, and why */
export async function roughHandling(checks: Checks, options: HandlingOptions): Promise<string[]> {
  const skipped: string[] = [];
  for (const [name, situation] of Object.entries(situations(options))) {
    if (options.only !== undefined && !options.only.includes(name)) continue;
    using folder = temporaryFolder('rough');
    await using server = await startStubServer();
    const spool = situation.spoolApart === undefined ? undefined : join(folder.path, 'spool');
    const place = new AuditedFolder(folder.path, server, spool);
    const collector = await place.collector();
    await place.calls('before', CALLS);
    await place.stop(collector);
    const pin = join(folder.path, 'pin');
    writeFileSync(pin, newestLoggedNote(place.data) ?? '');
    const reason = await situation.handle(place, checks);
    if (reason !== undefined) skipped.push(`${name}: ${reason}`);
    else await judge(name, situation, place, pin, checks);
  }
  return skipped;
}

/** Another collector and another application come after; then rows and verdict must be as if nothing had been. */
async function judge(
  name: string,
  { lossTold }: Situation,
  place: AuditedFolder,
  pin: string,
  checks: Checks,
): Promise<void> {
  const collector = await place.collector();
  await place.calls('after', CALLS);
  await place.stop(collector);
  const { served, missing, twice, told } = place.balance();
  const rows = [served, missing.length, twice.length, told].join(', ');
  const most = lossTold === undefined ? 0 : told;
  const holds = served >= 2 * CALLS && missing.length <= most && twice.length === 0 && told === most;
  const wanted = lossTold === undefined ? '> 49, 0, 0, 0' : '> 49, as told or less, 0, any';
  checks.record(`${name}: calls served, lost, doubled, told to be lost`, rows, wanted, holds);
  const { verdict, findings } = await place.verify([join(place.data, 'keys/log.vkey'), pin]);
  const said = [verdict, ...new Set(findings.map(({ code }) => code))].join(' ');
  checks.equal(`${name}: verify, with the note of before pinned`, said, most > 0 ? 'INCOMPLETE gap' : 'VERIFIED');
}

function situations({ lockedMs }: HandlingOptions): Record<string, Situation> {
  return {
    'two collectors racing': { handle: racing },
    'clock one day back': { handle: (place) => clockMoved(place, -DAY_S) },
    'clock one year ahead': { handle: (place) => clockMoved(place, 365 * DAY_S) },
    VACUUM: { handle: (place) => rewritten(place, ['VACUUM']) },
    'page size 16384': { handle: (place) => rewritten(place, OTHER_PAGES) },
    'VACUUM while a collector runs': { handle: vacuumBesideCollector },
    'backup while a collector runs': { handle: backup },
    'dump and restore': { handle: dumpRestored },
    'disk full and freed': { handle: diskFull, spoolApart: true },
    'disk full and freed, the spool with it': { handle: diskFull, lossTold: true },
    'read-only file system': { handle: readOnly },
    [`database locked for ${lockedMs / 1_000} s`]: { handle: async (place, checks) => locked(place, lockedMs, checks) },
    'kill -9 of everything': { handle: killEverything },
  };
}

/** Some start at the same moment: one collects, the others leave. */
async function racing(place: AuditedFolder, checks: Checks): Promise<undefined> {
  for (const round of ['old', 'new']) {
    if (round === 'new') rmSync(join(place.data, 'lock.db'));
    const racers = Array.from({ length: 4 }, () => place.startCollector());
    const won = await Promise.all(racers.map(async (racer) => place.writes(racer)));
    await place.calls(`race-${round}`, CALLS);
    const winners = racers.filter((_, i) => won[i]);
    checks.equal(`collectors that won, of 4, ${round} lock file`, winners.length, 1);
    for (const [i, racer] of racers.entries()) {
      if (won[i] !== true) checks.equal('exit of one that did not', (await racer.ended).code, 2);
    }
    for (const winner of winners) await place.stop(winner);
  }
}

/** First a collector that starts under the wrong clock, then one whose clock is moved while it runs. */
async function clockMoved(place: AuditedFolder, seconds: number): Promise<undefined> {
  const env = { NODE_OPTIONS: `--require ${CLOCK}`, CLOCK_SHIFT_S: `${seconds}` };
  const wrong = await place.collector(env);
  await place.calls('wrong-clock', CALLS);
  await place.stop(wrong);
  const moved = await place.collector({ ...env, CLOCK_STEP_AFTER_S: '2' });
  await place.calls('moved-clock', CALLS, { PAUSE_MS: '500' });
  await kill(moved);
}

async function rewritten({ data }: AuditedFolder, statements: readonly string[]): Promise<undefined> {
  using database = new DatabaseSync(join(data, 'ledger.db'), { timeout: 10_000 });
  for (const statement of statements) database.exec(statement);
}

async function vacuumBesideCollector(place: AuditedFolder): Promise<undefined> {
  const collector = await place.collector();
  const calls = place.calls('beside', CALLS, { PAUSE_MS: '100' });
  // In a process of its own, as an administrator would.
  for (let i = 0; i < 3; i++) execFileSync(process.execPath, ['-e', RUN_SQL, join(place.data, 'ledger.db'), 'VACUUM']);
  await calls;
  await place.stop(collector);
}

/** A copy made by the engine itself beside a collector that runs is evidence of its own. */
async function backup(place: AuditedFolder, checks: Checks): Promise<undefined> {
  const copy = join(place.data, '..', 'backup');
  mkdirSync(copy);
  const collector = await place.collector();
  const calls = place.calls('backed-up', CALLS, { PAUSE_MS: '100' });
  execFileSync(process.execPath, ['-e', RUN_SQL, join(place.data, 'ledger.db'), `VACUUM INTO '${copy}/ledger.db'`]);
  const { verdict } = await verifyPath(copy, [join(place.data, 'keys/log.vkey')]);
  checks.record('verify, the backup alone', ...harmless(verdict));
  await calls;
  await kill(collector);
}

/** By the `.dump` of the sqlite3 program, which leaves out what is not SQL: those two numbers are set by hand. */
async function dumpRestored({ data }: AuditedFolder, checks: Checks): Promise<string | undefined> {
  const file = join(data, 'ledger.db');
  const sql = spawnSync('sqlite3', [file, '.dump'], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (sql.error !== undefined) return `the program sqlite3 is not here: ${sql.error.message}`;
  renameSync(file, `${file}.before`);
  execFileSync('sqlite3', [file], { input: sql.stdout });
  checks.record('verify, restored without its application_id', ...unlikeAnAttack((await verifyPath(data, [])).verdict));
  execFileSync('sqlite3', [
    file,
    'PRAGMA application_id = 1331123249; PRAGMA user_version = 2; PRAGMA journal_mode = WAL',
  ]);
  checks.equal('verify, restored', (await verifyPath(data, [])).verdict, 'UNANCHORED');
  return undefined;
}

async function diskFull(place: AuditedFolder, checks: Checks): Promise<string | undefined> {
  using disk = smallDisk(place.data);
  if (disk.reason !== undefined) return disk.reason;
  const collector = await place.collector();
  const calls = place.calls('full', CALLS, { PAUSE_MS: '300' });
  await sleep(500);
  const filler = join(place.data, 'filler');
  fill(filler);
  await collector.printed(/ENOSPC|disk is full|SQLITE_FULL/, 20_000);
  checks.equal('a collector on a full disk', 'says so', 'says so');
  checks.record('verify while the disk is full', ...unlikeAnAttack((await place.verify()).verdict));
  rmSync(filler);
  await calls;
  await place.stop(collector);
  await fullAtStart(place, filler, checks);
  disk.keep();
  return undefined;
}

async function fullAtStart(place: AuditedFolder, filler: string, checks: Checks): Promise<void> {
  fill(filler);
  const starting = place.startCollector();
  await place.writes(starting);
  starting.child.kill('SIGKILL');
  await starting.ended;
  checks.record('verify after a start on a full disk', ...unlikeAnAttack((await place.verify()).verdict));
  rmSync(filler);
}

/** A collector that starts there says so and leaves; evidence is judged there, a WAL that nobody folded included. */
async function readOnly(place: AuditedFolder, checks: Checks): Promise<string | undefined> {
  using disk = smallDisk(place.data);
  if (disk.reason !== undefined) return disk.reason;
  disk.remount('ro');
  const starting = place.startCollector();
  checks.equal('exit of a collector that starts on a read-only file system', (await starting.ended).code, 2);
  checks.equal('verify on a read-only file system', (await place.verify()).verdict, 'VERIFIED');
  disk.remount('rw');
  const collector = await place.collector();
  await place.calls('writable', CALLS);
  await kill(collector);
  disk.remount('ro');
  checks.equal('verify on a read-only file system, after a kill', (await place.verify()).verdict, 'VERIFIED');
  disk.remount('rw');
  disk.keep();
  return undefined;
}

/** Another program holds the write lock of the database while calls are made. */
async function locked(place: AuditedFolder, ms: number, checks: Checks): Promise<undefined> {
  const collector = await place.collector();
  const script = `const { DatabaseSync } = require('node:sqlite'); const d = new DatabaseSync(process.argv[1], { timeout: 10000 });
    d.exec('BEGIN IMMEDIATE'); process.stdout.write('held'); process.stdin.resume();`;
  const holder = spawn(process.execPath, ['-e', script, join(place.data, 'ledger.db')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  await place.calls('locked', CALLS);
  await collector.printed(/database is locked/, 30_000 + ms);
  await sleep(ms);
  checks.equal('verify while the database is locked', (await place.verify()).verdict, 'VERIFIED');
  holder.stdin.end();
  await once(holder, 'close');
  await place.stop(collector);
}

/** Collector, applications and a verifier at once, in the middle of their work. */
async function killEverything(place: AuditedFolder, checks: Checks): Promise<undefined> {
  for (let i = 0; i < 3; i++) {
    const collector = await place.collector();
    const applications = [0, 1].map((n) => place.application(`kill-${i}-${n}`, { PAUSE_MS: '2' }));
    await sleep(900 + 200 * i);
    const ended = [collector.ended, ...applications.map(async (application) => once(application, 'close'))];
    for (const child of [collector.child, ...applications]) child.kill('SIGKILL');
    await Promise.all(ended);
    checks.record('verify after kill -9 of everything', ...harmless((await place.verify()).verdict));
  }
}

function unlikeAnAttack(verdict: string): [string, string, boolean] {
  return [verdict, 'not TAMPERED', !/^(?:TAMPERED|ROLLBACK|POLICY)$/.test(verdict)];
}

function harmless(verdict: string): [string, string, boolean] {
  return [verdict, 'VERIFIED', verdict === 'VERIFIED'];
}

async function kill({ child, ended }: Running): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

function fill(path: string): void {
  spawnSync('dd', ['if=/dev/zero', `of=${path}`, 'bs=4k'], { stdio: 'ignore' });
}
