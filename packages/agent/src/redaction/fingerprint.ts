import crypto from 'node:crypto';

const { createHash } = crypto;
// One-shot hashing exists since Node 20.12; two of them cost less than one createHmac.
const oneShot = crypto.hash as typeof crypto.hash | undefined;
const BLOCK = 64;

export interface FingerprintKey {
  bytes: Uint8Array;
  /** Made by this process: fingerprints compare within it only, and the prefix `p.` says so. Else it comes from agent.json. */
  own: boolean;
}

/** Tells equal requests without telling what they were; see docs/reference/redaction.md. */
export type Fingerprint = (fields: readonly string[]) => string;

/** HMAC-SHA-256 (RFC 2104) over length-prefixed fields, cut to 16 bytes of hex. */
export function fingerprinter(key: FingerprintKey): Fingerprint {
  const prefix = key.own ? 'p.' : '';
  const short = key.bytes.length > BLOCK ? createHash('sha256').update(key.bytes).digest() : key.bytes;
  const inner = Buffer.alloc(BLOCK);
  inner.set(short);
  const outer = Buffer.alloc(BLOCK + 32);
  outer.set(short);
  for (let i = 0; i < BLOCK; i++) {
    inner[i] = (inner[i] ?? 0) ^ 0x36;
    outer[i] = (outer[i] ?? 0) ^ 0x5c;
  }
  return (fields) => {
    outer.set(sha256(Buffer.concat([inner, Buffer.from(lengthPrefixed(fields))])), BLOCK);
    return prefix + sha256(outer).toString('hex', 0, 16);
  };
}

/** `<bytes of UTF-8>:<field>` for each field, so that no two lists give the same text. */
function lengthPrefixed(fields: readonly string[]): string {
  let text = '';
  for (const field of fields) text += `${Buffer.byteLength(field)}:${field}`;
  return text;
}

function sha256(data: Buffer): Buffer {
  return oneShot === undefined ? createHash('sha256').update(data).digest() : oneShot('sha256', data, 'buffer');
}
