import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Engine, openEngine, requireNode } from './engine.ts';
import { storeError } from './errors.ts';
import { refuseByHeader, refuseVersion } from './header.ts';
import { openImmutable } from './immutable.ts';
import { SqliteJournal } from './journal.ts';
import { APPLICATION_ID, FROM_VERSION_1, SCHEMA, SCHEMA_VERSION } from './schema.ts';
import { SqliteStore } from './store.ts';

/** A reader may hold the file for a moment while it checkpoints the WAL. */
const BUSY_MS = 5000;

/**
 * Opens `ledger.db` for its one writer, or makes it. The caller holds the lock (lock.ts): two writers would not damage the
 * file, but the second one's batches would all be refused.
 *
 * @param besideJournal this process reads the file already: then its header is not looked at, see header.ts
 * @throws OutwitnessError `store-newer` `store-foreign` (the file is left untouched), `node-version`
 */
export function openStore(file: string, besideJournal: boolean = false): SqliteStore {
  if (!besideJournal) refuseByHeader(file);
  if (peek(file) === 'empty') create(file);
  const writer = openEngine(file, { readonly: false, mustExist: true, busyMs: BUSY_MS });
  writer.pragma('synchronous = FULL');
  writer.pragma('secure_delete = ON');
  writer.pragma('trusted_schema = OFF');
  if (writer.pragma('user_version', { simple: true }) === 1) migrate(writer);
  return new SqliteStore(writer, openReader(file));
}

/**
 * Opens `ledger.db` to read, in any number of processes, beside a writer or without one; in the writer's own process use
 * {@link openJournalBesideStore}.
 *
 * @throws OutwitnessError `store-missing` `store-newer` `store-foreign` `node-version`
 */
export function openJournal(file: string): SqliteJournal {
  refuseByHeader(file);
  if (peek(file) === 'empty') throw missing(file);
  return new SqliteJournal(openReader(file));
}

/** Another reader in the process that has the store open: looks at no header, see header.ts. */
export function openJournalBesideStore(file: string): SqliteJournal {
  return new SqliteJournal(openReader(file));
}

/**
 * Opens a ledger that nobody writes and leaves it as it is, byte for byte: no file is made beside it. What a writer left in its log is read from a private copy of both.
 *
 * @throws OutwitnessError `store-missing` `store-newer` `store-foreign` `node-version`
 */
export function openEvidence(file: string): SqliteJournal {
  refuseByHeader(file);
  requireNode(process.versions.node);
  if (!fs.existsSync(file)) throw missing(file);
  const files = ['', '-wal', '-journal'].filter((suffix) => sizeOf(file + suffix) > 0);
  const engine = files.some((suffix) => suffix !== '') ? undefined : openImmutable(file);
  if (engine !== undefined) return new SqliteJournal(engine);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'outwitness-evidence-'));
  const copy = path.join(folder, 'ledger.db');
  const remove = (): void => fs.rmSync(folder, { recursive: true, force: true });
  // Also on the way out by a signal that ends the process in order.
  process.once('exit', remove);
  for (const suffix of files) fs.copyFileSync(file + suffix, copy + suffix, fs.constants.COPYFILE_FICLONE);
  return new SqliteJournal(openReader(copy));
}

/** Of what is no regular file 0: a pipe would be waited for, a device may have no end. */
function sizeOf(file: string): number {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat?.isFile() === true ? stat.size : 0;
}

function missing(file: string): Error {
  return storeError(
    'store-missing',
    `${file} holds no ledger: expected one. Start the collector, or name another data directory.`,
  );
}

function openReader(file: string): Engine {
  const engine = openEngine(file, { readonly: true, mustExist: true, busyMs: BUSY_MS });
  engine.pragma('trusted_schema = OFF');
  return engine;
}

/** Looks at the version through a connection that cannot write, before anything is changed. */
function peek(file: string): 'empty' | 'ours' {
  let engine: Engine;
  try {
    engine = openEngine(file, { readonly: true, mustExist: true, busyMs: BUSY_MS });
  } catch (error) {
    if ((error as { code?: unknown }).code === 'SQLITE_CANTOPEN') return 'empty';
    throw error;
  }
  try {
    const version = engine.pragma('user_version', { simple: true }) as number;
    const id = engine.pragma('application_id', { simple: true }) as number;
    const objects = engine.prepare('SELECT count(*) FROM sqlite_schema').pluck().get() as number;
    if (id === 0 && version === 0 && objects === 0) return 'empty';
    if (id !== APPLICATION_ID) throw foreign(file, id, hasRows(engine));
    refuseVersion(file, version);
    return 'ours';
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'SQLITE_NOTADB') throw error;
    throw storeError('store-foreign', `${file} is no SQLite database. Name another data directory.`, error);
  } finally {
    engine.close();
  }
}

function hasRows(engine: Engine): boolean {
  return engine.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'rows' AND type = 'table'").get() !== undefined;
}

/** What `.dump` of the sqlite3 program writes holds every table and trigger, and not the numbers of the header. */
function foreign(file: string, id: number, restored: boolean): Error {
  const what = `${file} is no ledger: application_id ${id}, expected ${APPLICATION_ID}`;
  const todo =
    restored && id === 0
      ? `If it was restored from a dump, which leaves the numbers of the header out, set them: sqlite3 ${file} "PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; PRAGMA journal_mode = WAL"`
      : 'Name another data directory.';
  return storeError('store-foreign', `${what}. ${todo}`);
}

/** All of the schema in one transaction: after a crash the file is empty or whole. */
function create(file: string): void {
  const engine = openEngine(file, { readonly: false, mustExist: false, busyMs: BUSY_MS });
  try {
    engine.pragma('encoding = "UTF-8"');
    engine.pragma('journal_mode = WAL');
    engine.pragma('synchronous = FULL');
    engine.transaction(() => {
      engine.pragma(`application_id = ${APPLICATION_ID}`);
      engine.pragma(`user_version = ${SCHEMA_VERSION}`);
      engine.exec(SCHEMA);
    })();
  } finally {
    engine.close();
  }
}

/** In one transaction: after a crash the store is of the old version or of the new one. */
function migrate(engine: Engine): void {
  engine.transaction(() => {
    engine.exec(FROM_VERSION_1);
    engine.pragma(`user_version = ${SCHEMA_VERSION}`);
  })();
}
