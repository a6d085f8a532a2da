import { accessSync, chmodSync, constants, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Places, readPlaces } from './alive-file.ts';
import { collectorError } from './errors.ts';

/** Where the parts of one data directory lie; all paths are absolute. */
export interface DataDir {
  root: string;
  ledger: string;
  lock: string;
  checkpoints: string;
  keys: string;
  control: string;
  spool: string;
  agent: string;
  alive: string;
  acknowledged: string;
  access: string;
  served: string;
}

/** `--keys`, `--checkpoints`, `--spool` move parts elsewhere. */
export interface DataDirOptions {
  data: string;
  keys?: string;
  checkpoints?: string;
  spool?: string;
}

/** Names the parts; changes nothing. What is not named lies where the last collector had it, else in the directory. */
export function dataDirAt(options: DataDirOptions): DataDir {
  const root = resolve(options.data);
  const before = readPlaces(join(root, 'alive'));
  return {
    root,
    ledger: join(root, 'ledger.db'),
    lock: join(root, 'lock.db'),
    checkpoints: resolve(options.checkpoints ?? before.checkpoints ?? join(root, 'checkpoints.log')),
    keys: resolve(options.keys ?? before.keys ?? join(root, 'keys')),
    control: join(root, 'control'),
    spool: resolve(options.spool ?? before.spool ?? join(root, 'spool')),
    agent: join(root, 'agent.json'),
    alive: join(root, 'alive'),
    acknowledged: join(root, 'acknowledged.json'),
    access: join(root, 'access.json'),
    served: join(root, 'served.json'),
  };
}

/** The log of checkpoints if it lies where a verifier would not look by itself; undefined too while there is none. */
export function movedCheckpoints({ root, checkpoints }: DataDir): string | undefined {
  if (checkpoints === join(root, 'checkpoints.log')) return undefined;
  return statSync(checkpoints, { throwIfNoEntry: false })?.isFile() === true ? checkpoints : undefined;
}

/** The parts that lie outside the directory. */
export function placesOf(dir: DataDir): Places {
  const inside: Places = {
    keys: join(dir.root, 'keys'),
    checkpoints: join(dir.root, 'checkpoints.log'),
    spool: join(dir.root, 'spool'),
  };
  const parts = ['keys', 'checkpoints', 'spool'] as const;
  return Object.fromEntries(parts.filter((part) => dir[part] !== inside[part]).map((part) => [part, dir[part]]));
}

/**
 * Makes the directory and its rooms with their rights (DESIGN: root 0711, keys and control 0700, spool 3730).
 *
 * @throws OutwitnessError `data-unusable`
 */
export function createDataDir(dir: DataDir): void {
  try {
    makeRoom(dir.root, 0o711);
    makeRoom(dir.keys, 0o700);
    makeRoom(dir.control, 0o700);
    keepToOurselves(dir.control);
    makeRoom(dir.spool, 0o3730);
    mkdirSync(dirname(dir.checkpoints), { recursive: true });
    if (statSync(dir.checkpoints, { throwIfNoEntry: false })?.isDirectory() === true)
      throw new Error(`${dir.checkpoints} is a directory: expected a file`);
    accessSync(dir.root, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw collectorError(
      'data-unusable',
      `cannot use the data directory ${dir.root}: expected a directory that this user may write, got ${code ?? (cause as Error).message}. Choose another with --data or correct its rights.`,
      cause,
    );
  }
}

function makeRoom(path: string, mode: number): void {
  const created = mkdirSync(path, { recursive: true });
  if (created !== undefined) chmodSync(path, mode);
  else if (!statSync(path).isDirectory()) throw Object.assign(new Error(`${path} is a file`), { code: 'ENOTDIR' });
}

/** Who may write there asks in our name: it must be no link, ours, and closed to others. */
function keepToOurselves(path: string): void {
  const stat = lstatSync(path);
  const uid = process.getuid?.();
  const foreign = uid !== undefined && uid !== 0 && stat.uid !== uid;
  if (stat.isSymbolicLink() || foreign)
    throw new Error(
      `${path} is ${foreign ? `owned by user ${stat.uid}` : 'a link'}: expected a directory of this user`,
    );
  if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) chmodSync(path, 0o700);
}

/**
 * Checks that there is a ledger to read.
 *
 * @throws OutwitnessError `data-unusable`
 */
export function requireLedger(dir: DataDir): void {
  try {
    accessSync(dir.root, constants.R_OK | constants.X_OK);
    if (!statSync(dir.ledger).isFile()) throw Object.assign(new Error('ledger.db is no file'), { code: 'EISDIR' });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw collectorError(
      'data-unusable',
      `no ledger in ${dir.root}: expected ${dir.ledger}, got ${code ?? (cause as Error).message}. Name the data directory with --data, or make one with: outwitness run -- CMD`,
      cause,
    );
  }
}
