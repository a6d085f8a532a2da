/** Notes in order of their size: origin, keys, epochs, roots, seals under them, signatures (checkpoint.md). */
import { equalBytes, toBase64 } from './bytes.ts';
import type { Leaf } from './canonical.ts';
import type { Crypto } from './crypto-port.ts';
import type { Report } from './findings.ts';
import type { Identity } from './identity.ts';
import { keyId, type Note, signs } from './note.ts';

/** So many of the newest notes have their signatures checked, and the newest of each epoch. */
const NEWEST_CHECKED = 1000;

export class Notes {
  /** The note with the greatest size so far. */
  newest: Note | undefined;
  readonly #crypto: Crypto;
  readonly #report: Report;
  readonly #identity: Identity;
  /** Whose signatures are still to check. */
  #recent: Note[] = [];
  readonly #closing: Note[] = [];
  #unchecked = 0;

  constructor(crypto: Crypto, report: Report, identity: Identity) {
    this.#crypto = crypto;
    this.#report = report;
    this.#identity = identity;
  }

  /** Judges the next greater note. `root` is what the rows give at its size, undefined where they are not at hand. */
  take(note: Note, root: Uint8Array | undefined): void {
    const seq = note.size - 1;
    const { origin } = this.#identity;
    if (origin !== '' && note.origin !== origin) {
      this.#report.add('note', seq, 'the note is of another origin', origin, note.origin);
    }
    if (root !== undefined && !equalBytes(root, note.root)) {
      this.#report.add(
        'root',
        seq,
        'the root of the note is not that of the rows',
        toBase64(note.root),
        toBase64(root),
      );
    }
    const before = this.newest;
    if (before !== undefined) this.#epochAfter(before, note);
    this.#recent.push(note);
    this.newest = note;
    if (this.#recent.length > NEWEST_CHECKED) {
      this.#recent.shift();
      this.#unchecked += 1;
    }
  }

  /** Epochs follow each other without a hole, each introduced under a note of the one before. */
  #epochAfter(before: Note, note: Note): void {
    if (note.epoch === before.epoch) return;
    const seq = note.size - 1;
    const introduced = this.#identity.epochKeys.get(note.epoch)?.seq;
    if (note.epoch !== before.epoch + 1) {
      this.#report.add('epoch', seq, 'epochs do not follow each other', `${before.epoch + 1}`, `${note.epoch}`);
    } else if (introduced !== undefined && introduced >= before.size) {
      this.#report.add(
        'epoch',
        seq,
        'no note of the epoch before covers the key row',
        `> ${introduced}`,
        `${before.size}`,
      );
    }
    this.#closing.push(before);
  }

  /** What the seal under a note must say beside its counts. */
  judgeSeal(note: Note, seal: Leaf | undefined): void {
    const seq = note.size - 1;
    if (seal === undefined) {
      this.#report.add('seal', seq, 'the row under the note is no seal');
    } else if (seal.get('epoch') !== note.epoch) {
      const named = String(seal.get('epoch'));
      this.#report.add('epoch', seq, 'the seal names another epoch than the one that signs', named, `${note.epoch}`);
    }
  }

  /** Checks the signatures that are still to check; the last thing to do with notes. */
  async finish(): Promise<void> {
    for (const note of new Set([...this.#closing, ...this.#recent])) await this.#checkSignatures(note);
    this.#recent = [];
    if (this.#unchecked > 0) {
      this.#report.notChecked(
        `the signatures of ${this.#unchecked} older notes (their roots were; newer notes cover them)`,
      );
    }
  }

  async #checkSignatures(note: Note): Promise<void> {
    const problem = await this.signatureProblem(note);
    if (problem !== undefined)
      this.#report.add(problem.code, note.size - 1, problem.text, problem.expected, problem.got);
  }

  /** Undefined if both signatures of a note are valid under the keys of this ledger. */
  async signatureProblem(
    note: Note,
  ): Promise<{ code: 'signature' | 'key'; text: string; expected: string; got: string } | undefined> {
    const { logKey, origin } = this.#identity;
    const epochKey = this.#identity.epochKeys.get(note.epoch);
    const keys = [
      { role: 'log key', name: origin, publicKey: logKey, by: note.log },
      {
        role: `key of epoch ${note.epoch}`,
        name: `${origin}/epoch/${note.epoch}`,
        publicKey: epochKey?.publicKey,
        by: note.epochSignature,
      },
    ];
    for (const { role, name, publicKey, by } of keys) {
      if (publicKey === undefined || (epochKey?.seq ?? 0) >= note.size) {
        return { code: 'key', text: `the ${role} was not introduced before this note`, expected: '', got: by.keyId };
      }
      if (!(await signs(this.#crypto, name, publicKey, note, by))) {
        const expected = keyId(this.#crypto, name, publicKey);
        return { code: 'signature', text: `the signature of the ${role} is missing or wrong`, expected, got: by.keyId };
      }
    }
    return undefined;
  }
}
