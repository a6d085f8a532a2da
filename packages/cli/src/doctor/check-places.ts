import { accessSync, constants, existsSync, readFileSync, type Stats, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type DataDir, readAlive } from '@outwitness/collector';
import { SPOOL_LIMITS, SpoolReader } from '@outwitness/spool';
import type { Finding } from './finding.ts';

/** What `doctor` saw of the collector. */
export interface CollectorState {
  running: boolean;
  pid: number | null;
  version: string | null;
  backlogBytes: number;
  frozen: string | null;
}

/** What `doctor` saw of the spool directory. */
export interface SpoolState {
  path: string;
  /** As `ls -l` would give it in octal, `null` if there is none. */
  mode: string | null;
  uid: number | null;
  gid: number | null;
  bytes: number;
}

const SPOOL_MODE = 0o3730;
/** Less room on the disk than this is told. */
const LEAST_FREE_BYTES = 64 * 1024 * 1024;

/** Is there a collector, and does it keep up? */
export function checkCollector(dir: DataDir, audited: number, now: number): [CollectorState, Finding[]] {
  const alive = readAlive(dir.alive, now);
  const state: CollectorState = {
    running: alive?.running === true,
    pid: alive?.running === true ? alive.pid : null,
    version: alive?.running === true ? alive.software : null,
    backlogBytes: alive?.backlogBytes ?? 0,
    frozen: alive === undefined || alive.frozen === '' ? null : alive.frozen,
  };
  const found: Finding[] = [];
  if (!state.running && audited > 0) {
    found.push({
      id: 'collector-not-running',
      severity: 'problem',
      text: `No collector runs for ${dir.root}: records stay in the spool, unsigned.`,
      expected: `${dir.alive} younger than 5 s`,
      got: existsSync(dir.alive) ? 'older' : 'no such file',
      action: `Start one: outwitness collect --data ${dir.root}`,
      pid: null,
    });
  }
  if (state.running && state.frozen !== null) {
    found.push({
      id: 'ledger-frozen',
      severity: 'problem',
      text: 'The ledger takes no more rows.',
      expected: 'a ledger that grows',
      got: state.frozen,
      action: `Run: outwitness verify --data ${dir.root}`,
      pid: null,
    });
  }
  return [state, found];
}

/** May this user look at what is on record already? */
export function checkLedger({ root, ledger }: DataDir): Finding[] {
  try {
    accessSync(root, constants.R_OK | constants.X_OK);
    accessSync(ledger, constants.R_OK);
    return [];
  } catch (error) {
    return [
      {
        id: 'ledger-unreadable',
        severity: 'coverage',
        text: 'This user may not read the ledger: whether agents could not be loaded is not known.',
        expected: `read rights on ${root} and ${ledger}`,
        got: (error as NodeJS.ErrnoException).code ?? (error as Error).message,
        action: 'Run doctor as the user of the collector.',
        pid: null,
      },
    ];
  }
}

/** May audited processes append, and is there room? */
export function checkSpool(dir: DataDir): [SpoolState, Finding[]] {
  const found: Finding[] = [];
  const add = (id: string, text: string, expected: string, got: string, action: string): void =>
    void found.push({ id, severity: 'problem', text, expected, got, action, pid: null });
  const stat = statOf(dir.spool);
  const state: SpoolState = { path: dir.spool, mode: null, uid: null, gid: null, bytes: 0 };
  if (stat?.isDirectory() !== true) {
    add(
      'spool-missing',
      `There is no spool at ${dir.spool}.`,
      'a directory',
      stat === undefined ? 'nothing, or nothing that this user may see' : 'a file',
      'Name the data directory with --data, or make one by starting outwitness run or collect.',
    );
    return [state, found];
  }
  const mode = stat.mode & 0o7777;
  Object.assign(state, { mode: mode.toString(8).padStart(4, '0'), uid: stat.uid, gid: stat.gid });
  if (mode !== SPOOL_MODE && process.platform !== 'win32') {
    add(
      'spool-mode',
      'The rights of the spool are not what keeps processes from each other’s files.',
      SPOOL_MODE.toString(8),
      `${state.mode}`,
      `Run: chmod ${SPOOL_MODE.toString(8)} ${dir.spool}`,
    );
  }
  try {
    accessSync(dir.spool, constants.W_OK | constants.X_OK);
  } catch {
    add(
      'spool-unwritable',
      'This user may not append to the spool.',
      `write and search rights for uid ${process.getuid?.()} or its groups`,
      `mode ${state.mode}, uid ${stat.uid}, gid ${stat.gid}`,
      'If applications run as this user, start the collector with: outwitness collect --for USER',
    );
  }
  state.bytes = bytesIn(dir.spool);
  const { bavail, bsize } = statfsSync(dir.spool);
  if (state.bytes > SPOOL_LIMITS.directoryBytes * 0.9) {
    add(
      'spool-full',
      'The spool has used up its share of the disk: agents stop writing there.',
      `less than ${SPOOL_LIMITS.directoryBytes} bytes`,
      `${state.bytes} bytes`,
      'Start a collector: it takes the records over and makes room.',
    );
  }
  if (bavail * bsize < LEAST_FREE_BYTES) {
    add(
      'disk-full',
      'The disk of the spool is nearly full.',
      `${LEAST_FREE_BYTES} bytes free`,
      `${bavail * bsize} bytes free`,
      'Make room: where a record cannot be written its call is counted as missing.',
    );
  }
  return [state, found];
}

/** Can the entry be read by whoever runs the application? A `--require` of a file that is gone ends the program before any code of ours runs. */
export function checkEntry(path: string): Finding[] {
  const unreadable = firstUnreadable(path);
  if (unreadable === undefined) return [];
  return [
    {
      id: 'entry-unreadable',
      severity: 'problem',
      text: `Not everybody may read the entry ${path}: a program that names it in NODE_OPTIONS does not start.`,
      expected: 'a file that all users may read, in folders that all users may search',
      got: unreadable,
      action: 'Install Outwitness where the application’s user may read it, or correct the rights.',
      pid: null,
    },
  ];
}

function firstUnreadable(path: string): string | undefined {
  try {
    readFileSync(path);
    if (process.platform === 'win32') return undefined;
    if ((statSync(path).mode & 0o004) === 0) return `${path} is not readable by others`;
    for (let folder = dirname(path); ; folder = dirname(folder)) {
      if ((statSync(folder).mode & 0o001) === 0) return `${folder} may not be searched by others`;
      if (folder === dirname(folder)) return undefined;
    }
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? (error as Error).message;
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function bytesIn(spool: string): number {
  try {
    return new SpoolReader(spool).list().segments.reduce((sum, { size }) => sum + size, 0);
  } catch {
    return 0; // whoever may only append may not list: told by whoever reads the threads
  }
}
