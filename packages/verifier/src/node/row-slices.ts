/** The rows of a store as they lie there, slice by slice: `seq`, `leaf` and `row_hash` and no other column. Node only. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { LEAF_BYTES } from '../ledger.ts';

const SLICE = 500;
const HASH_BYTES = 32;
const GONE = -1;

export interface StoredRow {
  seq: number;
  /** There is no leaf any more. */
  gone: boolean;
  /** undefined also if it is no text, or longer than any honest one. */
  leaf: Uint8Array | undefined;
  /** undefined if it is no 32 bytes. */
  hash: Uint8Array | undefined;
}

/** Reads a slice in one piece, since a buffer for each leaf takes longer to make than the leaf to read. */
export class RowSlices {
  readonly #select: StatementSync;

  constructor(db: DatabaseSync) {
    // Blobs are joined as they are only where texts are UTF-8 too.
    const isPlain = db.prepare('PRAGMA encoding').get()?.['encoding'] === 'UTF-8';
    this.#select = db.prepare(
      `SELECT json_group_array(seq) AS seqs, json_group_array(length) AS lengths, json_group_array(hash IS NOT NULL) AS hashed,
        CAST(group_concat(CASE WHEN length >= 0 THEN leaf END, '') AS BLOB) AS leaves, ${isPlain ? "CAST(group_concat(hash, '') AS BLOB)" : "group_concat(hex(hash), '')"} AS hashes
      FROM (SELECT seq, leaf, CASE WHEN leaf IS NULL THEN ${GONE}
          WHEN typeof(leaf) = 'text' AND octet_length(leaf) <= ${LEAF_BYTES} THEN octet_length(leaf) ELSE ${GONE - 1} END AS length,
        CASE WHEN typeof(row_hash) = 'blob' AND octet_length(row_hash) = ${HASH_BYTES} THEN row_hash END AS hash
      FROM rows NOT INDEXED WHERE seq >= ? AND seq < ? ORDER BY seq LIMIT ${SLICE})`,
    );
  }

  /** The first of the rows [from, to). */
  read(from: number, to: number): StoredRow[] {
    const found = this.#select.get(from, to);
    const [seqs, lengths, hashed] = ['seqs', 'lengths', 'hashed'].map(
      (name) => JSON.parse(String(found?.[name])) as number[],
    );
    const [leaves, hashes] = ['leaves', 'hashes'].map((name) => pieces(found?.[name]));
    return (seqs ?? []).map((seq, at) => {
      const length = lengths?.[at] ?? GONE;
      return {
        seq,
        gone: length === GONE,
        leaf: length < 0 ? undefined : leaves?.(length),
        hash: hashed?.[at] === 1 ? hashes?.(HASH_BYTES) : undefined,
      };
    });
  }
}

/** Takes one piece after the other. */
function pieces(value: unknown): (length: number) => Uint8Array {
  const bytes = value instanceof Uint8Array ? value : Buffer.from(typeof value === 'string' ? value : '', 'hex');
  let at = 0;
  return (length) => bytes.subarray(at, (at += length));
}
