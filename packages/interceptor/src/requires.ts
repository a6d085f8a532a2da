import { apply, defineProperty } from './own-builtins.ts';

/** A `require`, as Node's own channel of the same name tells it. */
export interface Required {
  /** As it was asked for. */
  readonly id: unknown;
  readonly parentFilename: unknown;
  /** What the module exports; absent before it is loaded, and where it threw. */
  readonly result?: unknown;
}

type Listener = (required: Required) => void;

const Module = process.getBuiltinModule('node:module') as unknown as { _load: Function };
const before: Listener[] = [];
const after: Listener[] = [];
let original: Function | undefined;

/**
 * Calls back at each `require`, before or after the module is loaded, in the same turn. What a listener throws is lost.
 *
 * Not by Node's channel: with a subscriber it catches and throws again what a module throws, so that the report of an exception that nobody catches points to Node's line and not to the module's, and four more frames push the application's out of every stack. This is one frame.
 *
 * @returns takes the listener back
 */
export function onRequire(when: 'before' | 'after', listener: Listener): () => void {
  const listeners = when === 'before' ? before : after;
  if (original === undefined) replace();
  listeners.push(listener);
  return () => {
    const at = listeners.indexOf(listener);
    if (at >= 0) listeners.splice(at, 1);
  };
}

function replace(): void {
  const load = Module._load;
  original = load;
  const wrapper = function (this: unknown, id: unknown, parent: unknown): unknown {
    if (before.length > 0) tell(before, id, parent);
    const result: unknown = apply(load, this, arguments);
    if (after.length > 0) tell(after, id, parent, result);
    return result;
  };
  for (const key of ['name', 'length'] as const)
    defineProperty(wrapper, key, { __proto__: null, value: load[key], configurable: true } as PropertyDescriptor);
  Module._load = wrapper;
}

function tell(listeners: readonly Listener[], id: unknown, parent: unknown, result?: unknown): void {
  try {
    const parentFilename = (parent as { filename?: unknown } | null | undefined)?.filename;
    for (let i = 0; i < listeners.length; i++) listeners[i]?.({ id, parentFilename, result });
  } catch {
    // Each guards itself; what is left is a getter of the application.
  }
}
