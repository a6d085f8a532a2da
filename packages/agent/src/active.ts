import type { PlugIns } from './hosts/plug-ins.ts';

const KEY = Symbol.for('outwitness.agent');

/** The copy of the agent that watches this thread. */
export interface ActiveAgent {
  readonly version: string;
  /** URL of its `install` module. */
  readonly url: string;
  /** For the entries of host frameworks, of whatever copy they are. */
  readonly plugIns?: PlugIns;
  /** Records that another copy was loaded, which does nothing. */
  readonly secondCopy?: (version: string) => void;
}

/** The agent of this thread, whatever copy or version of this package installed it. */
export function activeAgent(): ActiveAgent | undefined {
  return Reflect.get(globalThis, KEY) as ActiveAgent | undefined;
}

/** Takes the place for good: not to be overwritten, not to be listed. */
export function takePlace(agent: ActiveAgent): void {
  Object.defineProperty(globalThis, KEY, {
    value: Object.freeze({ ...agent }),
    enumerable: false,
    writable: false,
    configurable: false,
  });
}
