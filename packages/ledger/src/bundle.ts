import { createHash } from 'node:crypto';
import { ledgerError } from './errors.ts';
import { identityOf } from './genesis.ts';
import type { EvidenceReader, StoredNote, StoredRow } from './store.ts';
import { inclusionProof, tileHashes } from './tree-proofs.ts';

/** Rows read at a time. */
const SLICE = 1000;
/** Digests of the texts that a row was judged by. In a leaf this cannot stand inside a string: a quote there is escaped. */
const TEXT = /"(?:catalogue|manifestSha256)":"([0-9a-f]{64})"/;

export interface BundleOptions {
  /** First row, default 0. */
  readonly from?: number;
  /** End, exclusive; default and most: the size that the newest note covers. */
  readonly to?: number;
  /** µs: time of the export. */
  readonly exported: number;
  /** Name and version of the program. */
  readonly software: string;
}

/**
 * Writes rows as a `*.outwitness` bundle (docs/formats/bundle.md): whole by default, else a range with the proofs that tie
 * it to the judged note. Memory stays flat; rows appended meanwhile are left out.
 *
 * @returns lines with their LF
 * @throws OutwitnessError `range` for an empty range or one beyond the newest note
 */
export async function* bundle(reader: EvidenceReader, options: BundleOptions): AsyncGenerator<string> {
  const digest = createHash('sha256');
  for await (const line of body(reader, options)) {
    digest.update(line);
    yield line;
  }
  yield `end ${digest.digest('hex')}\n`;
}

async function* body(reader: EvidenceReader, options: BundleOptions): AsyncGenerator<string> {
  const note = await reader.lastNote();
  const { from = 0, to = note?.size ?? 0 } = options;
  if (note === undefined || !(from >= 0 && from < to && to <= note.size)) {
    throw ledgerError(
      'range',
      `no rows [${from}, ${to}) under the newest note, which covers ${note?.size ?? 0}: expected 0 <= from < to <= its size`,
    );
  }
  const { size } = note;
  const [genesis] = await reader.rows(0, 1);
  yield `outwitness-bundle 1\norigin ${identityOf(genesis?.leaf ?? '{}').origin}\n`;
  yield `exported ${options.exported} ${options.software}\nrange ${from} ${to}\n`;
  const keyRows = (await reader.keyRows()).map(({ seq }) => seq).filter((seq) => seq < size);
  for (const seq of keyRows) {
    const [closing] = await reader.notes(seq, 1);
    if (closing !== undefined && closing.size < size) yield noteLine(closing);
  }
  yield noteLine(note);
  for (const seq of outside(from, to, size, keyRows)) {
    const [row] = await reader.rows(seq, seq + 1);
    const proof = await inclusionProof(reader, seq, size);
    yield `leaf ${seq} ${leafOf(row, seq)}\n${words(`proof ${seq}`, proof)}`;
  }
  yield words('left', await tileHashes(reader, 0, from));
  const texts = new Set<string>();
  for (let at = from; at < to; at += SLICE) {
    let lines = '';
    const rows = await reader.rows(at, Math.min(to, at + SLICE));
    if (rows.length !== Math.min(to, at + SLICE) - at) leafOf(undefined, at);
    for (const { seq, leaf } of rows) {
      lines += `row ${seq} ${leaf}\n`;
      const [, named] = TEXT.exec(leaf) ?? [];
      if (named !== undefined) texts.add(named);
    }
    yield lines;
  }
  yield words('right', await tileHashes(reader, to, size));
  for (const sha256 of [...texts].sort()) {
    const text = await reader.text(sha256);
    if (text !== undefined) yield `text ${sha256} ${Buffer.from(text).toString('base64')}\n`;
  }
}

function noteLine({ note }: StoredNote): string {
  return `note ${Buffer.from(note).toString('base64')}\n`;
}

/** Rows that a subset needs beside its own: genesis and key rows for the keys, the seal for the counts and the time. */
function outside(from: number, to: number, size: number, keyRows: readonly number[]): number[] {
  return [0, ...keyRows, size - 1].filter((seq) => seq < from || seq >= to);
}

function leafOf(row: StoredRow | undefined, seq: number): string {
  if (row !== undefined) return row.leaf;
  throw ledgerError(
    'ledger-damaged',
    `row ${seq} is missing although a note covers it. Run the verifier on the data directory.`,
  );
}

function words(first: string, hashes: readonly Uint8Array[]): string {
  return `${[first, ...hashes.map((hash) => Buffer.from(hash).toString('hex'))].join(' ')}\n`;
}
