/** What a release key is. @module */

/** A key that releases are signed with. */
export interface ReleaseKey {
  /** Its name in signatures: the first 16 hex digits of the SHA-256 of the key's 32 bytes. */
  readonly id: string;
  /** The 32 bytes of an Ed25519 public key, in base64 (RFC 8032, section 5.1.5). */
  readonly publicKey: string;
}
