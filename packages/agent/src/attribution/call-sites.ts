// Taken before the audited application can replace it.
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
  const limitBefore = Error.stackTraceLimit;
  const limitOwn = Object.hasOwn(Error, 'stackTraceLimit');
  const prepareBefore: unknown = Reflect.get(Error, 'prepareStackTrace');
  const prepareOwn = Object.hasOwn(Error, 'prepareStackTrace');
  const holder: { stack?: unknown } = {};
  given = undefined;
  try {
    Error.stackTraceLimit = limit;
    Error.prepareStackTrace = keepSites;
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
    restore('stackTraceLimit', limitOwn, limitBefore);
    restore('prepareStackTrace', prepareOwn, prepareBefore);
  }
}

function restore(name: 'stackTraceLimit' | 'prepareStackTrace', own: boolean, value: unknown): void {
  if (own) Reflect.set(Error, name, value);
  else Reflect.deleteProperty(Error, name);
}
