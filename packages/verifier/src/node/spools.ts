/** How far each spool file was read: the table against the seals that name it (verification.md). Node only. */
import type { DatabaseSync } from 'node:sqlite';

import type { Leaf } from '../canonical.ts';
import type { Report } from '../findings.ts';
import { each } from './tables.ts';

/** A seal with so many may have left out others that moved. */
const NAMED_BY_A_SEAL = 64;
const NAME_BYTES = 160;
const MOST_FILES = 100_000;

export class Spools {
  /** By file: `offset n` of the newest seal that names it, and that seal. */
  readonly #marks = new Map<string, { mark: string; seq: number }>();
  /** Every seal so far is known, so what none names has no place in the table. */
  #isWhole = true;

  /** A seal may be gone, or names not all: what was known before counts no more. */
  forget(): void {
    this.#marks.clear();
    this.#isWhole = false;
  }

  seal(seq: number, leaf: Leaf): void {
    const named = leaf.get('spools');
    if (!Array.isArray(named)) return;
    if (named.length >= NAMED_BY_A_SEAL || this.#marks.size > MOST_FILES) this.forget();
    for (const entry of named) {
      const [name = '', ...mark] = entry.split(' ');
      this.#marks.set(name, { mark: mark.join(' '), seq });
    }
  }

  compare(db: DatabaseSync, report: Report): void {
    const select = `SELECT CASE WHEN octet_length(name) <= ${NAME_BYTES} THEN name ELSE '' END AS name, offset || ' ' || n AS mark FROM spools`;
    for (const { name, mark: got } of each(db, db.prepare(select))) {
      const { mark = 'nothing', seq = -1 } = this.#marks.get(String(name)) ?? {};
      this.#marks.delete(String(name));
      if (got === mark || (seq < 0 && !this.#isWhole)) continue;
      report.add('spools', seq, `how far ${String(name)} was read is not what its newest seal says`, mark, String(got));
    }
    for (const [name, { mark, seq }] of this.#marks)
      report.add('spools', seq, `the table spools lacks ${name}, which a seal names`, mark, 'nothing');
  }
}
