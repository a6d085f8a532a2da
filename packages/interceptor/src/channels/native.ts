import type { Call } from '../call.ts';
import type { Guards, Point } from '../guard.ts';
import type { Recorder } from '../recorder.ts';
import { lockInternal } from '../locked.ts';
import { onRequire } from '../requires.ts';

/** How often the list of loaded modules is looked at. */
const LOOK_MS = 1000;

/**
 * Ways into code that is no JavaScript: addons (`process.dlopen`, which every `require` of a `.node` file calls), the inspector, foreign functions, extensions of SQLite. Each use is one call; its path is the addon's file inside its package or the name of the module of Node.
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
  const { isBuiltin } = process.getBuiltinModule('node:module');
  if (isBuiltin('node:ffi')) watchForeignFunctions(recorder);
  if (isBuiltin('node:sqlite')) watchExtensions(recorder);
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

/** `node:ffi` warns when it is loaded, so that is left to the application: its first use may be seen late and without a stack, what comes after as it happens. */
function watchForeignFunctions(recorder: Recorder): void {
  const { guards, patches } = recorder;
  const point = use(recorder, 'native.ffi', 'node:ffi');
  onceLoaded(recorder, 'ffi', (ffi) => {
    const call = begin(recorder, 'node:ffi', undefined);
    if (call !== undefined) end(recorder, call, true);
    patches.replace(ffi, 'dlopen', (original) => guards.callThrough(point, original));
    patches.replace(ffi, 'DynamicLibrary', (original) => constructed(guards, point, original));
  });
}

/** An extension of SQLite is compiled code that no `process.dlopen` loads. */
function watchExtensions(recorder: Recorder): void {
  const { guards, patches } = recorder;
  const point = guards.point<Call>('native.sqliteExtension', {
    inspect: (_self, args, wrapper) =>
      typeof args[0] === 'string' ? begin(recorder, recorder.fileName(args[0]), wrapper) : undefined,
    leave: (call, returned) => end(recorder, call, returned),
  });
  onceLoaded(recorder, 'sqlite', (sqlite) => {
    const { prototype } = Reflect.get(sqlite, 'DatabaseSync') as { prototype: object };
    patches.replace(prototype, 'loadExtension', (original) => guards.callThrough(point, original));
  });
}

/**
 * Calls back once the application has loaded a module of Node that warns when it is loaded: at its `require`, else up to a second late, since nothing tells of an `import` but the list of loaded modules.
 */
function onceLoaded(recorder: Recorder, name: string, then: (module: object) => void): void {
  const { syncBuiltinESMExports } = process.getBuiltinModule('node:module');
  const { guards, patches } = recorder;
  let told = false;
  const watch = guards.watch(`native.${name}Loaded`, () => {
    if (told || !loaded(`NativeModule ${name}`)) return;
    told = true;
    then(process.getBuiltinModule(`node:${name}`) as object);
    syncBuiltinESMExports();
  });
  const look = guards.listener(watch) as () => void;
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  process.on('exit', look);
  const takeBack = onRequire('after', ({ id }) => {
    if (id === `node:${name}`) look();
  });
  look();
  patches.later(() => {
    clearInterval(timer);
    process.off('exit', look);
    takeBack();
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
