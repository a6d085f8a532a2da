/** Pins: what the one who verifies knew before. Only they lift UNANCHORED. */
import { equalBytes, toBase64, toHex, utf8 } from './bytes.ts';
import type { Crypto } from './crypto-port.ts';
import { type Report, UsageError } from './findings.ts';
import type { Ledger } from './ledger.ts';
import { type Note, parseNote, parseVerifierKey, signs } from './note.ts';

export class Pins {
  readonly #crypto: Crypto;
  readonly #report: Report;
  readonly #keys: { name: string; publicKey: Uint8Array }[] = [];
  readonly #notes: Note[] = [];
  /** The high-water: known to the machine, not to the one who verifies. Undefined where it has no meaning. */
  readonly #marks: readonly Note[] | undefined;
  readonly #judged = new Set<Note>();

  /**
   * @param texts verifier key lines (each for another ledger, one or more in a text) or whole notes
   * @throws UsageError if a text is neither
   */
  constructor(crypto: Crypto, report: Report, texts: readonly string[], marks?: readonly Note[]) {
    this.#crypto = crypto;
    this.#marks = marks;
    this.#report = report;
    for (const text of texts) {
      const note = text.includes('\n\n') ? parseNote(utf8(text)) : 'no note';
      if (typeof note !== 'string') this.#notes.push(note);
      else
        for (const [at, line] of text.trim().split('\n').entries())
          if (at === 0 || line.trim() !== '') this.#keys.push(this.#parseKey(line.trimEnd()));
    }
  }

  #parseKey(line: string): { name: string; publicKey: Uint8Array } {
    const key = parseVerifierKey(this.#crypto, line);
    if (typeof key === 'string') throw new UsageError(`A pin is neither a verifier key line nor a note: ${key}.`);
    return key;
  }

  /** The log key of an origin, where a key line pins it. */
  identity(origin: string): { logKey: Uint8Array } | undefined {
    const key = this.#keys.find(({ name }) => name === origin);
    return key === undefined ? undefined : { logKey: key.publicKey };
  }

  /** Compares pinned notes of exactly this size with the root of the rows. */
  judgeAt(size: number, origin: string, root: () => Uint8Array): void {
    for (const note of [...this.#notes, ...(this.#marks ?? [])]) {
      if (note.size !== size || note.origin !== origin) continue;
      this.#judged.add(note);
      const got = root();
      if (equalBytes(got, note.root)) continue;
      const text = 'a pinned note of this size has another root: the history was rewritten';
      this.#report.add('split-view', size - 1, text, toBase64(note.root), toBase64(got));
    }
  }

  /** Says whether the key that signed is known to the one who verifies. */
  async finish(
    { origin, logKey, before }: Pick<Ledger, 'origin' | 'logKey'> & { before?: Note | undefined },
    size: number,
  ): Promise<void> {
    const report = this.#report;
    if (before !== undefined) await this.#finishBefore(before);
    await this.#finishMarks(origin, logKey, size);
    const keys = this.#keys.filter((key) => key.name === origin);
    const notes = this.#notes.filter((note) => note.origin === origin);
    if (this.#keys.length + this.#notes.length === 0) {
      return report.add('unanchored', -1, 'no pin was given: the key that signed is only the word of this file');
    }
    if (keys.length + notes.length === 0) {
      const pinned = [...this.#keys.map((key) => key.name), ...this.#notes.map((note) => note.origin)].join(' ');
      return report.add('key', -1, 'this is not the pinned ledger: no pin is of its origin', pinned, origin);
    }
    report.pinned = true;
    for (const { publicKey } of keys) {
      if (equalBytes(publicKey, logKey)) continue;
      report.pinned = false;
      report.add('key', 0, 'the log key is not the pinned one', toHex(publicKey), toHex(logKey ?? utf8('')));
    }
    for (const note of notes) {
      if (logKey === undefined || !(await signs(this.#crypto, origin, logKey, note, note.log))) {
        report.pinned = false;
        report.add('key', -1, `the log key did not sign the pinned note of size ${note.size}`);
      } else if (note.size > size) {
        report.add('pin-ahead', -1, 'a pinned note covers more rows than the evidence', note.size, size);
      } else if (!this.#judged.has(note)) {
        report.notChecked(`the pinned note of size ${note.size}: its root does not follow from these rows`);
      }
    }
  }

  /** Holds what is pinned of the ledger before against the last note of it. */
  async #finishBefore(note: Note): Promise<void> {
    for (const { name, publicKey } of this.#keys) {
      if (name !== note.origin || (await signs(this.#crypto, name, publicKey, note, note.log))) continue;
      this.#report.add('predecessor', 0, 'the pinned key of the ledger before did not sign its last note');
    }
    for (const { origin, size, root } of this.#notes) {
      if (origin !== note.origin || size !== note.size || equalBytes(root, note.root)) continue;
      const text = 'a pinned note of the ledger before has another root than the one that is named as its last';
      this.#report.add('predecessor', 0, text, toBase64(root), toBase64(note.root));
    }
  }

  async #finishMarks(origin: string, logKey: Uint8Array | undefined, size: number): Promise<void> {
    if (this.#marks === undefined) return;
    const marks = this.#marks.filter((note) => note.origin === origin);
    if (marks.length === 0) this.#report.notChecked('the high-water: this user has none of this directory');
    for (const note of marks) {
      if (logKey === undefined || !(await signs(this.#crypto, origin, logKey, note, note.log)))
        this.#report.notChecked('the high-water of this directory: the log key did not sign it');
      else if (note.size > size)
        this.#report.add('high-water', -1, 'this directory has held a newer state', note.size, size);
      else if (!this.#judged.has(note)) this.#report.notChecked('the high-water: its root does not follow');
    }
  }
}
