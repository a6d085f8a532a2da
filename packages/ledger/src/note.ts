import { createHash, createPublicKey, verify } from 'node:crypto';
import { ledgerError } from './errors.ts';
import { refuseWeakKey, type SigningKey } from './keys.ts';

const ED25519 = 1;
/** DER of SubjectPublicKeyInfo for Ed25519 up to the 32 bytes of the key (RFC 8410). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/** A public key under its name in signed notes. */
export interface NamedKey {
  readonly name: string;
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
}

/** A note taken apart. Nothing in it is verified. */
export interface ParsedNote {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Buffer;
  /** What is signed: up to and including the LF before the empty line. */
  readonly text: string;
  /** Key ID ‖ signature by key name. */
  readonly signatures: ReadonlyMap<string, Buffer>;
}

/** First 4 bytes of SHA-256(name ‖ LF ‖ 0x01 ‖ public key); C2SP signed-note. */
export function keyId(key: NamedKey): Buffer {
  return createHash('sha256')
    .update(`${key.name}\n`)
    .update(Buffer.of(ED25519))
    .update(key.publicKey)
    .digest()
    .subarray(0, 4);
}

/** Verifier key line: `<name>+<hex key ID>+<base64(0x01 ‖ public key)>`. */
export function vkey(key: NamedKey): string {
  return `${key.name}+${keyId(key).toString('hex')}+${Buffer.concat([Buffer.of(ED25519), key.publicKey]).toString('base64')}`;
}

/** @throws OutwitnessError `key-malformed`, `key-weak` */
export function parseVkey(line: string): NamedKey {
  const match = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/.exec(line);
  const bytes = Buffer.from(match?.[3] ?? '', 'base64');
  const key = { name: match?.[1] ?? '', publicKey: bytes.subarray(1) };
  if (match === null || bytes.length !== 33 || bytes[0] !== ED25519 || keyId(key).toString('hex') !== match[2]) {
    throw ledgerError(
      'key-malformed',
      'not a verifier key line: expected <name>+<key ID>+<base64> of an Ed25519 key. Copy the whole line of log.vkey.',
    );
  }
  refuseWeakKey(key.publicKey);
  return key;
}

/**
 * Signs a checkpoint: a C2SP tlog-checkpoint without extension lines.
 *
 * @param signers log key first, then the epoch key
 */
export function signNote(
  origin: string,
  size: number,
  root: Uint8Array,
  signers: readonly { name: string; key: SigningKey }[],
): string {
  const text = `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
  let note = `${text}\n`;
  for (const { name, key } of signers) {
    const signature = Buffer.concat([keyId({ name, publicKey: key.publicKey }), key.sign(Buffer.from(text))]);
    note += `\u2014 ${name} ${signature.toString('base64')}\n`;
  }
  return note;
}

/** @throws OutwitnessError `note-malformed` */
export function parseNote(note: string): ParsedNote {
  const end = note.indexOf('\n\n') + 1;
  const text = note.slice(0, end);
  const body = /^([^\n]+)\n([1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n$/.exec(text);
  const signatures = new Map<string, Buffer>();
  for (const line of note
    .slice(end + 1)
    .split('\n')
    .slice(0, -1)) {
    const [dash, name, signature, ...more] = line.split(' ');
    if (dash !== '\u2014' || name === undefined || signature === undefined || more.length > 0) throw malformed();
    signatures.set(name, Buffer.from(signature, 'base64'));
  }
  if (body === null || signatures.size === 0 || !note.endsWith('\n')) throw malformed();
  const [, origin = '', size, root = ''] = body;
  return { origin, size: Number(size), root: Buffer.from(root, 'base64'), text, signatures };
}

/** Does the note carry a valid signature of this key? */
export function isSignedBy(note: ParsedNote, key: NamedKey): boolean {
  const signature = note.signatures.get(key.name);
  if (signature === undefined || signature.length !== 68 || !signature.subarray(0, 4).equals(keyId(key))) return false;
  const publicKey = createPublicKey({ key: Buffer.concat([SPKI, key.publicKey]), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(note.text), publicKey, signature.subarray(4));
}

function malformed(): Error {
  return ledgerError(
    'note-malformed',
    'not a checkpoint note: expected origin, size, root, an empty line and signature lines (C2SP tlog-checkpoint)',
  );
}
