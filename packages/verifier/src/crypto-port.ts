/** The only two things a verifier cannot do itself: hash and check a signature. */
export interface Crypto {
  sha256(bytes: Uint8Array): Uint8Array;
  /** A hash over more than fits in memory. */
  sha256Stream(): { update(bytes: Uint8Array): void; digest(): Uint8Array };
  /** Ed25519 (RFC 8032) over the whole message; false for anything that is no valid signature. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>;
}
