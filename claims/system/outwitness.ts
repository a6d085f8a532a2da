/** Runs the command line program as somebody at a terminal would, and reads what it prints. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const OUTWITNESS = join(ROOT, 'packages/cli/bin/outwitness.js');

/** The fields of a row (docs/formats/event.md) that the claims look at, as `journal` prints them. */
export interface Row {
  readonly seq: number;
  readonly kind: string;
  readonly app?: string;
  readonly pid?: number;
  readonly direction?: string;
  readonly channel?: string;
  readonly method?: string;
  readonly host?: string;
  readonly port?: number;
  readonly path?: string;
  readonly queryKeys?: readonly string[];
  readonly outcome?: string;
  readonly phase?: string;
  readonly bytesOut?: number;
  readonly bytesIn?: number;
  readonly package?: string;
  readonly basis?: string;
  readonly packageVersion?: string;
  readonly packageAuthor?: string;
  readonly site?: string;
  readonly fingerprint?: string;
  readonly event?: string;
  readonly channels?: readonly string[];
  readonly missing?: number;
}

export interface Finding {
  readonly code: string;
  readonly severity: string;
  readonly seq: number;
  readonly expected: string;
  readonly got: string;
  readonly text: string;
}

/** What `verify --json` prints (docs/formats/verification.md). */
export interface Verification {
  readonly verdict: string;
  readonly exit: number;
  readonly size: number;
  readonly findings: readonly Finding[];
}

export interface StartOptions {
  readonly cwd?: string;
  /** Added to a stranger's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Another program than this checkout's: a patched copy. */
  readonly program?: string;
  readonly uid?: number;
  /** Default: the same number. */
  readonly gid?: number;
}

export interface Ended {
  /** 128 + n if signal n ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess;
  /** All that it and the programs that inherited its output have written so far. */
  output(): string;
  /** Resolves when it has ended and nobody holds its output any more, the audited program included. */
  readonly ended: Promise<Ended>;
  /** Resolves with the first match in its output; rejects when it ends without one. */
  printed(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
}

/** Starts `outwitness …args`. */
export function startOutwitness(args: readonly string[], options: StartOptions = {}): Running {
  const child = spawn(process.execPath, [options.program ?? OUTWITNESS, ...args], {
    cwd: options.cwd ?? ROOT,
    env: { ...strangersEnvironment(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid ?? options.uid }),
  });
  const text = { stdout: '', stderr: '' };
  const readers = new Set<() => void>();
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream]?.setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
      for (const read of readers) read();
    });
  }
  const output = (): string => text.stdout + text.stderr;
  const ended = once(child, 'close').then(([code, signal]: (number | string | null)[]) => ({
    code: typeof code === 'number' ? code : 128 + signalNumber(`${signal}`),
    ...text,
  }));
  const printed = async (pattern: RegExp, withinMs = 90_000): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        readers.delete(read);
        end();
      };
      const read = (): void => {
        const found = pattern.exec(output());
        if (found !== null) settle(() => resolve(found));
      };
      const fail = (what: string): void => {
        const command = `outwitness ${args.join(' ')}`;
        settle(() => reject(new Error(`${command} ${what}: expected ${pattern}. It wrote:\n${output()}`)));
      };
      const timer = setTimeout(fail, withinMs, `printed nothing such within ${withinMs / 1000} s`);
      readers.add(read);
      read();
      ended.then(() => fail('ended'), reject);
    });
  return { child, output, ended, printed };
}

/** Runs `outwitness …args` to its end. */
export async function outwitness(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
  return startOutwitness(args, options).ended;
}

/** Audits a command to its end and demands that it ends well. */
export async function audit(data: string, command: readonly string[], options: StartOptions = {}): Promise<Ended> {
  const ended = await outwitness(['run', '--no-serve', '--data', data, '--', ...command], options);
  if (ended.code !== 0) {
    throw new Error(`outwitness run -- ${command.join(' ')} ended with ${ended.code}, expected 0:\n${shown(ended)}`);
  }
  return ended;
}

/** All rows that satisfy `where`, oldest first. */
export async function journal(data: string, where: Readonly<Record<string, string>> = {}): Promise<Row[]> {
  const filters = Object.entries(where).flatMap(([field, value]) => ['--where', `${field}=${value}`]);
  const ended = await outwitness(['journal', '--data', data, ...filters]);
  if (ended.code !== 0) throw new Error(`outwitness journal ended with ${ended.code}, expected 0:\n${shown(ended)}`);
  return ended.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);
}

/** The calls of the audited application. */
export async function calls(data: string, direction: 'in' | 'out' = 'out'): Promise<Row[]> {
  return (await journal(data, { kind: 'net', direction })).filter(({ app }) => app !== 'outwitness');
}

/** Verifies a data directory or a file. */
export async function verify(path: string, pin?: string): Promise<Verification> {
  const ended = await outwitness(['verify', '--data', path, '--json', ...(pin === undefined ? [] : ['--pin', pin])]);
  const result = parsed('verify', ended) as Verification;
  if (result.exit !== ended.code) {
    throw new Error(`outwitness verify ended with ${ended.code}, but its result says ${result.exit}`);
  }
  return result;
}

function parsed(command: string, ended: Ended): unknown {
  try {
    return JSON.parse(ended.stdout);
  } catch (cause) {
    throw new Error(`outwitness ${command} printed no JSON (exit ${ended.code}):\n${shown(ended)}`, { cause });
  }
}

function shown({ stdout, stderr }: Ended): string {
  return `${stdout.slice(-4000)}\n${stderr.slice(-4000)}`;
}

function signalNumber(signal: string): number {
  return { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }[signal] ?? 0;
}

/** Nothing of npm, of the test runner or of an audit around this one. */
function strangersEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_|INIT_CWD$|NODE_OPTIONS$|NODE_TEST_CONTEXT$|NODE_V8_COVERAGE$|OUTWITNESS_)/i.test(name),
  );
  // What is audited for a test leaves nothing in the state folder of whoever runs it.
  return { XDG_STATE_HOME: join(tmpdir(), 'outwitness-state'), ...Object.fromEntries(kept) };
}
