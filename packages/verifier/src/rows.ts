/** Rows one after the other: canonical, shape, number, hash, chain, and what a seal counts (chain.md). */
import { equalBytes, toHex } from './bytes.ts';
import { decodeUtf8, type Leaf, parseCanonical } from './canonical.ts';
import type { Crypto } from './crypto-port.ts';
import type { Report } from './findings.ts';
import type { Identity } from './identity.ts';
import { judgeShape } from './leaf-shape.ts';

export const LEAF_BYTES = 16_384;
const NO_HASH = new Uint8Array(32);

/** SHA-256(0x00 ‖ leaf) */
export function rowHash(crypto: Crypto, leaf: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(leaf.length + 1);
  bytes.set(leaf, 1);
  return crypto.sha256(bytes);
}

/** A row as it was judged: the leaf if it could be read, the hash that goes into the tree. */
export interface JudgedRow {
  leaf: Leaf | undefined;
  hash: Uint8Array;
}

/** Parses a leaf and says what is wrong with its text and shape. */
export function readLeaf(report: Report, seq: number, bytes: Uint8Array): Leaf | undefined {
  const text = bytes.length > LEAF_BYTES ? undefined : decodeUtf8(bytes);
  const leaf = text === undefined ? `no UTF-8 of at most ${LEAF_BYTES} bytes` : parseCanonical(text);
  if (typeof leaf === 'string') {
    report.add('leaf-canonical', seq, `leaf is not canonical: ${leaf}`);
    return undefined;
  }
  const { problem, newer, unknown } = judgeShape(leaf);
  if (newer === true) report.add('version', seq, 'leaf of a newer version', '1', String(leaf.get('v')));
  if (problem !== undefined) report.add('leaf-shape', seq, problem);
  for (const word of unknown) report.notChecked(word);
  return leaf;
}

/** The state that goes from row to row. */
export class Rows {
  /** The number that the next row must have. */
  next: number;
  /** The last row that was judged, if it is a seal. */
  seal: Leaf | undefined;
  /** Was the last row only a hash? */
  dropped = false;
  readonly #crypto: Crypto;
  readonly #report: Report;
  readonly #identity: Identity;
  /** undefined where the row before is not at hand. */
  #previous: Uint8Array | undefined;
  /** Rows of these kinds so far; undefined until the first seal where the range does not start at 0. */
  #counts: { net: number; gaps: number; missing: number } | undefined;

  constructor(crypto: Crypto, report: Report, identity: Identity, from: number, previous?: Uint8Array) {
    this.#crypto = crypto;
    this.#report = report;
    this.#identity = identity;
    this.next = from;
    this.#previous = from === 0 ? NO_HASH : previous;
    this.#counts = from === 0 ? { net: 0, gaps: 0, missing: 0 } : undefined;
  }

  /** Judges the row at position `seq`; `stored` is the row hash kept beside the leaf, if there is one. */
  take(seq: number, bytes: Uint8Array, stored?: Uint8Array): JudgedRow {
    this.#number(seq);
    const computed = rowHash(this.#crypto, bytes);
    if (stored !== undefined && !equalBytes(stored, computed)) {
      this.#report.add('leaf-hash', seq, 'the row hash is not that of the leaf', toHex(stored), toHex(computed));
    }
    const leaf = readLeaf(this.#report, seq, bytes);
    if (leaf !== undefined) this.#judge(seq, leaf);
    this.seal = leaf?.get('kind') === 'seal' ? leaf : undefined;
    this.dropped = false;
    // A changed leaf is named above; with the stored hash the rows after it are judged for themselves.
    const hash = stored ?? computed;
    this.#previous = hash;
    return { leaf, hash };
  }

  /** A row whose leaf is gone: its hash keeps its place. What seals count cannot be followed any longer. */
  takeHash(seq: number, hash: Uint8Array): void {
    this.#number(seq);
    this.#counts = undefined;
    this.seal = undefined;
    this.dropped = true;
    this.#previous = hash;
  }

  #number(seq: number): void {
    if (seq !== this.next) this.#report.add('seq', seq, 'rows are not numbered in order', `${this.next}`, `${seq}`);
    this.next = seq + 1;
  }

  #judge(seq: number, leaf: Leaf): void {
    const kind = leaf.get('kind');
    if (leaf.get('seq') !== seq) {
      this.#report.add('seq', seq, 'the leaf names another number', `${seq}`, String(leaf.get('seq')));
    }
    const prev = String(leaf.get('prev'));
    if (this.#previous !== undefined && prev !== toHex(this.#previous)) {
      this.#report.add('chain', seq, 'prev is not the hash of the row before', toHex(this.#previous), prev);
    }
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
    if (kind === 'seal') this.#countSeal(seq, leaf);
    this.#count(seq, leaf);
  }

  #count(seq: number, leaf: Leaf): void {
    const kind = leaf.get('kind');
    if (kind === 'net' && this.#counts !== undefined) this.#counts.net += 1;
    if (kind !== 'gap') return;
    const missing = Number(leaf.get('missing'));
    if (missing > 0) {
      this.#report.add('gap', seq, `rows are known to be missing: ${String(leaf.get('text'))}`, '0', `${missing}`);
    }
    if (this.#counts === undefined) return;
    this.#counts.gaps += 1;
    this.#counts.missing += missing;
  }

  /** The first seal of a range that does not start at 0 is taken at its word; the tree holds it to it. */
  #countSeal(seq: number, seal: Leaf): void {
    const said = (name: string): number => Number(seal.get(name));
    this.#counts ??= { net: said('net'), gaps: said('gaps'), missing: said('missing') };
    for (const [name, count] of Object.entries({ rows: seq, ...this.#counts })) {
      if (said(name) === count) continue;
      this.#report.add('seal', seq, `the seal's ${name} is not that of the rows`, `${count}`, `${said(name)}`);
    }
  }
}
