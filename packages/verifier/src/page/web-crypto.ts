/** Hash and signature in a browser: SHA-256 of our own, since the browser's is asynchronous, and Ed25519 by WebCrypto. */
import type { Crypto } from '../crypto-port.ts';
import { Sha256 } from './sha256.ts';

const ED25519 = 'Ed25519';
/** RFC 8032 section 7.1, test 1: if this does not hold, the browser cannot check any signature. */
const KNOWN = {
  key: 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
  signature:
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
};

/**
 * @throws Error from `verifyEd25519` where the browser has no Ed25519: the caller then says UNVERIFIABLE. A curve of our
 *   own would be more code to trust than all the rest.
 */
export function webCrypto(): Crypto {
  let works: Promise<boolean> | undefined;
  return {
    sha256: (bytes) => new Sha256().update(bytes).digest(),
    sha256Stream: () => new Sha256(),
    async verifyEd25519(publicKey, message, signature) {
      works ??= verify(fromHex(KNOWN.key), new Uint8Array(), fromHex(KNOWN.signature));
      if (!(await works))
        throw new Error('this browser cannot check Ed25519 signatures. Take a newer one, or run outwitness verify.');
      return verify(publicKey, message, signature);
    },
  };
}

async function verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('raw', publicKey.slice(), ED25519, false, ['verify']);
    return await crypto.subtle.verify(ED25519, key, signature.slice(), message.slice());
  } catch {
    return false;
  }
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
