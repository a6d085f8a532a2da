/** A ledger as it passes by, row after row and note after note, wherever it is read from (chain.md, checkpoint.md). */
import { equalBytes, fromHex, toBase64, toHex } from './bytes.ts';
import { decodeUtf8, type Leaf, parseCanonical } from './canonical.ts';
import type { Crypto } from './crypto-port.ts';
import type { Code, Report } from './findings.ts';
import { judgeShape, POLICY_DIGESTS } from './leaf-shape.ts';
import { CompactRange, type OnComplete, provesInclusion } from './merkle.ts';
import { keyId, type Note, signs, weakness } from './note.ts';
import { readPredecessor } from './predecessor.ts';
import { Retention } from './retention.ts';

export const LEAF_BYTES = 16_384;
export const NO_HASH: Uint8Array = new Uint8Array(32);
/** So many of the newest notes have their signatures checked, and the newest of each epoch. */
const SIGNATURES_CHECKED = 1000;
const STALE_AFTER_US = 2 * 3600 * 1_000_000;

/** It starts at row 0, or where the caller moves it to by `startAt`. */
export class Ledger {
  id = '';
  origin = '';
  logKey: Uint8Array | undefined;
  /** Key of epoch 0 and nonce in hex: with the log key, what the id is made of. */
  genesis = '';
  readonly tree: CompactRange;
  /** The number that the next row must have. */
  next = 0;
  /** The last row, if it is a seal. */
  seal: Leaf | undefined;
  newestNote: Note | undefined;
  /** The last note of the ledger before, where the genesis row names one. */
  before: Note | undefined;
  newestSeal: Leaf | undefined;
  /** Set where not all `key` rows can be at hand: only the key of the note's epoch is known then. */
  isProof = false;
  readonly retention: Retention;
  /** Digests of the catalogues and manifests that policy rows name. */
  readonly named: Set<string> = new Set();
  readonly #crypto: Crypto;
  readonly #report: Report;
  #isWhole = true;
  /** By epoch, with the row that introduced the key. */
  readonly #epochKeys = new Map<number, { publicKey: Uint8Array; seq: number }>();
  /** By key in hex, the row that introduced it; −1 for the log key. */
  readonly #rowOfKey = new Map<string, number>();
  /** undefined where the row before is not at hand. */
  #previous: Uint8Array | undefined = NO_HASH;
  /** What seals count; undefined from a lost leaf or a start in the middle on, until the next seal tells. */
  #counts: { net: number; gaps: number; missing: number } | undefined = { net: 0, gaps: 0, missing: 0 };
  #dropped = false;
  /** Notes whose signatures are still to check: the last of each closed epoch, and the newest. */
  readonly #closing = new Set<Note>();
  readonly #atCuts = new Set<Note>();
  #recent: Note[] = [];
  #unchecked = 0;
  #rootless = 0;
  /** Room for 0x00 and a leaf. */
  readonly #scratch = new Uint8Array(LEAF_BYTES + 1);

  constructor(crypto: Crypto, report: Report, onNode?: OnComplete) {
    this.#crypto = crypto;
    this.#report = report;
    this.retention = new Retention(report);
    this.tree = new CompactRange(crypto, onNode);
  }

  /** Goes on at a row in the middle. What stands before it in the tree is for the caller to append. */
  startAt(seq: number, previous?: Uint8Array): CompactRange {
    this.next = seq;
    this.#isWhole = false;
    this.#previous = previous;
    this.#counts = undefined;
    this.retention.startInTheMiddle();
    return this.tree;
  }

  /** Judges a row, its leaf first; `stored` is the row hash that is kept beside it, if there is one. */
  row(seq: number, bytes: Uint8Array, stored?: Uint8Array): Leaf | undefined {
    const computed = this.rowHash(bytes);
    if (stored !== undefined && !equalBytes(stored, computed)) {
      this.#report.add('leaf-hash', seq, 'the row hash is not that of the leaf', toHex(stored), toHex(computed));
    }
    const leaf = this.readLeaf(seq, bytes);
    const prev = String(leaf?.get('prev'));
    if (leaf !== undefined && this.#previous !== undefined && prev !== toHex(this.#previous)) {
      this.#report.add('chain', seq, 'prev is not the hash of the row before', toHex(this.#previous), prev);
    }
    if (leaf !== undefined) this.#count(seq, leaf);
    if (leaf !== undefined) this.retention.count(seq, leaf);
    const digest = leaf?.get('kind') === 'policy' ? POLICY_DIGESTS.get(String(leaf.get('event'))) : undefined;
    if (digest !== undefined) this.named.add(String(leaf?.get(digest)));
    // A changed leaf is named above; with the stored hash the rows after it are judged for themselves.
    this.#append(seq, stored ?? computed, leaf);
    this.#dropped = false;
    return leaf;
  }

  /** A row whose leaf is gone: its hash keeps its place. */
  droppedRow(seq: number, hash: Uint8Array): void {
    this.#append(seq, hash, undefined);
    this.retention.gone(seq);
    this.#counts = undefined;
    this.#dropped = true;
  }

  /** A row apart from the others, with the proof that it is in the tree of a note. */
  provedRow(seq: number, bytes: Uint8Array, proof: readonly Uint8Array[], note: Note): void {
    if (!provesInclusion(this.#crypto, seq, note.size, this.rowHash(bytes), proof, note.root)) {
      this.#report.add('root', seq, 'the inclusion proof does not lead from the leaf to the root of the note');
    }
    const leaf = this.readLeaf(seq, bytes);
    if (seq === note.size - 1 && leaf?.get('kind') === 'seal') this.seal = leaf;
  }

  /** Judges the next greater note; `root` is that of the rows, undefined where it does not follow from them. */
  note(note: Note, root: Uint8Array | undefined): void {
    const [seq, before] = [note.size - 1, this.newestNote];
    if (this.origin !== '' && note.origin !== this.origin) {
      this.#report.add('note', seq, 'the note is of another origin', this.origin, note.origin);
    }
    this.retention.note(note.size, root === undefined ? undefined : equalBytes(root, note.root));
    if (this.retention.watched.has(note.size)) this.#atCuts.add(note);
    if (root === undefined) {
      this.#rootless += 1;
    } else if (!equalBytes(root, note.root)) {
      const [signed, got] = [toBase64(note.root), toBase64(root)];
      this.#report.add('root', seq, 'the root of the note is not that of the rows', signed, got);
    }
    const epoch = this.#epochAfter(before) ?? note.epoch;
    if (epoch !== note.epoch) this.#report.add('epoch', seq, 'another epoch must sign here', epoch, note.epoch);
    if (before !== undefined && before.epoch !== note.epoch) this.#closing.add(before);
    this.newestNote = note;
    if (this.#recent.push(note) > SIGNATURES_CHECKED) this.#unchecked += this.#recent.splice(0, 1).length;
  }

  /** The epoch that must sign after a note; undefined where that cannot be told. */
  #epochAfter(note: Note | undefined): number | undefined {
    if (note === undefined) return this.#isWhole && !this.isProof ? 0 : undefined;
    const next = this.#epochKeys.get(note.epoch + 1);
    return next !== undefined && next.seq < note.size ? note.epoch + 1 : note.epoch;
  }

  /** Judges the last row as the seal under a note. */
  sealUnder(note: Note): void {
    this.newestSeal = this.seal;
    const epoch = this.seal?.get('epoch');
    if (this.seal === undefined) {
      if (!this.#dropped) this.#report.add('seal', note.size - 1, 'the row under the note is no seal');
    } else if (epoch !== note.epoch) {
      this.#report.add('epoch', note.size - 1, 'the seal names another epoch than signs', String(epoch), note.epoch);
    }
  }

  /** Undefined if both signatures of a note are valid under the keys of this ledger. */
  async signatureProblem(note: Note): Promise<[code: Code, text: string, expected: string, got: string] | undefined> {
    const epochKey = this.#epochKeys.get(note.epoch);
    const epochName = `epoch/${note.epoch}`;
    for (const [name, key, by] of [
      [this.origin, this.logKey, note.log],
      [`${this.origin}/${epochName}`, epochKey?.publicKey, note.epochSignature],
    ] as const) {
      if (key === undefined || (epochKey?.seq ?? 0) >= note.size) {
        return ['key', 'a key that signs was not introduced before this note', name, by.keyId];
      }
      if (!(await signs(this.#crypto, name, key, note, by))) {
        return ['signature', `the signature of ${name} is missing or wrong`, keyId(this.#crypto, name, key), by.keyId];
      }
    }
    return undefined;
  }

  /** What can only be said at the end: signatures, age, who could have reached the key. */
  async finish(now: number, judgeCuts = true): Promise<void> {
    this.retention.finish(judgeCuts, this.newestNote?.size ?? 0, now);
    const known = [...this.#epochKeys].toSorted(([, a], [, b]) => a.seq - b.seq);
    for (const [at, [epoch, { seq }]] of this.isProof ? [] : known.entries()) {
      if (epoch !== at) this.#report.add('epoch', seq, 'a key row skips an epoch or is out of order', at, epoch);
    }
    for (const note of new Set([...this.#closing, ...this.#recent, ...this.#atCuts])) {
      const [code, ...said] = (await this.signatureProblem(note)) ?? [];
      if (code !== undefined) this.#report.add(code, note.size - 1, ...(said as [string, string, string]));
    }
    if (this.#rootless > 0)
      this.#report.notChecked(`the roots of ${this.#rootless} notes: they do not follow from these rows`);
    if (this.#unchecked > 0)
      this.#report.notChecked(`signatures of ${this.#unchecked} older notes (newer ones cover them)`);
    if (this.newestSeal === undefined) return;
    const [wall, uids] = [Number(this.newestSeal.get('wall')), this.newestSeal.get('uids')];
    if (this.newestSeal.get('closing') !== true && now - wall > STALE_AFTER_US) {
      const text = 'the newest seal is older than 2 h and closes nothing (µs)';
      this.#report.add('stale', Number(this.newestSeal.get('seq')), text, `>= ${now - STALE_AFTER_US}`, wall);
    }
    const collector = Array.isArray(uids) ? uids.find((uid) => uid.startsWith('collector=')) : undefined;
    if (Array.isArray(uids) && uids.some((uid) => uid === collector?.replace('collector', 'app'))) {
      this.#report.notChecked('that the app could not reach the key: it ran under the uid of the collector');
    }
  }

  /** SHA-256(0x00 ‖ leaf) */
  rowHash(leaf: Uint8Array): Uint8Array {
    const bytes = this.#scratch.length > leaf.length ? this.#scratch : new Uint8Array(leaf.length + 1);
    bytes.set(leaf, 1);
    return this.#crypto.sha256(bytes.subarray(0, leaf.length + 1));
  }

  #append(seq: number, hash: Uint8Array, leaf: Leaf | undefined): void {
    if (seq !== this.next) this.#report.add('seq', seq, 'rows are not numbered in order', this.next, seq);
    this.next = seq + 1;
    this.seal = leaf?.get('kind') === 'seal' ? leaf : undefined;
    this.#previous = hash;
    this.tree.append(hash);
  }

  /** What a leaf says for itself: text, shape, number, ledger, and the keys that it introduces. */
  readLeaf(seq: number, bytes: Uint8Array): Leaf | undefined {
    const text = bytes.length > LEAF_BYTES ? undefined : decodeUtf8(bytes);
    const leaf = text === undefined ? `it is no UTF-8 of at most ${LEAF_BYTES} bytes` : parseCanonical(text);
    if (typeof leaf === 'string') {
      this.#report.add('leaf-canonical', seq, `leaf is not canonical: ${leaf}`);
      return undefined;
    }
    const { problem, newer, unknown } = judgeShape(leaf);
    if (newer === true) this.#report.add('version', seq, 'leaf of a newer version', 1, String(leaf.get('v')));
    if (problem !== undefined) this.#report.add('leaf-shape', seq, problem);
    for (const word of unknown) this.#report.notChecked(word);
    if (leaf.get('seq') !== seq)
      this.#report.add('seq', seq, 'the leaf names another number', seq, String(leaf.get('seq')));
    const [kind, id] = [String(leaf.get('kind')), String(leaf.get('ledger'))];
    if ((kind === 'genesis') !== (seq === 0))
      this.#report.add('genesis', seq, 'a genesis row is row 0 and only that', '', kind);
    else if (seq === 0) this.#readGenesis(leaf);
    if (this.id !== '' && id !== this.id)
      this.#report.add('ledger-id', seq, 'the row is of another ledger', this.id, id);
    if (kind === 'key') this.#readKey(leaf, seq, Number(leaf.get('epoch')));
    if (problem === undefined) this.retention.leaf(seq, leaf);
    return leaf;
  }

  /** The ledger id is a digest of both keys, so an origin cannot be kept with other keys. */
  #readGenesis(leaf: Leaf): void {
    const [log, epoch, nonce] = ['logKey', 'epochKey', 'nonce'].map((name) => fromHex(String(leaf.get(name)), 32));
    if (log === undefined || epoch === undefined || nonce === undefined) return;
    this.id = String(leaf.get('ledger'));
    this.origin = String(leaf.get('origin'));
    const id = toHex(this.#crypto.sha256(Uint8Array.from([...log, ...epoch, ...nonce])).subarray(0, 16));
    if (id !== this.id) this.#report.add('ledger-id', 0, 'the ledger id is not that of the keys', id, this.id);
    if (!/^[A-Za-z0-9.-]{1,64}$/.test(this.origin.replace(`/outwitness/${this.id}`, ''))) {
      this.#report.add('genesis', 0, 'the origin is not <operator>/outwitness/<ledger>', this.id, this.origin);
    }
    if (this.#isStrong(log, 0)) this.logKey = log;
    this.#rowOfKey.set(toHex(log), -1);
    this.before = readPredecessor(leaf, this.origin, this.#report);
    this.genesis = `${toHex(epoch)} ${toHex(nonce)}`;
    this.#readKey(leaf, 0, 0);
  }

  #readKey(leaf: Leaf, seq: number, epoch: number): void {
    const publicKey = fromHex(String(leaf.get('epochKey')), 32);
    if (publicKey === undefined || !this.#isStrong(publicKey, seq)) return;
    const known = this.#epochKeys.get(epoch);
    const hex = toHex(publicKey);
    if ((this.#rowOfKey.get(hex) ?? seq) !== seq)
      this.#report.add('key', seq, 'the key of an epoch is the log key, or that of an epoch before', '', hex);
    this.#rowOfKey.set(hex, seq);
    if (known === undefined) this.#epochKeys.set(epoch, { publicKey, seq });
    else if (known.seq !== seq) this.#report.add('epoch', seq, 'a key row repeats an epoch', known.seq, epoch);
  }

  #isStrong(publicKey: Uint8Array, seq: number): boolean {
    const weak = weakness(publicKey);
    if (weak !== undefined) this.#report.add('key', seq, weak, '', toHex(publicKey));
    return weak === undefined;
  }

  #count(seq: number, leaf: Leaf): void {
    const [kind, int] = [leaf.get('kind'), (name: string): number => Number(leaf.get(name))];
    if (kind === 'seal') {
      this.#counts ??= { net: int('net'), gaps: int('gaps'), missing: int('missing') };
      for (const [name, count] of Object.entries({ rows: seq, ...this.#counts })) {
        if (int(name) === count) continue;
        this.#report.add('seal', seq, `the seal's ${name} is not that of the rows`, count, int(name));
      }
    }
    if (kind === 'net' && this.#counts !== undefined) this.#counts.net += 1;
    if (kind !== 'gap') return;
    const missing = int('missing');
    if (missing > 0)
      this.#report.add('gap', seq, `rows are known to be missing: ${String(leaf.get('text'))}`, 0, missing);
    if (this.#counts === undefined) return;
    this.#counts.gaps += 1;
    this.#counts.missing += missing;
  }
}
