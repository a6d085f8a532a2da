import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ledgerError } from './errors.ts';

/** An Ed25519 key that signs. */
export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  sign(bytes: Uint8Array): Uint8Array;
}

/** Where private keys lie. Names are `log` and `epoch-<n>`; values PKCS #8 PEM. */
export interface KeyStore {
  /** `undefined` if there is none. */
  read(name: string): string | undefined;
  /** Durable when it returns; never overwrites. */
  create(name: string, pem: string): void;
  /** Names of the keys that are there. */
  names(): string[];
  /** Overwrites the key and removes it; durable when it returns. Nothing happens if there is none. */
  destroy(name: string): void;
  /** Writes the public verifier key line of the log key beside them. */
  publish(vkey: string): void;
  /** Origin of the ledger that these keys belong to; `undefined` until one has claimed them. */
  owner(): string | undefined;
  /** Claims keys that belong to nobody yet. */
  own(origin: string): void;
}

const P = 2n ** 255n - 19n;
/** y of the 8 torsion points of edwards25519 (with either sign of x), little-endian hex. */
const SMALL_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
]);

/**
 * Refuses a public key that is no canonical encoding or a point of small order: under it a signature can be valid that
 * nobody made, or valid for one reader only.
 *
 * @throws OutwitnessError `key-weak`
 */
export function refuseWeakKey(publicKey: Uint8Array): void {
  const y = Buffer.from(publicKey);
  if (y.length === 32) {
    y[31] = (y[31] ?? 0) & 0x7f;
    const value = BigInt(`0x${Buffer.from(y.toReversed()).toString('hex')}`);
    if (value < P && !SMALL_ORDER.has(y.toString('hex'))) return;
  }
  throw ledgerError(
    'key-weak',
    'weak Ed25519 public key: expected a canonical encoding of a point of large order. Make a new key.',
  );
}

/** @throws OutwitnessError `key-malformed`, `key-weak` */
export function signingKey(pem: string): SigningKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw ledgerError(
      'key-malformed',
      'not a private key: expected PKCS #8 PEM of an Ed25519 key. Restore the file from a backup.',
      cause,
    );
  }
  const { x, crv } = key.export({ format: 'jwk' });
  if (crv !== 'Ed25519' || x === undefined) {
    throw ledgerError(
      'key-malformed',
      `a key of type ${key.asymmetricKeyType ?? 'unknown'}: expected Ed25519. Restore the file from a backup.`,
    );
  }
  const publicKey = Buffer.from(x, 'base64url');
  refuseWeakKey(publicKey);
  return { publicKey, sign: (bytes) => sign(null, bytes, key) };
}

/** The named key, made if it is not there yet. */
export function loadOrCreateKey(keys: KeyStore, name: string): SigningKey {
  const pem = keys.read(name);
  if (pem !== undefined) return signingKey(pem);
  const made = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  keys.create(name, made);
  return signingKey(made);
}

/** @throws OutwitnessError `key-missing` */
export function loadKey(keys: KeyStore, name: string): SigningKey {
  const pem = keys.read(name);
  if (pem === undefined) {
    throw ledgerError(
      'key-missing',
      `the private key ${name}.key of this ledger is missing: expected it in the folder of keys. Restore it from a backup, or begin a successor ledger in another data directory.`,
    );
  }
  return signingKey(pem);
}

/**
 * Keys as files `<name>.key` (0600) in a directory (0700, made if missing), and `log.vkey` (0644).
 * On POSIX systems a file that others can read is refused.
 */
export function keyDirectory(directory: string): KeyStore {
  const file = (name: string): string => path.join(directory, `${name}.key`);
  return {
    read(name) {
      if (!fs.existsSync(file(name))) return undefined;
      const mode = fs.statSync(file(name)).mode & 0o777;
      if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
        const got = mode.toString(8).padStart(4, '0');
        throw ledgerError(
          'key-mode',
          `${file(name)} has mode ${got}: expected 0600. Others may have read this key: begin a successor ledger, or run chmod 600.`,
        );
      }
      return fs.readFileSync(file(name), 'utf8');
    },
    create(name, pem) {
      if (fs.existsSync(file(name))) throw Object.assign(new Error(`${file(name)} is there`), { code: 'EEXIST' });
      fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
      // Not named before it is whole: a crash leaves no key of half its length. Only the holder of the lock comes here.
      const draft = path.join(directory, 'draft');
      writeDurably(directory, draft, pem, 0o600);
      fs.renameSync(draft, file(name));
      syncDirectory(directory);
    },
    names() {
      const entries = fs.existsSync(directory) ? fs.readdirSync(directory) : [];
      return entries.filter((entry) => entry.endsWith('.key')).map((entry) => entry.slice(0, -4));
    },
    destroy(name) {
      if (!fs.existsSync(file(name))) return;
      // Helps where the file system writes in place; where it copies, removing is all there is.
      const fd = fs.openSync(file(name), 'r+');
      try {
        fs.writeSync(fd, Buffer.alloc(fs.fstatSync(fd).size));
        fs.fsyncSync(fd);
      } finally {
        fs.closeSync(fd);
      }
      fs.unlinkSync(file(name));
      syncDirectory(directory);
    },
    publish(vkey) {
      const target = path.join(directory, 'log.vkey');
      if (fs.existsSync(target) && fs.readFileSync(target, 'utf8') === `${vkey}\n`) return;
      writeDurably(directory, target, `${vkey}\n`, 0o644);
    },
    owner() {
      const target = path.join(directory, 'ledger');
      return fs.existsSync(target) ? fs.readFileSync(target, 'utf8').trim() : undefined;
    },
    own(origin) {
      const draft = path.join(directory, 'draft');
      writeDurably(directory, draft, `${origin}\n`, 0o644);
      fs.renameSync(draft, path.join(directory, 'ledger'));
      syncDirectory(directory);
    },
  };
}

function writeDurably(directory: string, file: string, text: string, mode: number): void {
  const fd = fs.openSync(file, 'w', mode);
  try {
    fs.fchmodSync(fd, mode);
    fs.writeSync(fd, text);
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
  syncDirectory(directory);
}

/** Makes a new or renamed entry of the directory survive a power cut. Windows has no such call. */
export function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const fd = fs.openSync(directory, 'r');
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
}
