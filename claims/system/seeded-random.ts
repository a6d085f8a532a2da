import { createHash } from 'node:crypto';

/** @returns numbers in [0, 1), the same for the same seed on every machine: SHA-256 in counter mode */
export function seededRandom(seed: string): () => number {
  let counter = 0;
  return () => createHash('sha256').update(`${counter++} ${seed}`).digest().readUIntBE(0, 6) / 2 ** 48;
}
