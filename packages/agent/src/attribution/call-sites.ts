// Taken before the audited application can replace it.
const captureStackTrace = Error.captureStackTrace.bind(Error);

/** Why a capture could not be made; see `docs/formats/event.md`, `hook.event` `blinded`. */
export type Blinded = (text: string) => void;

function keepSites(_error: Error, sites: NodeJS.CallSite[]): NodeJS.CallSite[] {
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
  const limitBefore = Error.stackTraceLimit;
  const limitOwn = Object.hasOwn(Error, 'stackTraceLimit');
  const prepareBefore: unknown = Reflect.get(Error, 'prepareStackTrace');
  const prepareOwn = Object.hasOwn(Error, 'prepareStackTrace');
  const holder: { stack?: unknown } = {};
  try {
    Error.stackTraceLimit = limit;
    Error.prepareStackTrace = keepSites;
    captureStackTrace(holder, entry);
    // Reading is what formats: it must happen while our function is in place.
    const { stack } = holder;
    if (Array.isArray(stack)) return stack as NodeJS.CallSite[];
    blinded('stack capture gave no frames: Error.stackTraceLimit or Error.prepareStackTrace is locked');
    return [];
  } catch {
    blinded('stack capture failed: Error is locked');
    return [];
  } finally {
    restore('stackTraceLimit', limitOwn, limitBefore);
    restore('prepareStackTrace', prepareOwn, prepareBefore);
  }
}

function restore(name: 'stackTraceLimit' | 'prepareStackTrace', own: boolean, value: unknown): void {
  if (own) Reflect.set(Error, name, value);
  else Reflect.deleteProperty(Error, name);
}
