/** A `*.outwitness` bundle (bundle.md), read once from front to back. Free of node: imports. */
import { BundleReader, decimal, hashOf } from './bundle-reader.ts';
import { fromBase64, toHex } from './bytes.ts';
import { decodeUtf8 } from './canonical.ts';
import type { Watch } from './compare.ts';
import type { Crypto } from './crypto-port.ts';
import { concluded, Report, type Result } from './findings.ts';
import { Ledger } from './ledger.ts';
import { type Chunks, FormError } from './lines.ts';
import { tiling } from './merkle.ts';
import { type Note, parseNote } from './note.ts';
import { Pins } from './pins.ts';

/** What the one who verifies brings along. */
export interface VerifyOptions {
  /** Verifier key lines of log keys, or older notes of the same origin. */
  pins?: readonly string[];
  /** µs since 1970 at which staleness is judged. */
  now?: number;
  /** Collects what a comparison needs. */
  watch?: Watch;
  /** Called now and then with the rows judged and the rows there are. */
  onProgress?: (done: number, total: number) => void;
}

const HEADER = 'outwitness-bundle 1';
const NOTES = 50_000;
export const TEXT_BYTES: number = 4 * 1024 * 1024;
const PROGRESS_ROWS = 4096;
type Tile = [hash: Uint8Array, level: number];

/**
 * Verifies a bundle.
 *
 * @param chunks the bytes of the file in pieces of any size
 * @returns the result of verification.md; a defect of the bundle is a finding in it and never an exception
 * @throws UsageError for a pin that is none
 */
export async function verifyBundle(chunks: Chunks, crypto: Crypto, options: VerifyOptions = {}): Promise<Result> {
  const report = new Report();
  const pins = new Pins(crypto, report, options.pins ?? []);
  const reader = new BundleReader(chunks, crypto);
  return concluded(
    report,
    judge(reader, report, pins, options),
    ({ message }) => `line ${reader.line}: ${message}`,
    ({ name }) => (name === FormError.name && reader.line > 1 ? 'bundle' : 'unreadable'),
  );
}

/** The lines in the order of bundle.md, then what can only be said at the end. */
async function judge(reader: BundleReader, report: Report, pins: Pins, options: VerifyOptions): Promise<void> {
  const { crypto } = reader;
  const header = await reader.whole(HEADER.length + 8);
  if (/^outwitness-bundle (?!1$)[1-9]\d*$/.test(header))
    return report.add('version', -1, 'newer bundle', HEADER, header);
  if (header !== HEADER) return report.add('unreadable', -1, 'this is no bundle: its first line is another', HEADER);
  const origin = await reader.text('origin');
  const exported = decimal((await reader.text('exported')).split(' ')[0]);
  const [from = 0, to = 0, ...more] = (await reader.text('range')).split(' ').map((number) => decimal(number));
  const notes = await readNotes(reader, report);
  const newest = notes.at(-1);
  if (newest === undefined || from >= to || to > newest.size || more.length > 0)
    throw new FormError('the range is not within the newest note');
  const size = newest.size;
  Object.assign(report, { origin, size, range: [from, to] });
  if (newest.origin !== origin) report.add('note', size - 1, 'the note is of another origin', origin, newest.origin);

  const ledger = new Ledger(crypto, report);
  if (options.watch !== undefined) options.watch.ledger = ledger;
  for (const note of notes) ledger.retention.watched.add(note.size);
  await readProved(reader, ledger, from, to, newest);
  const provedSeal = ledger.seal;
  for (const [hash, level] of await readTiles(reader, 'left', 0, from)) ledger.tree.append(hash, level);
  if (from > 0) ledger.startAt(from);
  const judgeNotes = (upTo: number): void => {
    pins.judgeAt(upTo, origin, () => ledger.tree.root());
    options.watch?.at(upTo, crypto);
    for (; notes[0] !== undefined && notes[0].size <= upTo; notes.shift()) {
      ledger.note(notes[0], notes[0].size === upTo ? ledger.tree.root() : undefined);
      if (notes[0].size === upTo && upTo > from) ledger.sealUnder(notes[0]);
    }
  };
  if (from > 0) judgeNotes(from);
  for (let seq = from; seq < to; seq += 1) {
    await readRow(reader, ledger);
    judgeNotes(seq + 1);
    if (seq % PROGRESS_ROWS === 0) options.onProgress?.(seq - from, to - from);
  }
  for (const [hash, level] of await readTiles(reader, 'right', to, size)) ledger.tree.append(hash, level);
  if (to < size) {
    ledger.seal = provedSeal;
    judgeNotes(size);
  }
  await readTexts(reader, report, ledger.named);
  await reader.end();

  await ledger.finish(options.now ?? exported);
  await pins.finish(ledger, size);
  if (from > 0) report.notChecked(`the prev of row ${from}: the row before it is not in the bundle`);
  if (to - from < size) report.add('subset', -1, 'the range is not the whole ledger', `0 ${size}`, `${from} ${to}`);
}

/**
 * Only the notes of a bundle, ascending.
 *
 * @throws FormError where it is none or malformed
 */
export async function notesOfBundle(chunks: Chunks, crypto: Crypto): Promise<Note[]> {
  const reader = new BundleReader(chunks, crypto);
  for (const word of ['outwitness-bundle', 'origin', 'exported', 'range']) await reader.text(word);
  return readNotes(reader, new Report());
}

async function readNotes(reader: BundleReader, report: Report): Promise<Note[]> {
  const notes: Note[] = [];
  while ((await reader.word()) === 'note') {
    const note = parseNote(fromBase64(await reader.text('note')));
    if (typeof note === 'string') {
      report.add('note', -1, note);
      throw new FormError('a note cannot be read');
    }
    if (note.size <= (notes.at(-1)?.size ?? 0)) throw new FormError('notes are not in order of size');
    if (notes.push(note) > NOTES) throw new FormError(`more than ${NOTES} notes`);
  }
  return notes;
}

/** Genesis, key rows and the newest seal, where they lie outside the range. */
async function readProved(reader: BundleReader, ledger: Ledger, from: number, to: number, note: Note): Promise<void> {
  let last = -1;
  while ((await reader.word()) === 'leaf') {
    const [seq, bytes] = await reader.numbered();
    if (seq <= last || (seq >= from && seq < to)) throw new FormError('a leaf out of order or inside the range');
    last = seq;
    const [proved, ...proof] = (await reader.text('proof')).split(' ');
    if (decimal(proved) !== seq) throw new FormError('a proof of another row');
    const hashes = proof.map((hash) => hashOf(hash));
    ledger.provedRow(seq, bytes, hashes, note);
  }
  if (from > 0 && ledger.origin === '') throw new FormError('the genesis row is missing');
  if (to < note.size && ledger.seal === undefined) throw new FormError("the newest note's seal is missing");
}

async function readTiles(reader: BundleReader, word: string, from: number, to: number): Promise<Tile[]> {
  const hashes = (await reader.text(word)).split(' ').filter((hash, _, all) => hash !== '' || all.length > 1);
  const levels = tiling(from, to);
  if (hashes.length !== levels.length) throw new FormError(`${word} does not tile the rows ${from} to ${to}`);
  return levels.map((level, at) => [hashOf(hashes[at]), level]);
}

async function readRow(reader: BundleReader, ledger: Ledger): Promise<void> {
  const word = await reader.word();
  if (word !== 'row' && word !== 'hash') throw new FormError(`row ${ledger.next} is missing`);
  const [seq, bytes] = await reader.numbered();
  if (word === 'row') return void ledger.row(seq, bytes);
  ledger.droppedRow(seq, hashOf(decodeUtf8(bytes)));
}

async function readTexts(reader: BundleReader, report: Report, named: Set<string>): Promise<void> {
  while ((await reader.word()) === 'text') {
    const [digest = '', ...encoded] = (await reader.text('text')).split(' ');
    const bytes = fromBase64(encoded.join(' '));
    if (bytes === undefined) throw new FormError('a text is no base64');
    if (bytes.length > TEXT_BYTES) throw new FormError(`a text is longer than ${TEXT_BYTES} bytes`);
    const got = toHex(reader.crypto.sha256(bytes));
    if (got !== digest) report.add('text', -1, 'a text is not that of its digest', digest, got);
    named.delete(got);
  }
  if (named.size > 0) report.notChecked(`${named.size} catalogues or manifests that rows name: their text is not here`);
}
