import { hash } from 'node:crypto';
import type { TreeNode } from './store.ts';

/** Levels of the subtrees whose hashes are kept are multiples of this: one node for 256, 65,536 … rows. */
export const NODE_LEVELS = 8;

/** A complete subtree: the rows [index · 2^level, (index + 1) · 2^level). */
export interface Subtree {
  readonly level: number;
  readonly index: number;
}

const pair: Buffer = Buffer.alloc(65, 1);

/** SHA-256(0x01 ‖ left ‖ right), RFC 6962 section 2.1. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  pair.set(left, 1);
  pair.set(right, 33);
  return hash('sha256', pair, 'buffer');
}

/** Largest power of two below n (n >= 2): where RFC 6962 splits a tree. */
export function split(n: number): number {
  return 2 ** Math.floor(Math.log2(n - 1));
}

/** The complete subtrees that tile [from, to), left to right; docs/formats/bundle.md, "Tiling". */
export function tiling(from: number, to: number): Subtree[] {
  const tiles: Subtree[] = [];
  for (let at = from; at < to;) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= to) level++;
    tiles.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return tiles;
}

/** The right edge of a growing tree: one hash for each bit of its size. */
export class CompactRange {
  #size: number;
  readonly #edge: Uint8Array[];

  /** @param edge hashes of `tiling(0, size)` */
  constructor(size = 0, edge: readonly Uint8Array[] = []) {
    this.#size = size;
    this.#edge = [...edge];
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Adds a row hash.
   *
   * @param nodes receives the hashes of the subtrees of 256^k rows that this completes
   */
  append(rowHash: Uint8Array, nodes: TreeNode[]): void {
    let joined = rowHash;
    let index = this.#size;
    for (let level = 1; index % 2 === 1; level++) {
      const left = this.#edge.pop();
      if (left === undefined) break;
      joined = nodeHash(left, joined);
      index = (index - 1) / 2;
      if (level % NODE_LEVELS === 0) nodes.push({ level, idx: index, hash: joined });
    }
    this.#edge.push(joined);
    this.#size++;
  }

  /** MTH over all rows; the size must not be 0. */
  root(): Uint8Array {
    return joinEdge(this.#edge);
  }
}

/** Root over subtrees that get smaller to the right. */
export function joinEdge(edge: readonly Uint8Array[]): Uint8Array {
  const last = edge.at(-1);
  if (last === undefined) throw new RangeError('an empty tree has no root here');
  let joined = last;
  for (let i = edge.length - 2; i >= 0; i--) joined = nodeHash(edge[i] ?? last, joined);
  return joined;
}
