import { equalBytes } from './bytes.ts';
import type { Crypto } from './crypto-port.ts';

const PAIR = new Uint8Array(65).fill(1, 0, 1);

/** RFC 6962 section 2.1: the hash of an inner node. */
function nodeHash(crypto: Crypto, left: Uint8Array, right: Uint8Array): Uint8Array {
  PAIR.set(left, 1);
  PAIR.set(right, 33);
  return crypto.sha256(PAIR);
}

/** Called for each subtree of 2^level leaves when it is complete; `index` counts such subtrees from the left. */
export type OnComplete = (level: number, index: number, hash: Uint8Array) => void;

/**
 * The roots of the perfect subtrees that tile a growing range of rows, left to right. From row 0 on they are all that is
 * needed to grow the tree and to name its root.
 */
export class CompactRange {
  /** The row that the next subtree begins at: from row 0 on, the number of rows. */
  size: number;
  /** Get every subtree that this one gets. */
  readonly followers: CompactRange[] = [];
  readonly #crypto: Crypto;
  readonly #onComplete: OnComplete | undefined;
  readonly #hashes: Uint8Array[] = [];
  readonly #levels: number[] = [];

  constructor(crypto: Crypto, onComplete?: OnComplete, start = 0) {
    this.#crypto = crypto;
    this.#onComplete = onComplete;
    this.size = start;
  }

  /** Appends a perfect subtree of 2^level leaves; `size` must be a multiple of that. */
  append(subtree: Uint8Array, fromLevel = 0): void {
    const [hashes, levels] = [this.#hashes, this.#levels];
    let [hash, level] = [subtree, fromLevel];
    this.size += 2 ** level;
    while (levels[levels.length - 1] === level && (this.size / 2 ** level) % 2 === 0) {
      hash = nodeHash(this.#crypto, hashes.pop() as Uint8Array, hash);
      levels.pop();
      level += 1;
      if (level % 8 === 0) this.#onComplete?.(level, this.size / 2 ** level - 1, hash);
    }
    hashes.push(hash);
    levels.push(level);
    for (const follower of this.followers) follower.append(subtree, fromLevel);
  }

  tiles(): Uint8Array[] {
    return [...this.#hashes];
  }

  /** Of a range from row 0 on. */
  root(): Uint8Array {
    if (this.#hashes.length === 0) return this.#crypto.sha256(new Uint8Array());
    return this.#hashes.reduceRight((right, left) => nodeHash(this.#crypto, left, right));
  }
}

/** The levels of the perfect subtrees that tile [from, to), left to right (bundle.md). */
export function tiling(from: number, to: number): number[] {
  const levels: number[] = [];
  for (let at = from; at < to; at += 2 ** (levels.at(-1) ?? 0)) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= to) level += 1;
    levels.push(level);
  }
  return levels;
}

/** RFC 6962 section 2.1.1: does the proof lead from this leaf hash to this root? */
export function provesInclusion(
  crypto: Crypto,
  at: number,
  size: number,
  leafHash: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  const rest = [...proof];
  /** The root of the subtree [start, end), out of the leaf and the siblings in the order of the proof. */
  const rootOf = (start: number, end: number): Uint8Array => {
    if (end - start === 1) return leafHash;
    let width = 1;
    while (width * 2 < end - start) width *= 2;
    const middle = start + width;
    const inner = at < middle ? rootOf(start, middle) : rootOf(middle, end);
    const sibling = rest.shift() ?? new Uint8Array();
    return sibling.length !== 32
      ? sibling
      : at < middle
        ? nodeHash(crypto, inner, sibling)
        : nodeHash(crypto, sibling, inner);
  };
  return at < size && equalBytes(rootOf(0, size), root) && rest.length === 0;
}
