import { BUILTINS, untouched } from './builtins.ts';

// Taken once: what is handed to `apply` are the functions behind the watcher's.
const { deleteProperty, getOwnPropertyDescriptor, ownKeys, setPrototypeOf } = Reflect;
export const apply: typeof Reflect.apply = Reflect.apply;
export const construct: typeof Reflect.construct = Reflect.construct;
export const defineProperty: typeof Reflect.defineProperty = Reflect.defineProperty;

/** Puts the replaced ones back in the application's hands. */
export type GiveBack = () => void;

/** One that the application had replaced. */
interface Replaced {
  readonly owner: object;
  readonly key: PropertyKey;
  readonly own: unknown;
  readonly theirs: PropertyDescriptor | undefined;
}

/** With a prototype, `Object.prototype.get` would be a part of it. */
function descriptor(value: unknown, enumerable: boolean): PropertyDescriptor {
  return { __proto__: null, value, enumerable, writable: true, configurable: true } as PropertyDescriptor;
}

/** As it is, to be defined again: what `Object.prototype` has must be no part of it. */
function found(owner: object, key: PropertyKey): PropertyDescriptor | undefined {
  const there = getOwnPropertyDescriptor(owner, key);
  if (there !== undefined) setPrototypeOf(there, null);
  return there;
}

/** Defines a property that can be changed again; `false` if the object refuses it. */
export function define(owner: object, key: PropertyKey, value: unknown, enumerable: boolean): boolean {
  return defineProperty(owner, key, descriptor(value, enumerable));
}

/**
 * All code of a thread shares the built-ins of JavaScript: whoever replaces one would decide what the watcher sees (`Set.prototype.has`), writes (`String.prototype.toLowerCase`) or hands out (`Reflect.apply`).
 *
 * So its code runs with those of the moment when it was loaded. While nobody has replaced any, that is a comparison; else they are put back for as long as it runs, and what the application had put there is given back before its own code goes on.
 *
 * @returns `undefined` if there is nothing to give back
 */
export function ownBuiltins(): GiveBack | undefined {
  return untouched() ? undefined : putBack();
}

let held = true;

/** `false` once somebody made one unchangeable that he had replaced: the watcher has to run with his. */
export function builtinsHeld(): boolean {
  return held;
}

/** A function of ours that nobody guards: a timer's, a listener's. */
export function withOwnBuiltins<Args extends unknown[]>(run: (...args: Args) => void): (...args: Args) => void {
  return (...args) => {
    const giveBack = ownBuiltins();
    try {
      run(...args);
    } finally {
      giveBack?.();
    }
  };
}

/** Without any built-in that could be one of the replaced. */
function putBack(): GiveBack {
  const replaced = { __proto__: null } as unknown as { [index: number]: Replaced };
  let count = 0;
  for (let i = 0; i < BUILTINS.length; i++) {
    const { owner, own } = BUILTINS[i] as (typeof BUILTINS)[number];
    const keys = ownKeys(own);
    for (let k = 0; k < keys.length; k++) {
      const key = keys[k] as PropertyKey;
      const ours = (own as { [key: PropertyKey]: unknown })[key];
      const theirs = found(owner, key);
      if (theirs !== undefined && 'value' in theirs && theirs.value === ours) continue;
      if (define(owner, key, ours, theirs?.enumerable ?? false)) replaced[count++] = { owner, key, own: ours, theirs };
      else held = false;
    }
  }
  return () => {
    for (let i = count - 1; i >= 0; i--) {
      const { owner, key, own, theirs } = replaced[i] as Replaced;
      // Replaced once more, by code of the application that ours has run.
      if (getOwnPropertyDescriptor(owner, key)?.value !== own) continue;
      if (theirs === undefined) deleteProperty(owner, key);
      else defineProperty(owner, key, theirs);
    }
  };
}
