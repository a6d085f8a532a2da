/** The hashes of docs/formats/chain.md, computed by the browser. */
import { type Bytes, concat, fromHex, toHex } from './hex.ts';

async function sha256(...parts: Uint8Array[]): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...parts)));
}

/** SHA-256(0x00 ‖ leaf). */
export async function rowHashOf(leaf: string): Promise<string> {
  return toHex(await sha256(Uint8Array.of(0), new TextEncoder().encode(leaf)));
}

/** One step from the row towards the root. */
export interface ProofStep {
  /** On which side the hash of the proof stands. */
  readonly side: 'left' | 'right';
  /** Hex, from the proof. */
  readonly sibling: string;
  /** Hex, computed: SHA-256(0x01 ‖ left ‖ right). */
  readonly result: string;
}

export interface Walk {
  readonly steps: readonly ProofStep[];
  /** Hex; what the proof leads to. */
  readonly root: string;
}

/**
 * Walks an inclusion proof (RFC 9162 section 2.1.3.2, the same proofs as RFC 6962 section 2.1.1).
 *
 * @param rowHash hex
 * @param hashes hex, the lowest level first
 * @returns undefined if the proof has the wrong length for that place in a tree of that size
 */
export async function walkProof(
  index: number,
  size: number,
  rowHash: string,
  hashes: readonly string[],
): Promise<Walk | undefined> {
  if (index < 0 || index >= size) return undefined;
  let fn = index;
  let sn = size - 1;
  let hash = rowHash;
  const steps: ProofStep[] = [];
  for (const sibling of hashes) {
    if (sn === 0) return undefined;
    const left = fn % 2 === 1 || fn === sn;
    const pair = left ? [sibling, hash] : [hash, sibling];
    hash = toHex(await sha256(Uint8Array.of(1), ...pair.map(fromHex)));
    steps.push({ side: left ? 'left' : 'right', sibling, result: hash });
    // No bit operators: sizes go beyond 32 bits.
    // The last node of an odd level climbs without a partner.
    if (left) {
      while (fn % 2 === 0 && fn !== 0) {
        fn /= 2;
        sn = Math.floor(sn / 2);
      }
    }
    fn = Math.floor(fn / 2);
    sn = Math.floor(sn / 2);
  }
  return sn === 0 ? { steps, root: hash } : undefined;
}
