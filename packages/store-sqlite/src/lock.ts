import fs from 'node:fs';
import { type Engine, openEngine } from './engine.ts';
import { storeError } from './errors.ts';

/** A reader that looks whether the lock is held may hold it itself for a moment. */
const BUSY_MS = 300;

/** The right to append. The kernel releases it when the process ends, however it ends. */
export interface StoreLock {
  release(): void;
}

/**
 * Takes `lock.db` in `BEGIN EXCLUSIVE`. Nothing else in this process may open that file: POSIX locks vanish when any
 * descriptor of the file is closed.
 *
 * @throws OutwitnessError `store-locked` with the pid of the holder where the system tells it
 */
export function holdLock(file: string): StoreLock {
  const engine = openEngine(file, { readonly: false, mustExist: false, busyMs: BUSY_MS });
  try {
    // Nothing is ever written, so no journal has to lie beside the file.
    engine.pragma('journal_mode = MEMORY');
    engine.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    engine.close();
    if ((cause as { code?: unknown }).code !== 'SQLITE_BUSY') throw cause;
    const pid = lockHolder(file);
    const who = pid === undefined ? 'another process' : `process ${pid}`;
    throw storeError(
      'store-locked',
      `${file} is held by ${who}: expected nobody, since one collector appends at a time. Stop that one, or name another data directory.`,
      cause,
    );
  }
  return { release: () => release(engine) };
}

function release(engine: Engine): void {
  if (!engine.open) return;
  engine.exec('ROLLBACK');
  engine.close();
}

/**
 * The process that holds a lock on the file, as Linux tells it. Asks the kernel by inode: `stat` opens no descriptor.
 *
 * @returns `undefined` if nobody does, or the system does not tell
 */
export function lockHolder(file: string): number | undefined {
  try {
    const { dev, ino } = fs.statSync(file, { bigint: true });
    const hex = (n: bigint): string => n.toString(16).padStart(2, '0');
    const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
    const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
    const place = ` ${hex(major)}:${hex(minor)}:${ino} `;
    const line = fs
      .readFileSync('/proc/locks', 'utf8')
      .split('\n')
      .find((text) => text.includes(place) && text.includes(' WRITE '));
    const pid = Number(/ WRITE (\d+) /.exec(line ?? '')?.[1]);
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}
