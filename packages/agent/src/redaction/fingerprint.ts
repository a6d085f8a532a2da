import crypto from 'node:crypto';
import { begin, BLOCK, compress, finish, HASH, putState } from './sha256.ts';

const { createHash } = crypto;

export interface FingerprintKey {
  bytes: Uint8Array;
  /** Made by this process: fingerprints compare within it only, and the prefix `p.` says so. Else it comes from agent.json. */
  own: boolean;
}

/** Tells equal requests without telling what they were; see docs/reference/redaction.md. */
export type Fingerprint = (fields: readonly string[]) => string;

/** Longer ones, and what is not ASCII, are put into a buffer of their own. */
const MOST_KEPT = 1024;

/** HMAC-SHA-256 (RFC 2104) over length-prefixed fields, cut to 16 bytes of hex. What the key does to the two states is done once. */
export function fingerprinter(key: FingerprintKey): Fingerprint {
  const prefix = key.own ? 'p.' : '';
  const short = key.bytes.length > BLOCK ? createHash('sha256').update(key.bytes).digest() : key.bytes;
  const inner = keyed(short, 0x36);
  const outer = keyed(short, 0x5c);
  const state = begin();
  const kept = new Uint8Array(MOST_KEPT + 2 * BLOCK);
  const hash = new Uint8Array(2 * BLOCK);
  return (fields) => {
    let bytes = kept;
    // In ASCII a character is a byte.
    let length = putAscii(
      kept,
      lengthPrefixed(fields, (field) => field.length),
    );
    if (length < 0) {
      const whole = Buffer.from(lengthPrefixed(fields, (field) => Buffer.byteLength(field)));
      length = whole.length;
      bytes = new Uint8Array(length + 2 * BLOCK);
      bytes.set(whole);
    }
    state.set(inner);
    let at = 0;
    for (; at + BLOCK <= length; at += BLOCK) compress(state, bytes, at);
    finish(state, bytes, at, length, BLOCK + length);
    // Nothing of a target stays here longer than its call.
    kept.fill(0, 0, Math.min(length, MOST_KEPT));
    putState(hash, 0, state);
    state.set(outer);
    finish(state, hash, 0, HASH, BLOCK + HASH);
    return prefix + hex(state[0]) + hex(state[1]) + hex(state[2]) + hex(state[3]);
  };
}

/** The state after a first block of the key with each byte changed by `mask`. */
function keyed(key: Uint8Array, mask: number): Int32Array {
  const block = new Uint8Array(BLOCK).fill(mask);
  for (const [i, byte] of key.entries()) block[i] = byte ^ mask;
  const state = begin();
  compress(state, block, 0);
  return state;
}

/** @returns where it ends, −1 if it is too long or no ASCII */
function putAscii(bytes: Uint8Array, text: string): number {
  if (text.length > MOST_KEPT) return -1;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return -1;
    bytes[i] = unit;
  }
  return text.length;
}

/** `<bytes of UTF-8>:<field>` for each field, so that no two lists give the same text. */
function lengthPrefixed(fields: readonly string[], bytesOf: (field: string) => number): string {
  let text = '';
  for (const field of fields) text += `${bytesOf(field)}:${field}`;
  return text;
}

/** Written out: the watcher's code calls no function that an application could replace. */
function hex(word: number | undefined): string {
  let text = '';
  for (let shift = 28; shift >= 0; shift -= 4) text += HEX[((word ?? 0) >>> shift) & 15] ?? '';
  return text;
}

const HEX = '0123456789abcdef';
