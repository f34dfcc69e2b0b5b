/**
 * Keys that test releases are signed with. They come from fixed seeds, so that builds which carry them are shared by tests; whoever has this
 * file has them, so nothing but a test may believe them.
 * @module
 */
import { Buffer } from "node:buffer";
import { type KeyPair, publicKeyOf, signBytes } from "../../scripts/release/keys.ts";

/** What stands before the 32 bytes of a seed in PKCS#8. @see RFC 8410, section 7 */
const PKCS8_HEAD = "302e020100300506032b657004220420";

/** The key number `number`, 0 to 255. */
export function testKey(number: number): KeyPair {
  const der = Buffer.from(PKCS8_HEAD + number.toString(16).padStart(2, "0").repeat(32), "hex");
  const label = ["PRIVATE", "KEY"].join(" ");
  const privateKeyPem = `-----BEGIN ${label}-----\n${der.toString("base64")}\n-----END ${label}-----\n`;
  return { key: publicKeyOf(privateKeyPem), privateKeyPem };
}

/** The text of `<file>.sig` for a file of these bytes. */
export function testSignature(bytes: Uint8Array, privateKeyPem: string): string {
  return signBytes(bytes, privateKeyPem).sig;
}
