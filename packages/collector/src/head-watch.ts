import { parseCanonical } from '@outwitness/event';
import type { HeadJson } from '@outwitness/server';
import type { SqliteJournal } from '@outwitness/store-sqlite';
import { isoTime, worthSeeing } from './server-backend.ts';

/** Rows looked at to tell whether there is something to be seen; more than that surely is. */
const MOST = 1_000;

/** Follows the head of a ledger that another process writes. */
export class HeadWatch {
  readonly #journal: SqliteJournal;
  readonly #listeners = new Set<(head: HeadJson) => void>();
  #head: HeadJson = { size: 0, at: null };

  constructor(journal: SqliteJournal) {
    this.#journal = journal;
  }

  get head(): HeadJson {
    return this.#head;
  }

  onHead(listener: (head: HeadJson) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async look(): Promise<void> {
    const before = this.#head.size;
    const size = await this.#journal.size();
    if (size === before) return;
    const [seal] = await this.#journal.rows(size - 1, size);
    const time = seal === undefined ? undefined : parseCanonical(seal.leaf)['time'];
    this.#head = { size, at: typeof time === 'number' ? isoTime(time) : null };
    if (size - before <= MOST && !worthSeeing(await this.#journal.rows(before, size))) return;
    for (const listener of this.#listeners) listener(this.#head);
  }
}
