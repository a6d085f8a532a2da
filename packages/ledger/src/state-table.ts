import { createHash } from 'node:crypto';
import type { StateChanges, StateEntry } from './store.ts';

const DIGEST_SLICE = 512;

/**
 * The memory of the assembler for one state table (`pending` or `writers`): live values by key, which of them changed,
 * and the text of each as it was last handed to the store, so that the digest needs no read and a call that opens and
 * ends between two commits costs no write.
 *
 * Keys are ASCII without control characters: their order as strings is their order by bytes.
 */
export class StateTable<T> {
  readonly #encode: (value: T) => string;
  readonly #live = new Map<string, T>();
  readonly #dirty = new Set<string>();
  /** key → `key LF record LF` as in the store after the last {@link changes}. */
  readonly #stored = new Map<string, string>();
  #sorted: string[] = [];

  constructor(encode: (value: T) => string) {
    this.#encode = encode;
  }

  /** Takes over what the store holds. */
  load(entries: readonly StateEntry[], decode: (entry: StateEntry) => T): void {
    for (const entry of entries) {
      this.#live.set(entry.key, decode(entry));
      this.#stored.set(entry.key, lines(entry));
    }
    this.#sorted = [...this.#stored.keys()].sort();
  }

  get size(): number {
    return this.#live.size;
  }

  get changed(): boolean {
    return this.#dirty.size > 0;
  }

  get(key: string): T | undefined {
    return this.#live.get(key);
  }

  values(): IterableIterator<T> {
    return this.#live.values();
  }

  set(key: string, value: T): void {
    this.#live.set(key, value);
    this.#dirty.add(key);
  }

  /** The value behind the key was changed in place. */
  touch(key: string): void {
    this.#dirty.add(key);
  }

  delete(key: string): void {
    this.#live.delete(key);
    this.#dirty.add(key);
  }

  /** Live keys that the store does not know yet. */
  unstored(): string[] {
    return [...this.#dirty].filter((key) => this.#live.has(key) && !this.#stored.has(key));
  }

  /** What the store has to change, and the end of the list of changes: the next call begins anew. */
  changes(): StateChanges {
    const put: StateEntry[] = [];
    const gone: string[] = [];
    const added: string[] = [];
    for (const key of this.#dirty) {
      const value = this.#live.get(key);
      const before = this.#stored.get(key);
      if (value === undefined) {
        if (before === undefined) continue;
        gone.push(key);
        this.#stored.delete(key);
        continue;
      }
      const entry = { key, record: this.#encode(value) };
      const text = lines(entry);
      if (text === before) continue;
      put.push(entry);
      this.#stored.set(key, text);
      if (before === undefined) added.push(key);
    }
    this.#dirty.clear();
    if (gone.length > 0) this.#sorted = this.#sorted.filter((key) => this.#stored.has(key));
    if (added.length > 0) this.#sorted = merged(this.#sorted, added.sort());
    return { put, gone };
  }

  /** Number and digest of the entries as of the last {@link changes}; docs/formats/checkpoint.md, "Seal". */
  digest(): { entries: number; digest: string } {
    const hash = createHash('sha256');
    for (let from = 0; from < this.#sorted.length; from += DIGEST_SLICE) {
      let text = '';
      for (const key of this.#sorted.slice(from, from + DIGEST_SLICE)) text += this.#stored.get(key) ?? '';
      hash.update(text);
    }
    return { entries: this.#sorted.length, digest: hash.digest('hex') };
  }
}

function lines(entry: StateEntry): string {
  return `${entry.key}\n${entry.record}\n`;
}

function merged(a: readonly string[], b: readonly string[]): string[] {
  const all: string[] = [];
  let i = 0;
  for (const key of b) {
    for (let next = a[i]; next !== undefined && next < key; next = a[++i]) all.push(next);
    all.push(key);
  }
  return all.concat(a.slice(i));
}
