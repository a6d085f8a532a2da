/** The tables of a store beside its rows, against what the rows gave (store-sqlite.md). Node only. */
import type { DatabaseSync, SQLOutputValue, StatementSync } from 'node:sqlite';

import { equalBytes, toHex } from '../bytes.ts';
import type { Leaf } from '../canonical.ts';
import type { Crypto } from '../crypto-port.ts';
import { TEXT_BYTES } from '../verify-bundle.ts';
import type { Report } from '../findings.ts';

/** Of an entry in a page: two of its pointer, the rest of its cell. */
const LEAST_ENTRY_BYTES = 6;
const RECORD_BYTES = 1024 * 1024;

/** SQL for a value as bytes, NULL where it is longer than any honest one. */
export function bytesOf(column: string, limit: number): string {
  return `CASE WHEN octet_length(${column}) <= ${limit} THEN CAST(${column} AS BLOB) END`;
}

/**
 * What a statement gives, at most as many rows as the file has room for: an attacker can bend the pages of a table so
 * that it has no end. So no statement may sort: the order is that of a key, by its own name and not by what stands for it.
 */
export function* each(
  db: DatabaseSync,
  select: StatementSync,
  ...values: number[]
): Generator<Record<string, SQLOutputValue>> {
  const sizes = ['page_count', 'page_size'].map((name) => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]));
  let left = sizes.reduce((product, size) => product * size, 1 / LEAST_ENTRY_BYTES);
  for (const row of select.iterate(...values)) {
    if ((left -= 1) < 0) throw new Error('a table has more rows than its file has room for');
    yield row;
  }
}

/** The stored hash of a complete subtree. */
export function storedNode(db: DatabaseSync, level: number, index: number): Uint8Array | undefined {
  const hash = db
    .prepare(`SELECT ${bytesOf('hash', 32)} AS hash FROM nodes WHERE level = ? AND idx = ?`)
    .get(level, index)?.['hash'];
  return hash instanceof Uint8Array && hash.length === 32 ? hash : undefined;
}

export function compareNode(db: DatabaseSync, report: Report, level: number, index: number, hash: Uint8Array): void {
  const stored = storedNode(db, level, index);
  if (equalBytes(stored, hash)) return;
  const text = `node ${index} of level ${level} is not that of the rows`;
  report.add('nodes', index * 2 ** level, text, toHex(hash), stored === undefined ? 'none' : toHex(stored));
}

/** Digest and count of a table of the assembler against the newest seal. */
export function compareState(
  db: DatabaseSync,
  crypto: Crypto,
  report: Report,
  table: 'pending' | 'writers',
  seal: Leaf,
): void {
  const digest = crypto.sha256Stream();
  const select = `SELECT ${bytesOf('key', RECORD_BYTES)} AS key, ${bytesOf('record', RECORD_BYTES)} AS record FROM ${table} ORDER BY ${table}.key`;
  let count = 0;
  for (const { key, record } of each(db, db.prepare(select))) {
    count += 1;
    for (const part of [key, record]) {
      digest.update(part instanceof Uint8Array ? part : new Uint8Array());
      digest.update(Uint8Array.of(0x0a));
    }
  }
  const [seq, said, got] = [Number(seal.get('seq')), String(seal.get(`${table}Digest`)), toHex(digest.digest())];
  if (said !== got) report.add(table, seq, `the table ${table} is not that of the newest seal`, said, got);
  const counted = Number(seal.get('pending'));
  if (table === 'pending' && counted !== count)
    report.add(table, seq, 'the newest seal counts other open calls', counted, count);
}

/** Each text against its digest; `digests` are those that the rows name. */
export function compareTexts(db: DatabaseSync, crypto: Crypto, report: Report, digests: Set<string>): void {
  const select = `SELECT CAST(${bytesOf('sha256', 64)} AS TEXT) AS digest, ${bytesOf('text', TEXT_BYTES)} AS text FROM texts`;
  for (const { digest, text } of each(db, db.prepare(select))) {
    const got = text instanceof Uint8Array ? toHex(crypto.sha256(text)) : 'too long';
    if (got !== digest) report.add('text', -1, 'a stored text is not that of its digest', String(digest), got);
    digests.delete(String(digest));
  }
  for (const digest of digests)
    report.add('text', -1, 'the text of a catalogue or manifest is missing', digest, 'none');
}
