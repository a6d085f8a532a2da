/** What a program and its children ask the system to write below one folder, in order, as strace tells it. */
import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

export type DiskStep =
  | { readonly kind: 'create' | 'unlink' | 'mkdir' | 'sync'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }
  | { readonly kind: 'truncate'; readonly path: string; readonly size: number }
  /** `at` −1: at the end of the file. */
  | { readonly kind: 'write'; readonly path: string; readonly at: number; readonly bytes: Buffer };

const CALLS =
  'openat,open,creat,write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,ftruncate,truncate,rename,renameat,renameat2,unlink,unlinkat,mkdir,mkdirat,rmdir,link,linkat,fallocate';
/** Longest text of one call that is told. */
const MOST_BYTES = 1_048_576;

/** Words to put before a command, so that what it writes is told in `file`. */
export function traced(file: string): string[] {
  const how = ['-f', '-y', '-xx', '--seccomp-bpf', '-s', `${MOST_BYTES}`, '-e', 'signal=none'];
  return ['strace', ...how, '-e', `trace=${CALLS}`, '-o', file];
}

/** Why nothing can be traced here. */
export function whyNotTraced(): string | undefined {
  const { status, error, stderr } = spawnSync(traced('/dev/null')[0] ?? '', [...traced('/dev/null').slice(1), 'true'], {
    encoding: 'utf8',
  });
  if (error !== undefined) return `strace is not here (${error.message}): apt-get install strace`;
  return status === 0 ? undefined : `strace does not work here: ${stderr.trim().split('\n', 1)[0]}`;
}

/** Paths are relative to `folder`; what lies elsewhere is left out. */
export async function readTrace(file: string, folder: string): Promise<DiskStep[]> {
  const steps: DiskStep[] = [];
  const begun = new Map<string, string>();
  for await (const line of createInterface({ input: createReadStream(file, 'latin1') })) {
    const [, pid = '', told = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    if (told.endsWith(' <unfinished ...>')) {
      begun.set(pid, told.slice(0, -' <unfinished ...>'.length));
      continue;
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(told);
    const call = resumed === null ? told : `${begun.get(pid) ?? ''}${resumed[1]}`;
    const step = stepOf(call, folder);
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

function stepOf(call: string, folder: string): DiskStep | undefined {
  const [, name = '', args = '', result = ''] = /^(\w+)\((.*)\) += (-?\d+)/.exec(call) ?? [];
  if (name === '' || Number(result) < 0) return undefined;
  const within = (text: string | undefined): string | undefined => {
    const path = text === undefined ? undefined : decoded(text).toString();
    if (path === folder) return '.';
    return path?.startsWith(`${folder}/`) === true ? path.slice(folder.length + 1) : undefined;
  };
  const quoted = [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?/g)];
  if (quoted.some(([, , cut]) => cut !== undefined)) throw new Error(`strace cut a text off: ${call.slice(0, 200)}`);
  const first = within(quoted[0]?.[1]);
  const file = within(/^\d+<((?:\\x[0-9a-f]{2})*)>/.exec(args)?.[1]);
  switch (name) {
    case 'open':
    case 'openat':
    case 'creat':
      if (first === undefined || !/O_CREAT|O_TRUNC/.test(args)) return undefined;
      return /O_TRUNC/.test(args) ? { kind: 'truncate', path: first, size: 0 } : { kind: 'create', path: first };
    case 'mkdir':
    case 'mkdirat':
      return first === undefined ? undefined : { kind: 'mkdir', path: first };
    case 'unlink':
    case 'unlinkat':
    case 'rmdir':
      return first === undefined ? undefined : { kind: 'unlink', path: first };
    case 'rename':
    case 'renameat':
    case 'renameat2': {
      const to = within(quoted[1]?.[1]);
      return first === undefined || to === undefined ? undefined : { kind: 'rename', path: first, to };
    }
    default:
      return file === undefined ? undefined : stepOfFile(name, file, args, quoted[0]?.[1] ?? '', Number(result));
  }
}

function stepOfFile(name: string, path: string, args: string, text: string, result: number): DiskStep | undefined {
  const last = Number(/(\d+)$/.exec(args)?.[1]);
  switch (name) {
    case 'fsync':
    case 'fdatasync':
      return { kind: 'sync', path };
    case 'ftruncate':
      return { kind: 'truncate', path, size: last };
    case 'write':
      return { kind: 'write', path, at: -1, bytes: decoded(text).subarray(0, result) };
    case 'pwrite64':
      return { kind: 'write', path, at: last, bytes: decoded(text).subarray(0, result) };
    default:
      throw new Error(`${name} is not followed here: ${args.slice(0, 200)}`);
  }
}

function decoded(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex');
}
