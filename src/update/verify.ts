/** Who signed these bytes? Ed25519 by Web Crypto. @see https://www.rfc-editor.org/rfc/rfc8032 @module */
import { KmError } from "../core/error.ts";
import type { ReleaseKey } from "./release_key.ts";

/** What to do about a release that nobody known signed. */
const HINT =
  "the address does not serve this project's releases, or somebody changed them: tell the project, install nothing from there";

/** `<key id> <base64 of the 64 bytes>`, one line. */
const SIGNATURE = /^([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)\n?$/;

/**
 * Checks that `sigText` is the signature of exactly these bytes by one of `keys`; returns that key.
 * @throws {KmError} not_trusted when it is not
 */
export async function verifySignature(
  bytes: Uint8Array<ArrayBuffer>,
  sigText: string,
  keys: readonly ReleaseKey[],
): Promise<ReleaseKey> {
  const [, id, base64] = SIGNATURE.exec(sigText) ?? [];
  if (id === undefined || base64 === undefined) {
    throw new KmError(
      "not_trusted",
      "Cannot read the signature: it is not one line of a key id and 64 bytes",
      { hint: HINT },
    );
  }
  const key = keys.find((known) => known.id === id);
  if (key === undefined) {
    const known = keys.map((one) => one.id).join(" and ") || "no key";
    throw new KmError(
      "not_trusted",
      `Cannot believe the signature: key "${id}" is unknown, this km believes ${known}`,
      { hint: HINT },
    );
  }
  const publicKey = await crypto.subtle.importKey(
    "raw",
    Uint8Array.fromBase64(key.publicKey),
    "Ed25519",
    false,
    ["verify"],
  );
  if (await crypto.subtle.verify("Ed25519", publicKey, Uint8Array.fromBase64(base64), bytes)) return key;
  throw new KmError(
    "not_trusted",
    `Cannot believe the signature: it is not one of these bytes by key "${id}"`,
    { hint: HINT },
  );
}
