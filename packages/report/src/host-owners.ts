/** Which entries of a list a destination belongs to, as far as host and port tell. */
import { hostMatch } from './host-pattern.ts';

/** An entry of the catalogue or of a manifest. */
export interface HostEntry {
  readonly hosts: readonly string[];
  /** Absent: any. */
  readonly ports?: readonly number[] | undefined;
}

export interface HostOwner<Entry> {
  readonly entry: Entry;
  /** The pattern that fits best. */
  readonly pattern: string;
}

/**
 * Of the entries whose pattern fits a host best: more than one where they differ in what the rollup does not keep, such
 * as paths. Remembers what it found: destinations are few and cells are many.
 */
export class HostOwners<Entry extends HostEntry> {
  readonly #entries: readonly Entry[];
  readonly #strict: boolean;
  readonly #known = new Map<string, readonly HostOwner<Entry>[]>();

  /**
   * @param ports `demanded`: an entry without the port owns nothing, as in a manifest; `preferred`: it does where no
   * other has the port either, as in the catalogue
   */
  constructor(entries: readonly Entry[], ports: 'demanded' | 'preferred') {
    this.#entries = entries;
    this.#strict = ports === 'demanded';
  }

  /** @param port −1 = unknown: it contradicts nothing */
  of(host: string, port: number): readonly HostOwner<Entry>[] {
    const name = `${host} ${port}`;
    let owners = this.#known.get(name);
    if (owners === undefined) this.#known.set(name, (owners = this.#find(host, port)));
    return owners;
  }

  #find(host: string, port: number): readonly HostOwner<Entry>[] {
    const has = ({ ports }: Entry): boolean => ports === undefined || port < 0 || ports.includes(port);
    const owners = bestFitting(this.#strict ? this.#entries.filter(has) : this.#entries, host);
    const there = owners.filter(({ entry }) => has(entry));
    return there.length > 0 ? there : owners;
  }
}

function bestFitting<Entry extends HostEntry>(entries: readonly Entry[], host: string): HostOwner<Entry>[] {
  let best = 0;
  let owners: HostOwner<Entry>[] = [];
  for (const entry of entries) {
    let own = 0;
    let pattern = '';
    for (const one of entry.hosts) {
      const fit = hostMatch(one, host);
      if (fit > own) [own, pattern] = [fit, one];
    }
    if (own === 0 || own < best) continue;
    if (own > best) [best, owners] = [own, []];
    owners.push({ entry, pattern });
  }
  return owners;
}
