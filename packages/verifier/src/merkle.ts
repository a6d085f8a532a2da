import { equalBytes } from './bytes.ts';
import type { Crypto } from './crypto-port.ts';

/** RFC 6962 section 2.1: the hash of an inner node. */
function nodeHash(crypto: Crypto, left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(65);
  bytes[0] = 1;
  bytes.set(left, 1);
  bytes.set(right, 33);
  return crypto.sha256(bytes);
}

/** Called for each subtree of 2^level leaves when it is complete; `index` counts such subtrees from the left. */
export type OnComplete = (level: number, index: number, hash: Uint8Array) => void;

/** The roots of the perfect subtrees of a growing tree: all that is needed to grow it and to name its root. */
export class CompactRange {
  size = 0;
  readonly #crypto: Crypto;
  readonly #onComplete: OnComplete | undefined;
  /** By level; a level is set where the binary form of `size` has a 1. */
  readonly #roots: (Uint8Array | undefined)[] = [];

  constructor(crypto: Crypto, onComplete?: OnComplete) {
    this.#crypto = crypto;
    this.#onComplete = onComplete;
  }

  /** Appends a perfect subtree of 2^level leaves; `size` must be a multiple of that. */
  append(subtree: Uint8Array, fromLevel = 0): void {
    let level = fromLevel;
    let hash = subtree;
    this.size += 2 ** level;
    for (let left = this.#roots[level]; left !== undefined; left = this.#roots[level]) {
      this.#roots[level] = undefined;
      hash = nodeHash(this.#crypto, left, hash);
      level += 1;
      if (level % 8 === 0) this.#onComplete?.(level, this.size / 2 ** level - 1, hash);
    }
    this.#roots[level] = hash;
  }

  root(): Uint8Array {
    let root: Uint8Array | undefined;
    for (const subtree of this.#roots) {
      if (subtree === undefined) continue;
      root = root === undefined ? subtree : nodeHash(this.#crypto, subtree, root);
    }
    return root ?? this.#crypto.sha256(new Uint8Array());
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
