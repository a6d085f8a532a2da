/** Opens a store so that the evidence stays as it is, byte for byte. Node only. */
import { closeSync, constants, copyFileSync, mkdtempSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { createReadStream, createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';

export interface OpenStore {
  db: DatabaseSync;
  /** A writer holds the ledger: it may grow while it is read. */
  live: boolean;
  /** Did the files change since they were opened, though no writer was there? */
  changed: () => boolean;
  close: () => void;
}

const SQLITE_BUSY = 5;
const JOURNAL_MAGIC = Buffer.from('d9d505f920a163d7', 'hex');
/** Where the header of a database says how it is written: 2 = with a WAL. */
const WRITE_VERSION = 18;
const temporary = new Set<string>();

/** Removes the copies made by this process; also for the way out on a signal. */
export function removeCopies(): void {
  for (const folder of temporary) rmSync(folder, { recursive: true, force: true });
  temporary.clear();
}

/** Opens `ledger.db` as verification.md says, order for a store, step 1. */
export async function openStore(path: string): Promise<OpenStore> {
  const live = isHeld(join(dirname(path), 'lock.db'));
  const before = stamp(path);
  const changed = (): boolean => !live && (stamp(path) !== before || isHeld(join(dirname(path), 'lock.db')));
  const open = (file: string, readOnly: boolean, remove: () => void): OpenStore => {
    const db = new DatabaseSync(file, { readOnly, enableForeignKeyConstraints: false });
    db.exec('PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0');
    const close = (): void => {
      db.close();
      remove();
    };
    return { db, live, changed, close };
  };
  if (live) return open(path, true, () => {});
  if (!['-wal', '-journal'].some((suffix) => sizeOf(path + suffix) > 0)) {
    try {
      return open(`${pathToFileURL(path).href}?immutable=1`, true, () => {});
    } catch (error) {
      // Node before 22.15 takes no URI: its way is the copy.
      if (!/unable to open/.test((error as Error).message)) throw error;
    }
  }
  // Whoever plays such a journal back deletes the file that it names, wherever that is; ours is of one file only.
  if (bytesAt(`${path}-journal`, sizeOf(`${path}-journal`) - 8, 8).equals(JOURNAL_MAGIC))
    throw new Error(`${basename(path)}-journal names a further file, as no journal of a ledger does`);
  const folder = mkdtempSync(join(tmpdir(), 'outwitness-verify-'));
  temporary.add(folder);
  const copy = join(folder, basename(path));
  for (const suffix of ['', '-wal', '-journal'])
    if (isRegular(path + suffix)) await copyFile(path + suffix, copy + suffix);
  return open(copy, false, () => {
    rmSync(folder, { recursive: true, force: true });
    temporary.delete(folder);
  });
}

/**
 * Does a process hold `lock.db` in an exclusive transaction? To read from it, this connection would have to take a
 * shared lock, which that transaction refuses; the attempt writes nothing. With a WAL it would make files, and it is no
 * lock of a ledger.
 */
function isHeld(lock: string): boolean {
  if (!isRegular(lock) || bytesAt(lock, WRITE_VERSION, 1)[0] === 2) return false;
  const db = new DatabaseSync(lock, { readOnly: true });
  try {
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    return (error as { errcode?: number }).errcode === SQLITE_BUSY;
  } finally {
    db.close();
  }
}

/** Never a pipe or device, which would block whoever opens it. */
export function isRegular(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** As many bytes of a regular file as there are from a place on, at most so many. */
export function bytesAt(path: string, from: number, most: number): Buffer {
  if (!isRegular(path)) return Buffer.alloc(0);
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(most);
    return bytes.subarray(0, readSync(fd, bytes, 0, most, Math.max(0, from)));
  } finally {
    closeSync(fd);
  }
}

function sizeOf(path: string): number {
  return isRegular(path) ? statSync(path).size : 0;
}

function stamp(path: string): string {
  return ['', '-wal', '-journal']
    .map((suffix) => statSync(path + suffix, { throwIfNoEntry: false, bigint: true }))
    .map((stat) => `${stat?.ino} ${stat?.size} ${stat?.mtimeNs}`)
    .join();
}

/** By reference where the file system can, else in pieces, so that a signal finds its handler in between. */
async function copyFile(from: string, to: string): Promise<void> {
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE_FORCE);
  } catch {
    closeSync(openSync(to, 'w', 0o600));
    await pipeline(createReadStream(from), createWriteStream(to));
  }
}
