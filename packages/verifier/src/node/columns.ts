/**
 * The columns that people search by. A generated column is computed from the leaf when it is read, by a definition that
 * the schema check has compared; what can lie is an index, which holds copies. So each index is read from end to end.
 * All of its entries are added up under a hash with random keys, and so are the leaves': equal sums, equal contents.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { type Leaf, parseCanonical, type Value } from '../canonical.ts';
import type { Report } from '../findings.ts';

export const INDEXED = ['time', 'kind', 'host', 'package', 'class', 'channel', 'outcome'] as const;
const SLICE = 5000;
const LOCATED = 10;

interface Sum {
  low: number;
  high: number;
  count: number;
}

export class Columns {
  readonly #keys = crypto.getRandomValues(new Uint32Array(4));
  readonly #sums: Sum[] = INDEXED.map(() => ({ low: 0, high: 0, count: 0 }));
  #rows = 0;

  add(leaf: Leaf | undefined, seq: number): void {
    this.#rows = seq + 1;
    for (const [at, name] of INDEXED.entries()) this.#count(this.#sums[at], leaf?.get(name), seq);
  }

  /** Reads one index after the other, in slices; `breathe` lets others run in between. */
  async compare(db: DatabaseSync, report: Report, breathe: () => Promise<void>): Promise<void> {
    for (const [at, name] of INDEXED.entries()) {
      const got: Sum = { low: 0, high: 0, count: 0 };
      for await (const entries of readIndex(db, name, this.#rows, breathe)) {
        for (const { seq, value } of entries) this.#count(got, value, seq);
      }
      const want = this.#sums[at];
      if (got.count === want?.count && got.low === want.low && got.high === want.high) continue;
      let located = 0;
      for await (const entries of readIndex(db, name, this.#rows, breathe)) {
        for (const { seq, value } of entries) {
          const expected = located < LOCATED ? memberOf(db, seq, name) : value;
          if (expected === value) continue;
          located += 1;
          report.add('column', seq, `column ${name} is not that of the leaf`, String(expected), String(value));
        }
      }
      const text = `the index of column ${name} lacks rows or holds some twice`;
      if (located === 0) report.add('column', -1, text, `${want?.count}`, `${got.count}`);
    }
  }

  #count(sum: Sum | undefined, value: Value | null | undefined, seq: number): void {
    if (sum === undefined) return;
    const [a = 0, b = 0, c = 0, d = 0] = this.#keys;
    const text = typeof value === 'string' ? value : `${String(value ?? '')}\n`;
    let low = Math.imul(seq ^ a, 0x9e3779b1) ^ Math.floor(seq / 2 ** 32);
    let high = Math.imul(seq ^ b, 0x85ebca6b);
    for (let at = 0; at < text.length; at += 1) {
      const unit = text.charCodeAt(at);
      low = Math.imul((low ^ unit) + c, 0x01000193);
      high = Math.imul((high + unit) ^ d, 0xc2b2ae35);
      low ^= high >>> 15;
      high ^= low >>> 13;
    }
    sum.low = (sum.low + low) >>> 0;
    sum.high = (sum.high + high) >>> 0;
    sum.count += 1;
  }
}

interface Entry {
  seq: number;
  value: string | number | null;
}

/**
 * The entries of an index in slices, so that no read transaction lasts: those of NULL, then value by value in its order.
 * Rows beyond ours are of a living ledger.
 */
async function* readIndex(
  db: DatabaseSync,
  column: string,
  rows: number,
  breathe: () => Promise<void>,
): AsyncGenerator<Entry[]> {
  const prepare = (where: string): StatementSync =>
    db.prepare(
      `SELECT seq, CASE WHEN octet_length(${column}) <= 16384 THEN ${column} END AS value FROM rows INDEXED BY rows_${column}
       WHERE ${where} AND seq BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER} ORDER BY ${column}, seq LIMIT ${SLICE}`,
    );
  const [same, first, further] = [`${column} IS ? AND seq > ?`, `${column} IS NOT NULL`, `${column} > ?`].map(prepare);
  let last: Entry = { seq: -1, value: null };
  // An attacker can bend the order of an index into a circle: no honest one has so many entries.
  for (let left = 2 * rows + 10 * SLICE; left > 0;) {
    let entries = same?.all(last.value, last.seq) as unknown as Entry[];
    if (entries.length === 0) {
      entries = (last.value === null ? first?.all() : further?.all(last.value)) as unknown as Entry[];
    }
    last = entries.at(-1) ?? last;
    left -= entries.length;
    yield entries.filter((entry) => entry.seq < rows);
    await breathe();
    if (entries.length === 0) return;
  }
}

function memberOf(db: DatabaseSync, seq: number, name: string): Value | null {
  const row = db.prepare('SELECT CAST(leaf AS TEXT) AS leaf FROM rows NOT INDEXED WHERE seq = ?').get(seq);
  const leaf = parseCanonical(String(row?.['leaf']));
  return typeof leaf === 'string' ? null : (leaf.get(name) ?? null);
}
