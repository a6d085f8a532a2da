import { hash } from 'node:crypto';
import { canonical, MAX_LEAF_BYTES } from '@outwitness/event';
import type { Members } from './cleaning.ts';

/** `prev` of the genesis row. */
export const NO_ROW: string = '0'.repeat(64);

/** Bytes of the salt of one leaf. */
export const SALT_BYTES = 16;

/** SHA-256(0x00 ‖ leaf): the row hash, which is also the RFC 6962 leaf hash. */
export function rowHash(leaf: string): Buffer {
  return hash('sha256', `\0${leaf}`, 'buffer');
}

/**
 * Writes a leaf. While it is longer than 16,384 bytes, the list that takes most bytes loses its last half and its name
 * goes into `cut` (docs/formats/chain.md, "Leaf").
 */
export function encodeLeaf(members: Members): string {
  let leaf = canonical(members);
  let cut: Members = members;
  // A character takes at most 3 bytes: most leaves need no count.
  while (leaf.length * 3 > MAX_LEAF_BYTES && Buffer.byteLength(leaf) > MAX_LEAF_BYTES) {
    cut = withoutHalfOfLongestList(cut);
    leaf = canonical(cut);
  }
  return leaf;
}

function withoutHalfOfLongestList(members: Members): Members {
  let longest = '';
  let most = 0;
  for (const [name, value] of Object.entries(members)) {
    if (name === 'cut' || !Array.isArray(value)) continue;
    const bytes = Buffer.byteLength(canonical({ [name]: value })) - name.length;
    if (bytes > most && value.length > 0) [longest, most] = [name, bytes];
  }
  const list = members[longest] as readonly string[] | undefined;
  // Limits of the strings alone keep every kind of row below the limit.
  if (list === undefined) throw new RangeError('a leaf without lists is longer than its limits allow');
  const cut = new Set([...((members['cut'] as readonly string[] | undefined) ?? []), longest]);
  const half = list.slice(0, Math.floor(list.length / 2));
  return { ...members, [longest]: half.length > 0 ? half : undefined, cut: [...cut].sort().slice(0, 64) };
}
