import { fileURLToPath } from 'node:url';
import type { Call } from '../call.ts';
import { codeOf, outcomeOf } from '../outcome.ts';
import type { NodeError } from '../node.ts';
import type { ThreadStart } from '../ports.ts';
import type { Recorder } from '../recorder.ts';
import { createStamp } from '../stamp.ts';

/** The Worker's own handle; `onexit(code, errorCode, message)` is set by its constructor. */
interface WorkerHandle {
  onexit?: unknown;
}

interface Started {
  call: Call | undefined;
  start: ThreadStart | undefined;
}

const path = process.getBuiltinModule('node:path');

/**
 * Worker threads. One call each, from the start to the exit; its path is the file inside its package, none where the code was given as text.
 *
 * `Worker` is replaced by a Proxy of itself: `instanceof`, `name`, `length`, `prototype` and subclasses stay as they are. Who took the class before is seen by the event that Node emits, too late for a stack.
 */
export function watchWorker(recorder: Recorder): void {
  const { guards, patches } = recorder;
  const threads = process.getBuiltinModule('node:worker_threads');
  const seen = createStamp<true>();
  const exited = guards.point('worker.exited', {
    inspect: (_self, args, _wrapper, context) => {
      ended(context as Call, args[0], args[1]);
      recorder.finish(context as Call);
      return undefined;
    },
  });
  const untilExit = (call: Call, worker: object): void => {
    const handle = handleOf(worker);
    if (typeof handle?.onexit !== 'function') return recorder.finish(call);
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a handle of Node is no event target
    handle.onexit = guards.callThrough(exited, handle.onexit, call);
  };
  const construct = guards.point<Started>('worker.construct', {
    inspect: (_self, args, entry) => {
      const call = open(recorder, args, entry);
      const start = recorder.threadStart(args[1]);
      if (start?.options !== undefined) (args as unknown[])[1] = start.options;
      return { call, start };
    },
    leave: ({ call, start }, returned) => {
      start?.done();
      if (returned || call === undefined) return;
      call.outcome = 'error';
      recorder.finish(call);
    },
    observe: ({ call }, worker) => {
      seen.set(worker as object, true);
      if (call !== undefined) untilExit(call, worker as object);
    },
  });
  const prototype = threads.Worker.prototype as object;
  const replaced = patches.replace(threads, 'Worker', (Worker) =>
    guards.constructThrough(construct, Worker, (error) => codeOf(error as NodeError) === INVALID_ARGUMENTS),
  );
  // Else `new worker.constructor(file)` would lead past the Proxy.
  if (replaced) patches.replace(prototype, 'constructor', () => threads.Worker);
  const listener = guards.listener(
    guards.watch<object>('worker.event', (worker) => {
      if (seen.get(worker) === true || !recorder.live('worker')) return;
      const call = recorder.newCall('worker', 'out');
      recorder.intent(recorder.openOf(call, { basis: 'none' }));
      untilExit(call, worker);
    }),
  );
  process.on('worker', listener);
  recorder.footing.expect('nobody tells the watcher of new threads any more', () =>
    process.listeners('worker').includes(listener),
  );
  patches.later(() => process.off('worker', listener));
}

/** Flags that no worker may have were on the command line, or in the NODE_OPTIONS of the environment that it is given. */
const INVALID_ARGUMENTS = 'ERR_WORKER_INVALID_EXEC_ARGV';

function open(recorder: Recorder, args: ArrayLike<unknown>, entry: Function): Call | undefined {
  if (!recorder.live('worker')) return undefined;
  const call = recorder.newCall('worker', 'out');
  const record = recorder.openOf(call, recorder.capture(entry));
  const file = fileOf(args[0], args[1]);
  const kept = file === undefined ? undefined : recorder.fileName(file);
  if (kept !== undefined) record.path = kept;
  recorder.intent(record);
  return call;
}

function fileOf(name: unknown, options: unknown): string | undefined {
  if (typeof options === 'object' && options !== null && Reflect.get(options, 'eval') === true) return undefined;
  if (name instanceof URL) return name.protocol === 'file:' ? fileURLToPath(name) : undefined;
  return typeof name === 'string' ? path.resolve(name) : undefined;
}

function handleOf(worker: object): WorkerHandle | undefined {
  const symbol = Object.getOwnPropertySymbols(worker).find(({ description }) => description === 'kHandle');
  return symbol === undefined ? undefined : (Reflect.get(worker, symbol) as WorkerHandle | undefined);
}

function ended(call: Call, exitCode: unknown, errorCode: unknown): void {
  const failure = { code: errorCode } as NodeError;
  const code = codeOf(failure);
  if (code !== undefined) {
    call.outcome = outcomeOf(failure, true);
    call.error = code;
  } else call.outcome = exitCode === 0 ? 'ok' : 'error';
}
