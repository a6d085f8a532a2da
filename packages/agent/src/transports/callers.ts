import { AsyncLocalStorage } from 'node:async_hooks';
import { apply, construct as build, createStamp, type Guards, type Origin } from '@outwitness/interceptor';
import type { Finding } from '../attribution/responsible.ts';

/** Who called a transport that will make its call later. */
interface Note {
  /** Packages by which the transport makes its call: the note is for stacks with one of these, for no other. */
  readonly carriers: ReadonlySet<string>;
  finding: Finding | undefined;
  /** No more will be found out. */
  settled: boolean;
  /** In whose work the transport was called; looked at only while the note is open or was made by the same carriers. */
  outer: Note | undefined;
}

/** Which object of a call carries the note: an instance, an item of a queue. */
export type Bearer = (self: object, args: ArrayLike<unknown>) => unknown;

/** What an adapter does to the functions of its transport. Each leaves name, length, attributes and behaviour as they are. */
export interface Noting {
  /** The function's caller is the caller of every call that comes of it. */
  enter(target: unknown, key: string): void;
  /** The function's caller is noted on an object, unless one is. `after`: the object exists when the function has returned. */
  mark(target: unknown, key: string, bearer: Bearer, when?: 'before' | 'after'): void;
  /** The function works for whoever is noted on the object. */
  resume(target: unknown, key: string, bearer: Bearer): void;
  /** Like {@link enter}, for a function that its module hands out itself. */
  entered(original: Function): Function;
  /** For a function that is handed the same options or the same handler again, perhaps by its own queue: whoever came with them first is the caller. */
  relay(target: unknown, key: string): void;
  /** Shows what a function that its module hands out returned. */
  returning(original: Function, seen: (result: unknown) => void): Function;
  /** The class's instances carry the note of who made them. For classes that the application does not see: the class that they extend is stood in for. */
  markCreation(derived: unknown): void;
}

interface Outer {
  now: Note | undefined;
  later: Note | undefined;
  note: Note;
  entry: Function;
  /** Does the note pass into what is begun here? */
  deep: boolean;
}

/** What the stack says above `entry`. */
export type Walk = (entry: Function) => Finding;

/**
 * Remembers who called a transport, for the time when it makes its call and nobody but itself is left on the stack.
 *
 * A note passes on in three ways: in the synchronous part of a function; in its asynchronous context, where that is cheap or asked for; and on an object that waits in a queue, which is the only sound way where one caller's end begins the next one's call. A note counts only for a stack that shows nothing but carriers, one of the note's own among them.
 */
export class Callers {
  readonly #later: AsyncLocalStorage<Note | undefined> | undefined;
  readonly #stamps = createStamp<Note>();
  readonly #walk: Walk;
  readonly #guards: Guards;
  readonly #enabled: () => boolean;
  /** Functions of ours: a class may be exported by two files. */
  readonly #wrappers = new WeakSet<Function>();
  #now: Note | undefined = undefined;

  constructor(options: { walk: Walk; guards: Guards; context: boolean; enabled: () => boolean }) {
    this.#walk = options.walk;
    this.#guards = options.guards;
    this.#enabled = options.enabled;
    this.#later = options.context ? new AsyncLocalStorage() : undefined;
  }

  /** The caller that was noted for a call of which the stack shows only who carried it. */
  noted(finding: Finding): Finding | undefined {
    const { via = [] } = finding.origin;
    return this.#lookUp(this.#now, via) ?? this.#lookUp(this.#later?.getStore(), via);
  }

  /** The stack named somebody: in the synchronous part of an entry that spares it the walk. */
  found(finding: Finding): void {
    const note = this.#now;
    if (note === undefined || note.settled) return;
    if (finding.origin.via?.some((name) => note.carriers.has(name)) === true) settle(note, finding);
  }

  /** The tools of one adapter. */
  noting(transport: string, others: readonly string[]): Noting {
    const carriers = new Set([transport, ...others]);
    const named = (key: string): string => `transport.${transport}.${key}`;
    const open = (outer: Note | undefined): Note => ({ carriers, finding: undefined, settled: false, outer });
    const entered = (original: Function, key: string): Function =>
      this.#through(named(key), original, (_self, _args, entry) => this.#begin(open(this.#current()), entry, true));
    const resumed = (original: Function, key: string, bearer: Bearer): Function =>
      this.#through(named(key), original, (self, args, entry) => {
        // Whoever's end set this off is not the one it is done for: without a mark nobody around counts.
        return this.#begin(this.#markOf(bearer(self, args)) ?? open(undefined), entry, true);
      });
    const relayed = (original: Function, key: string): Function =>
      this.#through(named(key), original, (_self, args, entry) => {
        const options = args[0];
        const handler = args[1];
        const known = this.#markOf(handler);
        const running = this.#now?.carriers === carriers ? this.#now : undefined;
        const before = this.#markOf(options) ?? running;
        const same = running !== undefined && running === before;
        const note = known ?? (same ? running : open(before));
        for (const object of [options, handler]) if (isObject(object)) this.#stamps.set(object, note);
        return note === running ? undefined : this.#begin(note, entry, false);
      });
    const put = (target: unknown, key: string, wrap: (original: Function, key: string) => Function): void =>
      this.#replace(target, key, (original) => wrap(original, key));
    return {
      enter: (target, key) => put(target, key, entered),
      resume: (target, key, bearer) => put(target, key, (original) => resumed(original, key, bearer)),
      relay: (target, key) => put(target, key, relayed),
      mark: (target, key, bearer, when = 'before') =>
        put(target, key, (original) => this.#marking(named(key), original, open, bearer, when)),
      entered: (original) => entered(original, original.name),
      returning: (original, seen) => this.#returning(named(original.name), original, seen),
      markCreation: (derived) => this.#markCreation(named('created'), derived, open),
    };
  }

  #through(
    name: string,
    original: Function,
    begin: (self: object, args: ArrayLike<unknown>, entry: Function) => Outer | undefined,
  ): Function {
    const point = this.#guards.point<Outer>(name, {
      inspect: (self, args, entry) => (this.#enabled() ? begin(self, args, entry) : undefined),
      leave: (outer) => {
        this.#now = outer.now;
        if (outer.deep) this.#later?.enterWith(outer.later);
      },
      observe: ({ note, entry }) => this.#settleBy(note, entry),
    });
    return this.#guards.callThrough(point, original);
  }

  #begin(note: Note, entry: Function, deep: boolean): Outer {
    const outer: Outer = { now: this.#now, later: deep ? this.#later?.getStore() : undefined, note, entry, deep };
    this.#now = note;
    if (deep) this.#later?.enterWith(note);
    return outer;
  }

  #markOf(object: unknown): Note | undefined {
    return isObject(object) ? this.#stamps.get(object) : undefined;
  }

  /** The caller is still on the stack, and only now has to be looked for if nobody saw him on the way. */
  #settleBy(note: Note, entry: Function): void {
    if (note.settled) return;
    const finding = this.#walk(entry);
    if (!finding.weak) settle(note, finding);
    else settle(note, this.#lookUp(note.outer, finding.origin.via ?? []));
  }

  #marking(
    name: string,
    original: Function,
    open: (outer: Note | undefined) => Note,
    bearer: Bearer,
    when: 'before' | 'after',
  ): Function {
    const mark = (self: object, args: ArrayLike<unknown>, entry: Function): void => {
      const object = bearer(self, args);
      if (!isObject(object) || this.#stamps.get(object) !== undefined) return;
      const note = open(this.#current());
      this.#settleBy(note, entry);
      this.#stamps.set(object, note);
    };
    const point = this.#guards.point<Function>(name, {
      inspect: (self, args, wrapper) => {
        if (!this.#enabled()) return undefined;
        if (when === 'before') mark(self, args, wrapper);
        return when === 'before' ? undefined : wrapper;
      },
      observe: (wrapper, _result, self, args) => mark(self, args, wrapper),
    });
    return this.#guards.callThrough(point, original);
  }

  #returning(name: string, original: Function, seen: (result: unknown) => void): Function {
    const point = this.#guards.point<true>(name, { inspect: () => true, observe: (_note, result) => seen(result) });
    return this.#guards.callThrough(point, original);
  }

  #markCreation(name: string, derived: unknown, open: (outer: Note | undefined) => Note): void {
    if (typeof derived !== 'function') return;
    const base: unknown = Object.getPrototypeOf(derived);
    if (typeof base !== 'function' || base === Function.prototype) return;
    const point = this.#guards.point<never>(name, {
      inspect: (object) => {
        if (!this.#enabled()) return undefined;
        const note = open(this.#current());
        this.#settleBy(note, construct);
        this.#stamps.set(object, note);
        return undefined;
      },
    });
    const created = this.#guards.callThrough(point, () => undefined);
    const construct = (target: Function, args: unknown[], newTarget: Function): object => {
      const instance = build(target, args, newTarget) as object;
      apply(created, instance, []);
      return instance;
    };
    // `super()` asks for the class above at each call.
    Object.setPrototypeOf(derived, new Proxy(base, { construct }));
  }

  #current(): Note | undefined {
    return this.#now ?? this.#later?.getStore();
  }

  /** Puts a function in the place of another, with the attributes of the property as they were. */
  #replace(target: unknown, key: string, wrap: (original: Function) => Function): void {
    if (!isObject(target)) return;
    const descriptor = Reflect.getOwnPropertyDescriptor(target, key);
    const original: unknown = descriptor?.value;
    if (descriptor?.configurable !== true || typeof original !== 'function' || this.#wrappers.has(original)) return;
    const wrapper = wrap(original);
    this.#wrappers.add(wrapper);
    Reflect.defineProperty(target, key, { ...descriptor, value: wrapper });
  }

  /** The first note made for such a stack decides, even if it is empty. */
  #lookUp(from: Note | undefined, via: readonly string[]): Finding | undefined {
    for (let note = from; note !== undefined; note = note.outer) {
      if (!via.some((name) => note?.carriers.has(name))) continue;
      if (note.finding !== undefined) return carried(note.finding, via);
      if (note.settled) return undefined;
    }
    return undefined;
  }
}

function settle(note: Note, finding: Finding | undefined): void {
  note.finding = finding;
  note.settled = true;
  // What is known needs no memory of what lay around it: contexts outlive calls.
  note.outer = undefined;
}

const MOST_VIA = 8;
const MOST_CHAIN = 16;

/** The noted caller, reached by the transports that are on the stack now. */
function carried(noted: Finding, via: readonly string[]): Finding {
  const { origin } = noted;
  const all = distinct([...via, ...(origin.via ?? [])]);
  const answer: Origin = {
    ...origin,
    via: all.slice(0, MOST_VIA),
    chain: distinct([...all, ...(origin.chain ?? [])]).slice(0, MOST_CHAIN),
    basis: 'async',
  };
  return { origin: answer, owner: noted.owner, weak: false };
}

function distinct(names: readonly string[]): string[] {
  return [...new Set(names)];
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
