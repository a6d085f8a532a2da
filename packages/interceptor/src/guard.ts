import { apply, construct, defineProperty, ownBuiltins } from './own-builtins.ts';

/**
 * The fail-open guard. Whatever the watcher does around a function of Node happens at a *point*: a name with an `inspect` before and an `observe` after the original. What they throw is counted and goes no further.
 */
export interface Point<Note = unknown> {
  readonly name: string;
  /** Before the original. What it returns is handed to `observe` and `leave`; after `undefined` neither is called. */
  inspect?: (self: object, args: ArrayLike<unknown>, wrapper: Function, context: unknown) => Note | undefined;
  /** After the original returned. */
  observe?: (note: Note, result: unknown, self: object, args: ArrayLike<unknown>) => void;
  /** Ends what `inspect` began, even if the original throws (`returned` is false then). */
  leave?: (note: Note, returned: boolean) => void;
  /** Times that something of ours threw here. */
  faults: number;
}

/** A point without an original: a subscriber, a listener, a port. */
export interface Watch<Message = unknown> {
  readonly name: string;
  handle: (message: Message, entry: Function) => void;
  faults: number;
}

export type FaultListener = (point: { readonly name: string; readonly faults: number }, error: unknown) => void;

/** All points of one watcher, by name. */
export class Guards {
  readonly points: Map<string, Point | Watch> = new Map();
  faults = 0;
  readonly #onFault: FaultListener;

  constructor(onFault: FaultListener) {
    this.#onFault = onFault;
  }

  /** Counts what was caught. Never throws. */
  fault(point: Point | Watch, error: unknown): void {
    this.faults++;
    point.faults++;
    try {
      this.#onFault(point, error);
    } catch {
      // the listener is the last resort; the count above remains
    }
  }

  point<Note>(name: string, hooks: Omit<Point<Note>, 'name' | 'faults'>): Point<Note> {
    const point: Point<Note> = { name, faults: 0, ...hooks };
    this.points.set(name, point as Point);
    return point;
  }

  watch<Message>(name: string, handle: Watch<Message>['handle']): Watch<Message> {
    const watch: Watch<Message> = { name, faults: 0, handle };
    this.points.set(name, watch);
    return watch;
  }

  /**
   * Wraps a function: inspect (guarded) → original, untouched and outside any `try` that could catch → observe (guarded). The wrapper has the original's name and length, cannot be told by `new` (it is no constructor, as methods are none) and adds one frame.
   *
   * @param context handed to `inspect`, for a wrapper made per connection or look-up
   */
  callThrough<Note>(point: Point<Note>, original: Function, context?: unknown): Function {
    const caught = (error: unknown): void => this.fault(point as Point, error);
    const end = (note: Note, returned: boolean): void => this.#end(point, note, returned);
    // oxlint-disable-next-line typescript/unbound-method -- `this` is the application's
    const wrapper = {
      through(this: object): unknown {
        let note: Note | undefined;
        let giveBack = ownBuiltins();
        try {
          note = point.inspect?.(this, arguments, wrapper, context);
        } catch (error) {
          caught(error);
        } finally {
          giveBack?.();
        }
        if (note === undefined) return apply(original, this, arguments);
        let result: unknown;
        if (point.leave === undefined) result = apply(original, this, arguments);
        else {
          // No catch: what the original throws passes as it is. The scope must end all the same, or a later call of other code would be taken for a part of this one.
          let returned = false;
          try {
            result = apply(original, this, arguments);
            returned = true;
          } finally {
            end(note, returned);
          }
        }
        giveBack = ownBuiltins();
        try {
          point.observe?.(note, result, this, arguments);
        } catch (error) {
          caught(error);
        } finally {
          giveBack?.();
        }
        return result;
      },
    }.through;
    return lookLike(wrapper, original);
  }

  /**
   * Wraps a class by a Proxy of it, with the same promises: everything but `new` goes to the class itself.
   *
   * @param again if the original refuses what `inspect` put in the place of the caller's arguments with such an error, it gets the caller's own
   */
  constructThrough<Note>(point: Point<Note>, original: Function, again: (error: unknown) => boolean): Function {
    const caught = (error: unknown): void => this.fault(point as Point, error);
    const end = (note: Note, returned: boolean): void => this.#end(point, note, returned);
    const constructed = (target: Function, args: unknown[], newTarget: Function): object => {
      const as = newTarget === wrapper ? target : newTarget;
      let own = args;
      let same = true;
      let note: Note | undefined;
      let giveBack = ownBuiltins();
      try {
        own = args.slice();
        note = point.inspect?.(target, args, constructed, undefined);
        same = args.every((arg, i) => arg === own[i]);
      } catch (error) {
        caught(error);
      } finally {
        giveBack?.();
      }
      if (note === undefined) return construct(target, own, as) as object;
      let made: object | undefined;
      try {
        try {
          made = construct(target, args, as) as object;
        } catch (error) {
          if (same || !again(error)) throw error;
          made = construct(target, own, as) as object;
        }
      } finally {
        end(note, made !== undefined);
      }
      giveBack = ownBuiltins();
      try {
        point.observe?.(note, made, target, args);
      } catch (error) {
        caught(error);
      } finally {
        giveBack?.();
      }
      return made;
    };
    const wrapper: Function = new Proxy(original, { construct: constructed });
    return wrapper;
  }

  /** A subscriber or listener that never throws. */
  listener<Message>(watch: Watch<Message>): (this: unknown, message: Message) => void {
    const caught = (error: unknown): void => this.fault(watch, error);
    return function listener(message) {
      const giveBack = ownBuiltins();
      try {
        watch.handle(message, listener);
      } catch (error) {
        caught(error);
      } finally {
        giveBack?.();
      }
    };
  }

  #end<Note>(point: Point<Note>, note: Note, returned: boolean): void {
    const giveBack = ownBuiltins();
    try {
      point.leave?.(note, returned);
    } catch (error) {
      this.fault(point as Point, error);
    } finally {
      giveBack?.();
    }
  }
}

/** Gives a wrapper the name and length of its original. */
function lookLike(wrapper: Function, original: Function): Function {
  for (const key of ['name', 'length'] as const)
    defineProperty(wrapper, key, { __proto__: null, value: original[key], configurable: true } as PropertyDescriptor);
  return wrapper;
}
