import type { HostsHeld, RollupEntry } from '@outwitness/event';
import type { Store } from './store.ts';

/** Most host names held at a time. */
const MOST_HOSTS = 200_000;
const NONE: ReadonlySet<string> = new Set();

/** The distinct hosts of the rollup by hour and package, as far as they were asked for; see docs/formats/store-sqlite.md, "Rollup". */
export class HostMemory {
  readonly #store: Pick<Store, 'rollupHosts'>;
  readonly #sets = new Map<string, Set<string>>();
  #held = 0;

  constructor(store: Pick<Store, 'rollupHosts'>) {
    this.#store = store;
  }

  /** Makes sure that these are known. */
  async known(keys: readonly { hour: number; package: string }[]): Promise<HostsHeld> {
    if (this.#held > MOST_HOSTS) this.clear();
    for (const key of keys) {
      const name = text(key.hour, key.package);
      if (this.#sets.has(name)) continue;
      const hosts = new Set(await this.#store.rollupHosts(key.hour, key.package));
      this.#sets.set(name, hosts);
      this.#held += hosts.size + 1;
    }
    return (hour, packageName) => this.#sets.get(text(hour, packageName)) ?? NONE;
  }

  /** What a committed batch added. */
  add(entries: readonly RollupEntry[]): void {
    for (const entry of entries) {
      const hosts = this.#sets.get(text(entry.hour, entry.package));
      if (hosts === undefined || hosts.has(entry.host)) continue;
      hosts.add(entry.host);
      this.#held++;
    }
  }

  clear(): void {
    this.#sets.clear();
    this.#held = 0;
  }
}

function text(hour: number, packageName: string): string {
  return `${hour} ${packageName}`;
}
