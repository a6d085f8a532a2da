// Taken before the audited application can replace them.
const { defineProperty, getOwnPropertyDescriptor } = Object;
const captureStackTrace = Error.captureStackTrace.bind(Error);

/** Why a capture could not be made; see `docs/formats/event.md`, `hook.event` `blinded`. */
export type Blinded = (text: string) => void;

/** What V8 gave last: somebody else's formatter may return anything, frames of his own make too. */
let given: NodeJS.CallSite[] | undefined;

function keepSites(_error: Error, sites: NodeJS.CallSite[]): NodeJS.CallSite[] {
  given = sites;
  return sites;
}

/**
 * The call sites of the running code, nearest first.
 *
 * The two properties of `Error` that V8 reads are set for the capture alone and put back as they were, absent ones too: an application may install its own at any time and must find them.
 *
 * @param entry frames above and including this function are left out; `undefined` keeps all
 * @param limit most frames
 * @param blinded told if somebody made the properties read-only, so that no capture is possible
 * @returns empty if `entry` is not on the stack
 */
export function callSites(entry: Function | undefined, limit: number, blinded: Blinded): NodeJS.CallSite[] {
  const limitBefore = getOwnPropertyDescriptor(Error, 'stackTraceLimit');
  const prepareBefore = getOwnPropertyDescriptor(Error, 'prepareStackTrace');
  const holder: { stack?: unknown } = {};
  given = undefined;
  try {
    put('stackTraceLimit', limitBefore, limit);
    put('prepareStackTrace', prepareBefore, keepSites);
    captureStackTrace(holder, entry);
    // Reading is what formats: it must happen while our function is in place.
    const { stack } = holder;
    if (given !== undefined && stack === given) return given;
    blinded('stack capture gave no frames: Error.stackTraceLimit or Error.prepareStackTrace is locked');
    return [];
  } catch {
    blinded('stack capture failed: Error is locked');
    return [];
  } finally {
    // Frames hold on to what they ran on.
    given = undefined;
    restore('stackTraceLimit', limitBefore);
    restore('prepareStackTrace', prepareBefore);
  }
}

type Name = 'stackTraceLimit' | 'prepareStackTrace';

/** Never by a setter, an inherited one neither: whoever got hold of our formatter could hand us frames of his own making. */
function put(name: Name, before: PropertyDescriptor | undefined, value: unknown): void {
  if (isPlain(before)) Error[name] = value as never;
  else
    defineProperty(Error, name, { __proto__: null, value, writable: true, configurable: true } as PropertyDescriptor);
}

function restore(name: Name, before: PropertyDescriptor | undefined): void {
  if (before === undefined) Reflect.deleteProperty(Error, name);
  else if (isPlain(before)) Reflect.set(Error, name, before.value);
  else Reflect.defineProperty(Error, name, { __proto__: null, ...before } as PropertyDescriptor);
}

function isPlain(descriptor: PropertyDescriptor | undefined): boolean {
  return descriptor !== undefined && Object.hasOwn(descriptor, 'value');
}
