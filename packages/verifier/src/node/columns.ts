/**
 * The columns that people search by. A generated column is computed from the leaf when it is read, by a definition that
 * the schema check has compared; what can lie is an index, which holds copies. So each index is read from end to end.
 * All of its entries are added up under a hash with random keys, and so are the leaves': equal sums, equal contents.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { flat } from '../bytes.ts';
import { type Leaf, parseCanonical, type Value } from '../canonical.ts';
import type { Report } from '../findings.ts';

export const INDEXED = ['time', 'kind', 'host', 'package', 'class', 'channel', 'outcome'] as const;
const SLICE = 5000;
const LOCATED = 10;

/** Texts whose hash is remembered. */
const REMEMBERED = 50_000;

interface Sum {
  low: number;
  high: number;
  count: number;
}

/** Of a value alone, under the random keys. */
interface Hash {
  low: number;
  high: number;
}

export class Columns {
  readonly #keys = crypto.getRandomValues(new Uint32Array(4));
  readonly #sums: Sum[] = INDEXED.map(() => ({ low: 0, high: 0, count: 0 }));
  readonly #hashes = new Map<string, Hash>();
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
    const { low, high } = this.#hashOf(value);
    let x = Math.imul(low + Math.imul(seq ^ a, 0x9e3779b1), 0x85ebca6b) ^ Math.floor(seq / 2 ** 32);
    let y = Math.imul(high ^ Math.imul(seq + b, 0x01000193), 0xc2b2ae35);
    x = Math.imul(x ^ (y >>> 15) ^ c, 0xc2b2ae35);
    y = Math.imul(y ^ (x >>> 13) ^ d, 0x85ebca6b);
    sum.low = (sum.low + (x ^ (y >>> 16))) >>> 0;
    sum.high = (sum.high + (y ^ (x >>> 16))) >>> 0;
    sum.count += 1;
  }

  /** The same few texts stand in most rows; numbers are times, and hardly one comes twice. */
  #hashOf(value: Value | null | undefined): Hash {
    if (typeof value === 'number' && Number.isSafeInteger(value))
      return this.#mixed(this.#mixed({ low: 1, high: 2 }, value | 0), Math.floor(value / 2 ** 32));
    const text = typeof value === 'string' ? value : `${String(value ?? '')}\n`;
    let hash = this.#hashes.get(text);
    if (hash !== undefined) return hash;
    hash = { low: 0, high: 0 };
    for (let at = 0; at < text.length; at += 1) hash = this.#mixed(hash, text.charCodeAt(at));
    if (this.#hashes.size >= REMEMBERED) this.#hashes.clear();
    this.#hashes.set(flat(text), hash);
    return hash;
  }

  #mixed({ low, high }: Hash, word: number): Hash {
    const [a = 0, b = 0, c = 0, d = 0] = this.#keys;
    const x = Math.imul((low ^ word ^ a) + c, 0x01000193);
    const y = Math.imul((high + word + b) ^ d, 0xc2b2ae35) ^ (x >>> 13);
    return { low: x ^ (y >>> 15), high: y };
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
      // As two lists in JSON: an object for each entry would take longer than all else.
      `SELECT json_group_array(seq) AS seqs, json_group_array(value) AS "values" FROM (
         SELECT seq, CASE WHEN octet_length(${column}) <= 16384 AND typeof(${column}) <> 'blob' THEN ${column} END AS value
         FROM rows INDEXED BY rows_${column} WHERE ${where} AND seq BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER}
         ORDER BY ${column}, seq LIMIT ${SLICE})`,
    );
  const read = (statement: StatementSync | undefined, ...values: Entry['value'][]): Entry[] => {
    const lists = statement?.get(...values);
    const found = JSON.parse(String(lists?.['values'])) as Entry['value'][];
    return (JSON.parse(String(lists?.['seqs'])) as number[]).map((seq, at) => ({ seq, value: found[at] ?? null }));
  };
  const [same, first, further] = [`${column} IS ? AND seq > ?`, `${column} IS NOT NULL`, `${column} > ?`].map(prepare);
  let last: Entry = { seq: -1, value: null };
  // An attacker can bend the order of an index into a circle: no honest one has so many entries.
  for (let left = 2 * rows + 10 * SLICE; left > 0;) {
    let entries = read(same, last.value, last.seq);
    if (entries.length === 0) entries = last.value === null ? read(first) : read(further, last.value);
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
