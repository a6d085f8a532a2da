import { createHash } from 'node:crypto';
import { parseCanonical } from '@outwitness/event';
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
  const { rows: proved, notes } = await neededBeside(reader, size);
  for (const noteSize of notes) {
    const needed = await reader.lastNote(noteSize);
    if (needed?.size === noteSize) yield noteLine(needed);
  }
  yield noteLine(note);
  for (const seq of proved.filter((one) => one < from || one >= to)) {
    const [row] = await reader.rows(seq, seq + 1);
    if (row === undefined) throw missing(seq);
    const proof = await inclusionProof(reader, seq, size);
    yield `leaf ${seq} ${row.leaf}\n${words(`proof ${seq}`, proof)}`;
  }
  yield words('left', await tileHashes(reader, 0, from));
  const texts = new Set<string>();
  for (let at = from; at < to; at += SLICE) {
    let lines = '';
    const end = Math.min(to, at + SLICE);
    const leaves = new Map((await reader.rows(at, end)).map(({ seq, leaf }) => [seq, leaf]));
    const hashes = leaves.size === end - at ? [] : await reader.hashes(at, end);
    for (let seq = at; seq < end; seq++) {
      const leaf = leaves.get(seq);
      const hash = hashes[seq - at];
      if (leaf === undefined && hash === undefined) throw missing(seq);
      if (leaf === undefined) {
        lines += words(`hash ${seq}`, hash === undefined ? [] : [hash]);
        continue;
      }
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

/**
 * What a reader needs beside the rows of a range: genesis and key rows for the keys, the newest seal for the counts and the
 * time, and of retention the rows that dropped something, the policies and the seals by which they are judged.
 */
async function neededBeside(reader: EvidenceReader, size: number): Promise<{ rows: number[]; notes: number[] }> {
  const [keys, vacuums, erasures] = [
    await reader.rowsOfKind('key'),
    await reader.rowsOfKind('vacuum'),
    await reader.rowsOfKind('erase'),
  ];
  const policies = vacuums.length === 0 ? [] : (await reader.rowsOfKind('policy')).filter(isRetention);
  const cuts = vacuums.filter(({ seq }) => seq < size).map(({ leaf }) => Number(parseCanonical(leaf)['to']));
  const seqs = [...keys, ...vacuums, ...erasures, ...policies].map(({ seq }) => seq);
  const rows = [0, ...seqs, ...cuts.map((cut) => cut - 1), size - 1].filter((seq) => seq < size);
  const notes = [...cuts];
  for (const { seq } of keys) {
    const [closing] = await reader.notes(seq, 1);
    if (closing !== undefined) notes.push(closing.size);
  }
  return { rows: ascending(rows), notes: ascending(notes.filter((one) => one < size)) };
}

function isRetention({ leaf }: StoredRow): boolean {
  return parseCanonical(leaf)['event'] === 'retention';
}

function ascending(numbers: readonly number[]): number[] {
  return [...new Set(numbers)].sort((a, b) => a - b);
}

function noteLine({ note }: StoredNote): string {
  return `note ${Buffer.from(note).toString('base64')}\n`;
}

function missing(seq: number): Error {
  return ledgerError(
    'ledger-damaged',
    `row ${seq} is missing although a note covers it. Run the verifier on the data directory.`,
  );
}

function words(first: string, hashes: readonly Uint8Array[]): string {
  return `${[first, ...hashes.map((hash) => Buffer.from(hash).toString('hex'))].join(' ')}\n`;
}
