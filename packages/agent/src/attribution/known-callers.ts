import type { CallKey, Origin } from '@outwitness/interceptor';

/** So many walks must have given one answer before it is reused. */
const ENOUGH_WALKS = 32;
/** Most keys; those that are mixed are never forgotten, or their callers could be taken for one again. */
const MOST_KEYS = 2000;

/** Calls of one shape and who made them. */
export interface Caller {
  readonly method: string;
  readonly scheme: string;
  readonly port: number;
  /** Number of the agent, 0 = none. */
  readonly agent: number;
  answer: Origin | undefined;
  walks: number;
  /** Walks have given different answers: walked for ever. */
  mixed: boolean;
  /** The answer as it is reused, once it may be. */
  reused: Origin | undefined;
}

/** What walks of the stack have found, by the shape of the call. Holds no agent and no path before redaction. */
export class KnownCallers {
  #byHost = new Map<string, Map<string, Caller[]>>();
  #keys = 0;
  #mixed = 0;
  readonly #agents = new WeakMap<object, number>();
  #lastAgent = 0;

  /** Keys whose walks disagreed. */
  get mixed(): number {
    return this.#mixed;
  }

  /** The entry of a key, made if need be; `undefined` if there are too many mixed ones to remember another. */
  of(key: CallKey): Caller | undefined {
    const agent = key.agent === undefined ? 0 : this.#numberOf(key.agent);
    const callers = this.#byHost.get(key.host)?.get(key.path);
    if (callers !== undefined) {
      for (const caller of callers)
        if (
          caller.port === key.port &&
          caller.agent === agent &&
          caller.method === key.method &&
          caller.scheme === key.scheme
        )
          return caller;
    }
    return this.#add(key, agent);
  }

  /** Takes in what a walk found. */
  learn(caller: Caller, found: Origin): void {
    caller.walks++;
    if (caller.mixed) return;
    caller.answer ??= found;
    if (!isSame(caller.answer, found)) {
      caller.mixed = true;
      caller.answer = caller.reused = undefined;
      this.#mixed++;
    } else if (caller.walks === ENOUGH_WALKS && isCertain(found)) {
      caller.reused = Object.freeze({ ...found, basis: 'cached' });
    }
  }

  #add(key: CallKey, agent: number): Caller | undefined {
    if (this.#keys >= MOST_KEYS) this.#forget();
    if (this.#keys >= MOST_KEYS) return undefined;
    const { method, scheme, host, port, path } = key;
    const caller: Caller = {
      method,
      scheme,
      port,
      agent,
      answer: undefined,
      walks: 0,
      mixed: false,
      reused: undefined,
    };
    let byPath = this.#byHost.get(host);
    if (byPath === undefined) this.#byHost.set(host, (byPath = new Map()));
    const callers = byPath.get(path);
    if (callers === undefined) byPath.set(path, [caller]);
    else callers.push(caller);
    this.#keys++;
    return caller;
  }

  /** All but the mixed ones; the others are learned again by walks. */
  #forget(): void {
    const before = this.#byHost;
    this.#byHost = new Map();
    this.#keys = 0;
    for (const [host, byPath] of before) {
      const kept = new Map<string, Caller[]>();
      for (const [path, callers] of byPath) {
        const mixed = callers.filter((caller) => caller.mixed);
        if (mixed.length > 0) kept.set(path, mixed);
        this.#keys += mixed.length;
      }
      if (kept.size > 0) this.#byHost.set(host, kept);
    }
  }

  /** Few objects that live long: a WeakMap of them costs nothing to speak of. */
  #numberOf(agent: object): number {
    let number = this.#agents.get(agent);
    if (number === undefined) this.#agents.set(agent, (number = ++this.#lastAgent));
    return number;
  }
}

/** What a host knows belongs to one run of its unit; a transport or nobody is no answer to keep. */
function isCertain({ basis }: Origin): boolean {
  return basis === 'stack' || basis === 'async';
}

function isSame(a: Origin, b: Origin): boolean {
  return (
    a.site === b.site &&
    a.package === b.package &&
    a.packageVersion === b.packageVersion &&
    a.basis === b.basis &&
    isSameList(a.via, b.via) &&
    isSameList(a.chain, b.chain)
  );
}

function isSameList(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
