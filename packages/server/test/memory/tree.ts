/** RFC 6962 section 2.1 by its recursive definition, on row hashes: slow and plain. */
import { createHash } from 'node:crypto';

export function sha256(...parts: (Buffer | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

export function rowHash(leaf: string): Buffer {
  return sha256(Buffer.from([0]), leaf);
}

/** MTH over row hashes. */
export function rootOf(hashes: readonly Buffer[]): Buffer {
  const only = hashes[0];
  if (only === undefined) return sha256('');
  if (hashes.length === 1) return only;
  const k = split(hashes.length);
  return sha256(Buffer.from([1]), rootOf(hashes.slice(0, k)), rootOf(hashes.slice(k)));
}

/** PATH(m, D[n]), the lowest level first. */
export function pathOf(index: number, hashes: readonly Buffer[]): Buffer[] {
  if (hashes.length <= 1) return [];
  const k = split(hashes.length);
  return index < k
    ? [...pathOf(index, hashes.slice(0, k)), rootOf(hashes.slice(k))]
    : [...pathOf(index - k, hashes.slice(k)), rootOf(hashes.slice(0, k))];
}

/** The largest power of two below n. */
function split(n: number): number {
  return 2 ** Math.floor(Math.log2(n - 1));
}
