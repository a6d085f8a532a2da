/** Pins: what the one who verifies knew before. Only they lift UNANCHORED. */
import { equalBytes, toBase64, toHex, utf8 } from './bytes.ts';
import type { Crypto } from './crypto-port.ts';
import { type Report, UsageError } from './findings.ts';
import type { Identity } from './identity.ts';
import { type Note, parseNote, parseVerifierKey, signs } from './note.ts';

interface PinnedKey {
  name: string;
  publicKey: Uint8Array;
}

export class Pins {
  readonly #crypto: Crypto;
  readonly #report: Report;
  readonly #keys: PinnedKey[] = [];
  readonly #sizes: ReadonlySet<number>;
  readonly #notes: (Note & { judged?: boolean })[] = [];

  /**
   * @param texts verifier key lines (several in one text are alternatives for other ledgers) or whole notes
   * @throws UsageError if a text is neither
   */
  constructor(crypto: Crypto, report: Report, texts: readonly string[]) {
    this.#crypto = crypto;
    this.#report = report;
    for (const text of texts) {
      const note = text.includes('\n\n') ? parseNote(utf8(text)) : 'no note';
      if (typeof note !== 'string') {
        this.#notes.push(note);
        continue;
      }
      const lines = text.split('\n').map((line) => line.trim());
      for (const line of lines.filter((one) => one !== '')) {
        const key = parseVerifierKey(crypto, line);
        if (typeof key === 'string') throw new UsageError(`A pin is neither a verifier key line nor a note: ${key}.`);
        this.#keys.push(key);
      }
    }
    this.#sizes = new Set(this.#notes.map((note) => note.size));
  }

  /** Compares pinned notes of exactly this size with the root of the rows. */
  judgeAt(size: number, origin: string, root: () => Uint8Array): void {
    if (!this.#sizes.has(size)) return;
    for (const note of this.#notes) {
      if (note.size !== size || note.origin !== origin) continue;
      note.judged = true;
      const got = root();
      if (equalBytes(got, note.root)) continue;
      const text = 'a pinned note of this size has another root: the history was rewritten';
      this.#report.add('split-view', size - 1, text, toBase64(note.root), toBase64(got));
    }
  }

  /** Says whether the key that signed is known to the one who verifies. `size` is that of the evidence. */
  async finish(identity: Identity, size: number): Promise<void> {
    const { origin, logKey } = identity;
    const keys = this.#keys.filter((key) => key.name === origin);
    const notes = this.#notes.filter((note) => note.origin === origin);
    if (this.#keys.length + this.#notes.length === 0) {
      this.#report.add('unanchored', -1, 'no pin was given: the key that signed is only the word of this file');
      return;
    }
    if (keys.length + notes.length === 0) {
      const pinned = [...this.#keys.map((key) => key.name), ...this.#notes.map((note) => note.origin)].join(' ');
      this.#report.add('key', -1, 'this is not the pinned ledger: no pin is of its origin', pinned, origin);
      return;
    }
    let known = 0;
    for (const { publicKey } of keys) {
      if (equalBytes(publicKey, logKey)) known += 1;
      else this.#report.add('key', 0, 'the log key is not the pinned one', toHex(publicKey), toHex(logKey ?? utf8('')));
    }
    for (const note of notes) {
      const signed = logKey !== undefined && (await signs(this.#crypto, origin, logKey, note, note.log));
      if (!signed) {
        this.#report.add('key', -1, `the log key did not sign the pinned note of size ${note.size}`);
      } else if (note.size > size) {
        this.#report.add(
          'pin-ahead',
          -1,
          'a pinned note covers more rows than the evidence',
          `${note.size}`,
          `${size}`,
        );
      } else {
        known += 1;
        if (note.judged !== true) {
          this.#report.notChecked(`the pinned note of size ${note.size}: its root does not follow from this range`);
        }
      }
    }
    this.#report.pinned = known === keys.length + notes.length;
  }
}
