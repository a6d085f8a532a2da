/** A signed note (docs/formats/checkpoint.md), read and checked by the browser. */
import { type Bytes, concat, fromBase64, fromHex, toHex } from './hex.ts';

export interface Note {
  readonly origin: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
  /** What is signed: everything up to and including the line end before the empty line. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface NoteSignature {
  readonly name: string;
  readonly keyId: string;
  readonly signature: Bytes;
  /** The line as it stands. */
  readonly line: string;
}

/** @returns undefined if it is no note */
export function parseNote(note: string): Note | undefined {
  const end = note.indexOf('\n\n');
  if (end === -1) return undefined;
  const text = note.slice(0, end + 1);
  const [origin = '', size = '', root = ''] = text.split('\n');
  const rootBytes = fromBase64(root);
  if (!/^[1-9]\d{0,15}$/.test(size) || rootBytes?.length !== 32) return undefined;
  const signatures: NoteSignature[] = [];
  for (const line of note.slice(end + 2).split('\n')) {
    const [, name, encoded] = /^— (\S+) (\S+)$/.exec(line) ?? [];
    const blob = fromBase64(encoded ?? '');
    if (name === undefined || blob === undefined || blob.length < 5) continue;
    signatures.push({ name, keyId: toHex(blob.subarray(0, 4)), signature: blob.slice(4), line });
  }
  return { origin, size: Number(size), root: toHex(rootBytes), text, signatures };
}

/**
 * Is this signature over the note by that key, under that name?
 *
 * @param publicKey hex, from the genesis row
 * @returns `unsupported` if this browser cannot check Ed25519
 */
export async function checkSignature(
  note: Note,
  signature: NoteSignature,
  publicKey: string,
): Promise<'valid' | 'invalid' | 'unsupported'> {
  const key = fromHex(publicKey);
  const name = new TextEncoder().encode(signature.name);
  const digest = await crypto.subtle.digest('SHA-256', concat(name, Uint8Array.of(0x0a, 1), key));
  if (toHex(new Uint8Array(digest, 0, 4)) !== signature.keyId) return 'invalid';
  let imported: CryptoKey;
  try {
    imported = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']);
  } catch {
    return 'unsupported';
  }
  const signed = new TextEncoder().encode(note.text);
  return (await crypto.subtle.verify('Ed25519', imported, signature.signature, signed)) ? 'valid' : 'invalid';
}
