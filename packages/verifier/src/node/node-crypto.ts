import { createHash, createPublicKey, hash, verify } from 'node:crypto';

import type { Crypto } from '../crypto-port.ts';

/** SubjectPublicKeyInfo of an Ed25519 key (RFC 8410) up to the 32 bytes of the key itself. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** Hash and signature by node:crypto. */
export const nodeCrypto: Crypto = {
  sha256: (bytes) => hash('sha256', bytes, 'buffer'),
  sha256Stream() {
    const stream = createHash('sha256');
    return { update: (bytes) => void stream.update(bytes), digest: () => stream.digest() };
  },
  verifyEd25519(publicKey, message, signature) {
    try {
      const der = Buffer.concat([SPKI_PREFIX, publicKey]);
      return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
    } catch {
      return false;
    }
  },
};
