import { define, withOwnBuiltins } from './own-builtins.ts';

type Undo = () => void;

/** A property that stays locked for the life of the process; without a wrapper it gives the original. */
interface Slot {
  readonly original: Function;
  wrapper: Function | undefined;
  onSet: ((name: string) => void) | undefined;
}

// A locked accessor is not configurable, so it outlives the watcher that made it. The next watcher finds its slot here.
const slots = new WeakMap<object, Map<string, Slot>>();

/** Every change the watcher makes to something that is not its own, with the way back. */
export class Patches {
  readonly #undo: Undo[] = [];

  /** Notes how to undo something. */
  later(undo: Undo): void {
    this.#undo.push(undo);
  }

  /**
   * Replaces a public method. Others may replace it again (nock, msw, OpenTelemetry do); undone only if it is still ours.
   */
  replace(owner: object, name: string, wrap: (original: Function) => Function): boolean {
    const before = Object.getOwnPropertyDescriptor(owner, name);
    const original: unknown = Reflect.get(owner, name);
    if (typeof original !== 'function' || before?.configurable === false) return false;
    const wrapper = wrap(original);
    Object.defineProperty(owner, name, {
      value: wrapper,
      writable: true,
      configurable: true,
      enumerable: before?.enumerable ?? false,
    });
    this.later(() => {
      if (Object.getOwnPropertyDescriptor(owner, name)?.value !== wrapper) return;
      if (before === undefined) Reflect.deleteProperty(owner, name);
      else Object.defineProperty(owner, name, before);
    });
    return true;
  }

  /**
   * Locks a method of an internal prototype or binding: reading gives the wrapper, setting it on an instance defines a property of its own there (Node does that for `handle.close` in cluster workers), setting it on the owner throws.
   *
   * @param onSet told when somebody tries the latter
   */
  lock(owner: object, name: string, wrap: (original: Function) => Function, onSet: (name: string) => void): boolean {
    let slot = slots.get(owner)?.get(name);
    if (slot?.wrapper !== undefined) return false;
    if (slot === undefined) {
      slot = makeSlot(owner, name);
      if (slot === undefined) return false;
    }
    slot.wrapper = wrap(slot.original);
    slot.onSet = onSet;
    const held = slot;
    this.later(() => {
      held.wrapper = undefined;
      held.onSet = undefined;
    });
    return true;
  }

  undoAll(): void {
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) undo();
  }
}

function makeSlot(owner: object, name: string): Slot | undefined {
  const before = Object.getOwnPropertyDescriptor(owner, name);
  const original: unknown = Reflect.get(owner, name);
  if (typeof original !== 'function' || before?.configurable === false) return undefined;
  const slot: Slot = { original, wrapper: undefined, onSet: undefined };
  const tell = withOwnBuiltins(() => slot.onSet?.(name));
  Object.defineProperty(owner, name, {
    get() {
      return slot.wrapper ?? slot.original;
    },
    set(this: object, value: unknown) {
      if (this !== owner) {
        define(this, name, value, true);
        return;
      }
      tell();
      throw new TypeError(`Cannot assign to read only property '${name}' of object`);
    },
    configurable: false,
    enumerable: before?.enumerable ?? true,
  });
  let byName = slots.get(owner);
  if (byName === undefined) slots.set(owner, (byName = new Map()));
  byName.set(name, slot);
  return slot;
}
