import type { Call } from '../call.ts';
import { util } from '../node.ts';
import type { Program } from '../ports.ts';
import type { Recorder } from '../recorder.ts';
import { networkProgramsOf, runsAnother } from './command-line.ts';
import { lockInternal } from '../locked.ts';

/** A handle of the binding `process_wrap`; `onexit(code, signal)` is set before `spawn`. */
interface ProcessHandle {
  onexit?: unknown;
}

/** What lib/internal/child_process.js hands to its bindings: up to Node 22, and to `spawn_sync` always, as one object. */
interface SpawnOptions {
  file?: unknown;
  args?: unknown;
  envPairs?: unknown;
  cwd?: unknown;
  shell?: unknown;
}

/** What `spawn_sync.spawn` returns. */
interface SyncResult {
  error?: number;
  status?: number | null;
  signal?: string | null;
}

/** Programs that take a command line after `-c`. */
const SHELL = /^(?:(?:ba|da|z|k|c|tc|a|fi)?sh|cmd\.exe|powershell\.exe|pwsh(?:\.exe)?)$/i;
const COMMAND_FLAGS: ReadonlySet<unknown> = new Set(['-c', '/d', '/c', '/s', '-Command']);
/** A child ended by one of these was told to end. */
const TOLD_TO_END: ReadonlySet<string> = new Set(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGHUP']);

/**
 * Programs that the process starts. One call each, from the start to the exit; its path is the program without its folder, or the network programs that a command line names: never an argument or a variable.
 *
 * Everything that `node:child_process` and `node:cluster` do comes down to two functions of bindings, with the caller still on the stack (discoveries/processes.md).
 *
 * @param spawnSync the binding; where it cannot be reached the public functions are replaced
 */
export function watchProcess(recorder: Recorder, Process: object, spawnSync: object | undefined): void {
  const { guards } = recorder;
  const exited = guards.point('process.exited', {
    inspect: (_self, args, _wrapper, context) => {
      ended(context as Call, args[0], args[1]);
      recorder.finish(context as Call);
      return undefined;
    },
  });
  const spawn = guards.point<Call>('process.spawn', {
    inspect: (_self, args, wrapper) => begin(recorder, args, wrapper),
    leave: (call, returned) => threw(recorder, call, returned),
    observe: (call, result, self) => {
      const handle = self as ProcessHandle;
      if (typeof result === 'number' && result !== 0) fail(call, result);
      else if (typeof handle.onexit === 'function') {
        // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a handle of libuv is no event target
        handle.onexit = guards.callThrough(exited, handle.onexit, call);
        return;
      }
      recorder.finish(call);
    },
  });
  lockInternal(recorder, Process, 'spawn', 'Process.spawn', (original) => guards.callThrough(spawn, original));

  const sync = guards.point<Call>('process.spawnSync', {
    inspect: (_self, args, wrapper) => begin(recorder, args, wrapper),
    leave: (call, returned) => threw(recorder, call, returned),
    observe: (call, result) => {
      const { error, status, signal } = result as SyncResult;
      if (error === undefined) ended(call, status ?? 0, signal);
      else fail(call, error);
      recorder.finish(call);
    },
  });
  if (spawnSync !== undefined) {
    lockInternal(recorder, spawnSync, 'spawn', 'spawn_sync.spawn', (original) => guards.callThrough(sync, original));
  } else watchPublicSync(recorder);
  watchExecve(recorder);
}

/** Under `--permission`: the variables of a child are left alone, and a failure is an exception. */
function watchPublicSync(recorder: Recorder): void {
  const { guards, patches } = recorder;
  const childProcess = process.getBuiltinModule('node:child_process');
  for (const name of ['spawnSync', 'execFileSync', 'execSync'] as const) {
    const point = guards.point<Call>(`process.${name}`, {
      inspect: (_self, args, wrapper) =>
        name === 'execSync'
          ? open(recorder, programOf('sh', ['sh', '-c', String(args[0])], []), 'exec', wrapper)
          : open(recorder, programOf(args[0], ['', ...textsOf(args[1])], []), 'spawn', wrapper),
      leave: (call, returned) => threw(recorder, call, returned),
      observe: (call) => recorder.finish(call),
    });
    patches.replace(childProcess, name, (original) => guards.callThrough(point, original));
  }
}

/** `process.execve(file, args, env)` does not return: the record goes out, and with it all that waits. */
function watchExecve(recorder: Recorder): void {
  if (typeof Reflect.get(process, 'execve') !== 'function') return;
  const { guards } = recorder;
  const execve = guards.point<Call>('process.execve', {
    inspect: (_self, args, wrapper) => {
      const pairs = Object.entries(args[2] ?? process.env).map(([name, value]) => `${name}=${String(value)}`);
      const program = programOf(args[0], textsOf(args[1]), pairs);
      const call = open(recorder, program, 'execve', wrapper);
      // Node refuses the rest by itself.
      if (call === undefined || !isComplete(args) || !isMainThread()) return call;
      const environment = recorder.childEnvironment(program);
      if (environment !== undefined) {
        const list = args as unknown[];
        if (list.length < 2) list[1] = [];
        list[2] = Object.fromEntries(environment.map(parted));
        list.length = Math.max(list.length, 3);
      }
      recorder.processReplaced();
      return call;
    },
    leave: (call, returned) => {
      recorder.processStays();
      threw(recorder, call, returned);
    },
  });
  lockInternal(recorder, process, 'execve', 'process.execve', (original) => guards.callThrough(execve, original));
}

function isComplete(args: ArrayLike<unknown>): boolean {
  const [file, list, env] = Array.from(args);
  if (typeof file !== 'string' || (list !== undefined && !(Array.isArray(list) && list.every(isText)))) return false;
  return env === undefined || (typeof env === 'object' && env !== null && Object.values(env).every(isText));
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && !value.includes('\0');
}

function isMainThread(): boolean {
  return process.getBuiltinModule('node:worker_threads').isMainThread;
}

/** The record of the call; and the child's environment with what it needs to be watched, in a copy that takes the place of the argument. */
function begin(recorder: Recorder, args: ArrayLike<unknown>, wrapper: Function): Call | undefined {
  // From Node 24 on `Process.spawn(file, args, cwd, envPairs, stdio, flags, uid, gid)`.
  const packed = typeof args[0] !== 'string';
  const options = (
    packed ? args[0] : { file: args[0], args: args[1], cwd: args[2], envPairs: args[3] }
  ) as SpawnOptions;
  const program = programOf(options.file, textsOf(options.args), textsOf(options.envPairs), options.cwd);
  const call = open(recorder, program, methodOf(program, options.shell), wrapper);
  // With the channel off too: the child is another process, with channels of its own.
  if (!Array.isArray(options.envPairs)) return call;
  const environment = recorder.childEnvironment(program);
  if (environment === undefined) return call;
  const list = args as unknown[];
  if (packed) list[0] = { ...options, envPairs: environment };
  else list[3] = environment;
  return call;
}

function open(recorder: Recorder, program: Program, method: string, wrapper: Function): Call | undefined {
  if (!recorder.live('process')) return undefined;
  const call = recorder.newCall('process', 'out');
  const record = recorder.openOf(call, recorder.capture(wrapper));
  record.method = method;
  const kept = recorder.localPath(startedName(program, method));
  if (kept !== undefined) record.path = kept;
  recorder.intent(record);
  return call;
}

function programOf(file: unknown, args: string[], environment: string[], cwd?: unknown): Program {
  const name = String(file);
  const folder = typeof cwd === 'string' ? cwd : undefined;
  return { file: name, args, environment, cwd: folder, runsAnother: runsAnother(nameOf(name)) };
}

/** What was started; of a command line the network programs that it names, if there are any. */
function startedName({ file, args, runsAnother: another }: Program, method: string): string {
  const name = nameOf(file);
  if (method !== 'exec' && !another) return name;
  const named = networkProgramsOf([name, ...args.slice(1)]);
  return named.length > 0 ? named.join('+') : name;
}

function methodOf({ file, args, environment }: Program, shell: unknown): string {
  if (environment.some((pair) => pair.startsWith('NODE_CHANNEL_FD='))) return 'fork';
  if (shell !== undefined && shell !== null && shell !== false) return 'exec';
  return SHELL.test(nameOf(file)) && COMMAND_FLAGS.has(args[1]) ? 'exec' : 'spawn';
}

function nameOf(file: string): string {
  const cut =
    process.platform === 'win32' ? Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) : file.lastIndexOf('/');
  return file.slice(cut + 1);
}

function textsOf(list: unknown): string[] {
  return Array.isArray(list) ? list.map(String) : [];
}

function parted(pair: string): [string, string] {
  const equals = pair.indexOf('=');
  return [pair.slice(0, equals), pair.slice(equals + 1)];
}

function ended(call: Call, code: unknown, signal: unknown): void {
  if (typeof signal === 'string' && signal !== '') {
    call.outcome = TOLD_TO_END.has(signal) ? 'aborted' : 'error';
    call.error = signal;
  } else call.outcome = code === 0 ? 'ok' : 'error';
}

/** The system did not start it, or a time limit of the caller ended it: a negative libuv number. */
function fail(call: Call, status: number): void {
  failWith(call, util.getSystemErrorName(status));
}

function failWith(call: Call, code: string | undefined): void {
  call.outcome = code === 'EACCES' || code === 'EPERM' ? 'refused' : code === 'ETIMEDOUT' ? 'timeout' : 'error';
  if (code !== undefined) call.error = code;
}

function threw(recorder: Recorder, call: Call, returned: boolean): void {
  if (returned) return;
  failWith(call, undefined);
  recorder.finish(call);
}
