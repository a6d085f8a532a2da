import type { Origin } from './ports.ts';
import { splitAuthority } from './target.ts';

/** How many redirects may wait for their next hop. */
const MOST = 256;
/** A client that follows does so at once. */
const WAIT_US = 2_000_000;

interface Hop {
  /** `undefined` where two callers were sent to the same place. */
  caller: Origin | undefined;
  until: number;
}

interface Place {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly rawPath: string;
}

/**
 * The next hop of a redirect starts from code of Node or of the client: it is the first one's caller who follows.
 */
export class Redirects {
  readonly #hops = new Map<string, Hop>();

  /**
   * An answer sends its caller elsewhere.
   *
   * @param headers names and values in turn
   * @param now monotonic, µs
   */
  remember(caller: Origin | undefined, from: Place, headers: ArrayLike<unknown>, now: number): void {
    if (caller?.package === undefined || caller.basis === 'transport') return;
    for (let i = 0; i + 1 < headers.length; i += 2) {
      if (String(headers[i]).toLowerCase() !== 'location') continue;
      const location = String(headers[i + 1]);
      const base = urlOf(from);
      if (!URL.canParse(location, base)) return;
      const next = new URL(location, base);
      const scheme = next.protocol.slice(0, -1);
      const url = urlOf({ scheme, ...splitAuthority(next.host, scheme), rawPath: next.pathname + next.search });
      const before = this.#hops.get(url);
      const clash = before !== undefined && before.until >= now && before.caller?.package !== caller.package;
      if (this.#hops.size >= MOST) this.#hops.delete(this.#hops.keys().next().value ?? '');
      this.#hops.set(url, { caller: clash ? undefined : caller, until: now + WAIT_US });
      return;
    }
  }

  /** @returns who is followed, if the stack names nobody or only one of the clients by which the first call went */
  inherit(to: Place, caller: Origin, now: number): Origin {
    if (this.#hops.size === 0 || (caller.basis !== 'none' && caller.basis !== 'transport')) return caller;
    const url = urlOf(to);
    const hop = this.#hops.get(url);
    if (hop === undefined) return caller;
    this.#hops.delete(url);
    const first = hop.caller;
    if (first === undefined || hop.until < now) return caller;
    if (caller.basis === 'transport' && first.via?.some((name) => name === caller.package) !== true) return caller;
    return { ...first, basis: 'async' };
  }
}

function urlOf({ scheme, host, port, rawPath }: Place): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}${rawPath}`;
}
