/** A `*.outwitness` bundle (bundle.md), read once from front to back. Free of node: imports. */
import { equalBytes, fromBase64, fromHex, toHex, utf8 } from './bytes.ts';
import { decodeUtf8, type Leaf } from './canonical.ts';
import { judgeNewestSeal } from './conclude.ts';
import type { Crypto } from './crypto-port.ts';
import { Report, type Result } from './findings.ts';
import { Identity } from './identity.ts';
import { readLines, StructureError } from './lines.ts';
import { CompactRange, provesInclusion, tiling } from './merkle.ts';
import { type Note, parseNote } from './note.ts';
import { Notes } from './notes.ts';
import { Pins } from './pins.ts';
import { readLeaf, rowHash, Rows } from './rows.ts';

/** What the one who verifies brings along. */
export interface VerifyOptions {
  /** Verifier key lines of log keys, or older notes of the same origin. */
  pins?: readonly string[];
  /** µs since 1970 at which staleness is judged. */
  now?: number;
  /** Called now and then with the rows judged and, where it is known, the rows there are. */
  onProgress?: (done: number, total: number) => void;
}

const HEADER = 'outwitness-bundle';
const VERSION = 1;
const NOTES = 10_000;
const DECIMAL = /^(?:0|[1-9]\d{0,15})$/;
const PROGRESS_ROWS = 4096;

/**
 * Verifies a bundle.
 *
 * @param chunks the bytes of the file in pieces of any size
 * @returns the result of verification.md; a defect of the bundle is a finding in it and never an exception
 * @throws UsageError for a pin that is none
 */
export async function verifyBundle(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  crypto: Crypto,
  options: VerifyOptions = {},
): Promise<Result> {
  const report = new Report();
  const pins = new Pins(crypto, report, options.pins ?? []);
  try {
    await new BundleVerifier(chunks, crypto, report, pins, options).verify();
  } catch (error) {
    const { name, message } = error as Error;
    if (name === StructureError.name) report.add('bundle', -1, message);
    else report.add('unreadable', -1, `unexpected failure: ${message}`);
  }
  return report.result();
}

interface Line {
  word: string;
  /** What stands after the word and its space. */
  rest: Uint8Array;
}

class BundleVerifier {
  readonly #crypto: Crypto;
  readonly #report: Report;
  readonly #pins: Pins;
  readonly #options: VerifyOptions;
  readonly #lines: AsyncGenerator<Uint8Array>;
  readonly #digest: ReturnType<Crypto['sha256Stream']>;
  readonly #identity: Identity;
  readonly #history: Notes;
  readonly #tree: CompactRange;
  #line: Line | undefined;
  #lineNumber = 0;
  #notes: Note[] = [];
  #newestSeal: Leaf | undefined;

  constructor(
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    crypto: Crypto,
    report: Report,
    pins: Pins,
    options: VerifyOptions,
  ) {
    this.#crypto = crypto;
    this.#report = report;
    this.#pins = pins;
    this.#options = options;
    this.#lines = readLines(chunks);
    this.#digest = crypto.sha256Stream();
    this.#identity = new Identity(crypto, report);
    this.#history = new Notes(crypto, report, this.#identity);
    this.#tree = new CompactRange(crypto);
  }

  /** The lines in the order of bundle.md, then what can only be said at the end. */
  async verify(): Promise<void> {
    if (!(await this.#header())) return;
    const origin = await this.#text('origin');
    const [exported = ''] = (await this.#text('exported')).split(' ');
    const exportedAt = this.#decimal(exported);
    const [from, to] = (await this.#text('range')).split(' ').map((number) => this.#decimal(number));
    const judged = await this.#readNotes();
    const size = judged.size;
    if (from === undefined || to === undefined || from >= to || to > size)
      return this.#fail('the range is not within the note');
    this.#report.origin = origin;
    this.#report.size = size;
    this.#report.range = [from, to];
    if (judged.origin !== origin)
      this.#report.add('note', size - 1, 'the note is of another origin', origin, judged.origin);

    await this.#readOutsideLeaves(from, to, judged);
    await this.#readSubtrees('left', 0, from);
    await this.#takeNotes(from, undefined);
    const rows = new Rows(this.#crypto, this.#report, this.#identity, from);
    await this.#readRows(rows, from, to, size);
    await this.#readSubtrees('right', to, size);
    if (to < size) await this.#takeJudgedNote(judged);
    await this.#readTexts();
    await this.#readEnd();

    await this.#history.finish();
    await this.#pins.finish(this.#identity, size);
    if (this.#newestSeal !== undefined)
      judgeNewestSeal(this.#report, this.#newestSeal, this.#options.now ?? exportedAt);
    if (from > 0) this.#report.notChecked(`the prev of row ${from}: the row before it is not in the bundle`);
    if (from > 0 || to < size) {
      this.#report.add('subset', -1, 'the range is not the whole ledger', `0 ${size}`, `${from} ${to}`);
    }
  }

  async #header(): Promise<boolean> {
    const line = await this.#peek();
    const version = decodeUtf8(line?.rest.subarray(0, 17) ?? utf8('')) ?? '';
    if (line?.word !== HEADER || !DECIMAL.test(version)) {
      this.#report.add('unreadable', -1, 'this is no bundle: its first line is another', `${HEADER} ${VERSION}`);
      return false;
    }
    if (version !== `${VERSION}`) {
      this.#report.add('version', -1, 'the bundle is of another version', `${VERSION}`, version);
      return false;
    }
    this.#consume();
    return true;
  }

  async #readNotes(): Promise<Note> {
    for (let line = await this.#peek(); line?.word === 'note'; line = await this.#peek()) {
      const bytes = fromBase64(decodeUtf8(line.rest) ?? '-');
      const note = bytes === undefined ? 'no base64' : parseNote(bytes);
      if (typeof note === 'string') {
        this.#report.add('note', -1, `line ${this.#lineNumber}: ${note}`);
        return this.#fail('a note cannot be read');
      }
      if (note.size <= (this.#notes.at(-1)?.size ?? 0)) return this.#fail('notes are not in order of size');
      if (this.#notes.push(note) > NOTES) return this.#fail(`more than ${NOTES} notes`);
      this.#consume();
    }
    return this.#notes.at(-1) ?? this.#fail('no note');
  }

  /** Genesis, key rows and the newest seal, where they lie outside the range, each with its proof. */
  async #readOutsideLeaves(from: number, to: number, judged: Note): Promise<void> {
    let last = -1;
    for (let line = await this.#peek(); line?.word === 'leaf'; line = await this.#peek()) {
      const { seq, rest } = this.#numbered(line);
      const bytes = rest.slice();
      this.#consume();
      if (seq <= last || (seq >= from && seq < to)) return this.#fail('a leaf line out of order or inside the range');
      last = seq;
      const [proved = '', ...hashes] = (await this.#text('proof')).split(' ');
      const proof = hashes.map((hash) => this.#hash(hash));
      if (proved !== `${seq}`) return this.#fail('a proof of another row');
      const leafHash = rowHash(this.#crypto, bytes);
      if (!provesInclusion(this.#crypto, seq, judged.size, leafHash, proof, judged.root)) {
        this.#report.add('root', seq, 'the inclusion proof does not lead from the leaf to the root of the note');
      }
      const leaf = readLeaf(this.#report, seq, bytes);
      if (leaf !== undefined) this.#readOutsideLeaf(leaf, seq, judged.size - 1);
    }
    if (from > 0 && this.#identity.origin === '') return this.#fail('the genesis row is missing');
    if (to < judged.size && last !== judged.size - 1) return this.#fail("the note's seal is missing");
  }

  #readOutsideLeaf(leaf: Leaf, seq: number, newest: number): void {
    const kind = leaf.get('kind');
    if (leaf.get('seq') !== seq)
      this.#report.add('seq', seq, 'the leaf names another number', `${seq}`, String(leaf.get('seq')));
    if ((kind === 'genesis') !== (seq === 0)) {
      this.#report.add('genesis', seq, 'a genesis row is row 0 and nowhere else', '', String(kind));
    } else if (kind === 'genesis') {
      this.#identity.readGenesis(leaf);
    }
    const { ledger } = this.#identity;
    if (ledger !== '' && leaf.get('ledger') !== ledger) {
      this.#report.add('ledger-id', seq, 'the row belongs to another ledger', ledger, String(leaf.get('ledger')));
    }
    if (kind === 'key') this.#identity.readKeyRow(leaf, seq);
    if (seq === newest && kind === 'seal') this.#newestSeal = leaf;
  }

  async #readSubtrees(word: 'left' | 'right', from: number, to: number): Promise<void> {
    const text = await this.#text(word);
    const hashes = text === '' ? [] : text.split(' ').map((hash) => this.#hash(hash));
    const levels = tiling(from, to);
    if (hashes.length !== levels.length) return this.#fail(`${word} does not tile the rows ${from} to ${to}`);
    for (const [at, hash] of hashes.entries()) this.#tree.append(hash, levels[at]);
  }

  async #readRows(rows: Rows, from: number, to: number, size: number): Promise<void> {
    for (let expected = from; expected < to; expected += 1) {
      const line = await this.#peek();
      if (line?.word !== 'row' && line?.word !== 'hash') return this.#fail(`row ${expected} is missing`);
      const { seq, rest } = this.#numbered(line);
      if (line.word === 'row') {
        this.#tree.append(rows.take(seq, rest).hash);
      } else {
        const hash = this.#hash(decodeUtf8(rest) ?? '');
        rows.takeHash(seq, hash);
        this.#tree.append(hash);
        this.#report.add('dropped', seq, 'the leaf is gone, only its hash stays');
      }
      this.#consume();
      await this.#takeNotes(expected + 1, rows);
      if (expected % PROGRESS_ROWS === 0) this.#options.onProgress?.(expected - from, to - from);
      if (expected + 1 === size) this.#newestSeal = rows.seal;
    }
  }

  /** Judges the notes up to a size; `rows` has just taken the last row below it, if it lies in the range. */
  async #takeNotes(size: number, rows: Rows | undefined): Promise<void> {
    this.#pins.judgeAt(size, this.#report.origin, () => this.#tree.root());
    for (let note = this.#notes[0]; note !== undefined && note.size <= size; note = this.#notes[0]) {
      this.#notes.shift();
      if (note.size < size || size === 0) {
        this.#report.notChecked(`the root of the note of size ${note.size}: it does not follow from this range`);
        this.#history.take(note, undefined);
      } else {
        this.#history.take(note, this.#tree.root());
        if (rows?.dropped === false) this.#history.judgeSeal(note, rows.seal);
      }
    }
  }

  /** The judged note where its seal lies beyond the range: the tree is complete only after `right`. */
  async #takeJudgedNote(judged: Note): Promise<void> {
    await this.#takeNotes(judged.size, undefined);
    this.#history.judgeSeal(judged, this.#newestSeal);
  }

  async #readTexts(): Promise<void> {
    for (let line = await this.#peek(); line?.word === 'text'; line = await this.#peek()) {
      const [digest = '', encoded = ''] = (await this.#text('text')).split(' ');
      const bytes = fromBase64(encoded);
      if (bytes === undefined) return this.#fail('a text is no base64');
      const got = toHex(this.#crypto.sha256(bytes));
      if (got !== digest) this.#report.add('text', -1, 'a text is not that of its digest', digest, got);
    }
  }

  async #readEnd(): Promise<void> {
    const line = await this.#peek();
    if (line?.word !== 'end') return this.#fail('an unexpected line, or no end');
    const said = this.#hash(decodeUtf8(line.rest) ?? '');
    const got = this.#digest.digest();
    if (!equalBytes(said, got))
      this.#report.add('bundle', -1, 'the digest of the file is another', toHex(said), toHex(got));
    if ((await this.#lines.next()).done !== true) return this.#fail('something stands after the end');
  }

  async #peek(): Promise<Line | undefined> {
    if (this.#line !== undefined) return this.#line;
    const { value, done } = await this.#lines.next();
    if (done === true) return undefined;
    this.#lineNumber += 1;
    const space = value.indexOf(0x20);
    const word = decodeUtf8(value.subarray(0, space < 0 ? undefined : space)) ?? '';
    this.#line = { word, rest: space < 0 ? new Uint8Array() : value.subarray(space + 1) };
    if (space === value.length - 1) return this.#fail('a space at the end of a line');
    if (word === 'end') return this.#line;
    this.#digest.update(value);
    this.#digest.update(Uint8Array.of(0x0a));
    return this.#line;
  }

  #consume(): void {
    this.#line = undefined;
  }

  /** Consumes a line of this word and returns what stands after it. */
  async #text(word: string): Promise<string> {
    const line = await this.#peek();
    const text = line?.word === word ? decodeUtf8(line.rest) : undefined;
    this.#consume();
    return text ?? this.#fail(`no line "${word}" where it must stand`);
  }

  #numbered(line: Line): { seq: number; rest: Uint8Array } {
    const space = line.rest.indexOf(0x20);
    const seq = this.#decimal(decodeUtf8(line.rest.subarray(0, Math.max(0, space))) ?? '');
    return { seq, rest: line.rest.subarray(space + 1) };
  }

  #decimal(text: string): number {
    const number = Number(text);
    return DECIMAL.test(text) && Number.isSafeInteger(number) ? number : this.#fail('no decimal number');
  }

  #hash(hex: string): Uint8Array {
    return fromHex(hex, 32) ?? this.#fail('no hash in hex');
  }

  #fail(problem: string): never {
    throw new StructureError(`line ${this.#lineNumber}: ${problem}`);
  }
}
