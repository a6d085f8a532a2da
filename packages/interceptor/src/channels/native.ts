import type { Call } from '../call.ts';
import type { Guards, Point } from '../guard.ts';
import type { Recorder } from '../recorder.ts';
import { lockInternal } from '../locked.ts';

/** How often it is asked whether `node:ffi` was loaded. */
const FFI_MS = 1000;

/**
 * Ways into code that is no JavaScript: addons (`process.dlopen`, which every `require` of a `.node` file calls), the inspector, foreign functions. Each use is one call; its path is the addon's file inside its package or the name of the module of Node.
 *
 * `process.dlopen` is replaced, not locked: Yarn's loader sets it too.
 *
 * @param inspector the binding; not reachable under `--permission`
 */
export function watchNative(recorder: Recorder, inspector: object | undefined): void {
  const { guards, patches } = recorder;
  const dlopen = guards.point<Call>('native.dlopen', {
    inspect: (_self, args, wrapper) => {
      const file = args[1];
      return typeof file === 'string' ? begin(recorder, recorder.fileName(file), wrapper) : undefined;
    },
    leave: (call, returned) => end(recorder, call, returned),
  });
  patches.replace(process, 'dlopen', (original) => guards.callThrough(dlopen, original));
  if (inspector !== undefined) watchInspector(recorder, inspector);
  if (process.getBuiltinModule('node:module').builtinModules.includes('node:ffi')) watchForeignFunctions(recorder);
}

function use(recorder: Recorder, name: string, what: string): Point<Call> {
  return recorder.guards.point<Call>(name, {
    inspect: (_self, _args, wrapper) => begin(recorder, what, wrapper),
    leave: (call, returned) => end(recorder, call, returned),
  });
}

/** lib/inspector.js takes these out of the binding when it is loaded; if that was before, its public functions are what is left. */
function watchInspector(recorder: Recorder, binding: object): void {
  const { guards, patches } = recorder;
  const open = use(recorder, 'native.inspectorOpen', 'node:inspector');
  const session = use(recorder, 'native.inspectorSession', 'node:inspector');
  if (loaded('NativeModule inspector')) {
    const inspector = process.getBuiltinModule('node:inspector');
    patches.replace(inspector, 'open', (original) => guards.callThrough(open, original));
    for (const name of ['connect', 'connectToMainThread']) {
      patches.replace(inspector.Session.prototype, name, (original) => guards.callThrough(session, original));
    }
    return;
  }
  lockInternal(recorder, binding, 'open', 'inspector.open', (original) => guards.callThrough(open, original));
  for (const name of ['Connection', 'MainThreadConnection']) {
    lockInternal(recorder, binding, name, `inspector.${name}`, (original) => constructed(guards, session, original));
  }
}

function constructed(guards: Guards, point: Point<Call>, original: Function): Function {
  return guards.constructThrough(point, original, () => false);
}

/**
 * `node:ffi` warns when it is loaded, so that is left to the application. Nothing tells of it but the list of loaded modules, so the first use is seen up to a second late and without a stack; what comes after is seen as it happens.
 */
function watchForeignFunctions(recorder: Recorder): void {
  const { guards, patches } = recorder;
  const point = use(recorder, 'native.ffi', 'node:ffi');
  let told = false;
  const look = guards.listener(
    guards.watch('native.ffiLoaded', () => {
      if (told || !loaded('NativeModule ffi')) return;
      told = true;
      const call = begin(recorder, 'node:ffi', undefined);
      if (call !== undefined) end(recorder, call, true);
      const ffi = process.getBuiltinModule('node:ffi') as object;
      patches.replace(ffi, 'dlopen', (original) => guards.callThrough(point, original));
      patches.replace(ffi, 'DynamicLibrary', (original) => constructed(guards, point, original));
      process.getBuiltinModule('node:module').syncBuiltinESMExports();
    }),
  ) as () => void;
  const timer = setInterval(look, FFI_MS);
  timer.unref();
  process.on('exit', look);
  patches.later(() => {
    clearInterval(timer);
    process.off('exit', look);
  });
}

function loaded(name: string): boolean {
  const list: unknown = Reflect.get(process, 'moduleLoadList');
  return Array.isArray(list) && list.includes(name);
}

function begin(recorder: Recorder, what: string | undefined, entry: Function | undefined): Call | undefined {
  if (!recorder.live('native')) return undefined;
  const call = recorder.newCall('native', 'out');
  const record = recorder.openOf(call, entry === undefined ? { basis: 'none' } : recorder.captureLoader(entry));
  if (what !== undefined) record.path = what;
  recorder.intent(record);
  return call;
}

function end(recorder: Recorder, call: Call, returned: boolean): void {
  call.outcome = returned ? 'ok' : 'error';
  recorder.finish(call);
}
