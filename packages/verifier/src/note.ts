/** Signed notes and verifier keys: C2SP signed-note and tlog-checkpoint, as checkpoint.md narrows them. */
import { fromBase64, fromHex, toHex, utf8 } from './bytes.ts';
import { decodeUtf8 } from './canonical.ts';
import type { Crypto } from './crypto-port.ts';

/** A note's limit, so that a hostile one costs little; C2SP asks for room for 16 signatures. */
export const NOTE_BYTES = 131_072;
const SIGNATURES = 64;
const ED25519 = 1;
const SIGNATURE_LINE = /^— ([^\s+]+) ([A-Za-z0-9+/=]+)$/u;
const SIZE = /^[1-9]\d{0,15}$/;
const NO_SIGNATURE = { name: '', keyId: '', signature: new Uint8Array() };

export interface Note {
  origin: string;
  size: number;
  root: Uint8Array;
  /** The epoch whose key signs, by the name of the second signature line. */
  epoch: number;
  /** The whole of it. */
  bytes: Uint8Array;
  /** What the signatures are over. */
  signed: Uint8Array;
  log: NoteSignature;
  epochSignature: NoteSignature;
}

interface NoteSignature {
  keyId: string;
  signature: Uint8Array;
}

/** Parses a note of the two signatures of checkpoint.md; a string says why it is none. */
export function parseNote(bytes: Uint8Array = new Uint8Array()): Note | string {
  if (bytes.length > NOTE_BYTES) return 'note is too long';
  const text = decodeUtf8(bytes);
  // eslint-disable-next-line no-control-regex -- that they are refused is the point
  if (text === undefined || /[\0-\x09\x0b-\x1f]/.test(text)) return 'note is no UTF-8 or holds control characters';
  const end = text.lastIndexOf('\n\n');
  if (!text.endsWith('\n')) return 'note without its last line end';
  const lines = text.slice(0, end).split('\n');
  const [origin = '', sizeText = '', rootText = ''] = lines;
  if (lines.length !== 3) return 'note text is not the three lines origin, size, root';
  const size = Number(sizeText);
  if (!SIZE.test(sizeText) || !Number.isSafeInteger(size)) return 'note size is not a decimal from 1';
  const root = fromBase64(rootText);
  if (root?.length !== 32) return 'note root is not the base64 of 32 bytes';
  const signatures = parseSignatures(text.slice(end + 2, -1), origin);
  if (typeof signatures === 'string') return signatures;
  return { origin, size, root, bytes, signed: utf8(text.slice(0, end + 1)), ...signatures };
}

/** Ours come first, log key before epoch key; lines of other names belong to witnesses. */
function parseSignatures(text: string, origin: string): Pick<Note, 'log' | 'epoch' | 'epochSignature'> | string {
  const lines = text.split('\n');
  if (lines.length > SIGNATURES) return 'note with too many signatures';
  const own: (NoteSignature & { name: string })[] = [];
  for (const [at, line] of lines.entries()) {
    const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? [];
    const bytes = fromBase64(encoded);
    if (bytes === undefined || bytes.length < 5) return `signature line ${at + 1} of the note is malformed`;
    const isOurs = name === origin || name.startsWith(`${origin}/epoch/`);
    if (isOurs !== at < 2) return 'note does not carry one signature of the log key and then one of an epoch key';
    if (isOurs) own.push({ name, keyId: toHex(bytes.subarray(0, 4)), signature: bytes.subarray(4) });
  }
  const [log, epochSignature = NO_SIGNATURE] = own;
  const epoch = epochSignature.name.slice(`${origin}/epoch/`.length);
  if (log?.name !== origin || !/^(?:0|[1-9]\d{0,8})$/.test(epoch)) return 'note signatures are not log key, then epoch';
  return { log, epochSignature, epoch: Number(epoch) };
}

/** C2SP signed-note: the first 4 bytes of SHA-256(name ‖ LF ‖ type ‖ public key), in hex. */
export function keyId(crypto: Crypto, name: string, publicKey: Uint8Array): string {
  const prefix = utf8(`${name}\n`);
  const bytes = new Uint8Array(prefix.length + 33);
  bytes.set(prefix);
  bytes[prefix.length] = ED25519;
  bytes.set(publicKey, prefix.length + 1);
  return toHex(crypto.sha256(bytes).subarray(0, 4));
}

/** Does this key, under this name, sign the note? */
export async function signs(
  crypto: Crypto,
  name: string,
  publicKey: Uint8Array,
  note: Pick<Note, 'signed'>,
  by: NoteSignature,
): Promise<boolean> {
  return by.keyId === keyId(crypto, name, publicKey) && crypto.verifyEd25519(publicKey, note.signed, by.signature);
}

/** 2^255 − 19, little endian: y coordinates from here on are written a second time, non-canonically. */
const FIELD_PRIME = `ed${'ff'.repeat(30)}7f`;
/** The y coordinates of the 8 torsion points: 0, 1, −1 and the two of order 8. */
const SMALL_ORDER_Y = new Set([
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

/**
 * Why this public key is refused; undefined if it is not. Under a small-order key anyone can make a signature that
 * holds for many messages, and a key with two spellings has two key IDs.
 */
export function weakness(publicKey: Uint8Array): string | undefined {
  const y = publicKey.slice();
  y[31] = (y[31] ?? 0) & 0x7f;
  if (SMALL_ORDER_Y.has(toHex(y))) return 'the public key is of small order';
  const bigEndian = (hex: string): string => toHex((fromHex(hex, 32) ?? y).toReversed());
  return bigEndian(toHex(y)) >= bigEndian(FIELD_PRIME) ? 'the public key is no canonical encoding' : undefined;
}

/** A verifier key line, `<name>+<key ID>+<base64(0x01 ‖ public key)>`; a string says why it is none. */
export function parseVerifierKey(crypto: Crypto, line: string): { name: string; publicKey: Uint8Array } | string {
  const [, name = '', id, encoded = ''] = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/u.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (bytes?.length !== 33 || bytes[0] !== ED25519) return 'no verifier key line of an Ed25519 key';
  const publicKey = bytes.subarray(1);
  if (keyId(crypto, name, publicKey) !== id) return 'the key ID of the verifier key line is not that of its key';
  const weak = weakness(publicKey);
  return weak ?? { name, publicKey };
}
