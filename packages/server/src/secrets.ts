import { createHash, randomBytes } from 'node:crypto';

/** 256 bits, so that guessing is hopeless even without the guess limit. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Secrets are looked up by digest: neither a memory dump of the tables nor the time of a look-up gives one away. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
