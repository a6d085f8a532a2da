import crypto from 'node:crypto';

// Taken before the audited application can replace it.
const { randomFillSync } = crypto;
const IN_BULK = 1024;

/** Random bytes one by one, not to be foretold from those before. Filled in bulk: asking for a single one costs as much as asking for all. */
export function randomBytes(fill: (bytes: Uint8Array) => void = (bytes) => void randomFillSync(bytes)): () => number {
  const bytes = new Uint8Array(IN_BULK);
  let next = IN_BULK;
  return () => {
    if (next === IN_BULK) {
      fill(bytes);
      next = 0;
    }
    return bytes[next++] ?? 0;
  };
}
