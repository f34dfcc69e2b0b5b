/** `signatures.json`: who signed a package, in the one form that there is for it. @module */
import { KmError } from "../../core/error.ts";
import { quote, refusePackage } from "./refuse.ts";
import { decodeBase64, type PackageSignature, type PublisherKey, publisherKeyOf } from "./signature.ts";
import { isObject, parseStrictJson } from "./strict_json.ts";

/** Most signatures of one package: while a publisher changes keys, there are two. */
const MAX_SIGNATURES = 8;

/** The bytes of a signatures.json, in the order of the keys' ids. */
export function writeSignatures(signatures: readonly PackageSignature[]): Uint8Array<ArrayBuffer> {
  const list = signatures.toSorted((a, b) => a.key.id < b.key.id ? -1 : 1).map(({ key, signature }) => ({
    keyId: key.id,
    publicKey: key.spki,
    signature: signature.toBase64(),
  }));
  return new TextEncoder().encode(JSON.stringify(list, null, 2) + "\n");
}

/** @throws {KmError} not_trusted for anything but what `writeSignatures` writes */
export function readSignatures(bytes: Uint8Array): readonly PackageSignature[] {
  const list = parseList(bytes);
  if (list.length === 0 || list.length > MAX_SIGNATURES) {
    throw wrongForm(`it lists ${list.length} signatures, and must list 1 to ${MAX_SIGNATURES}`);
  }
  const signatures = list.map(readSignature);
  if (new Set(signatures.map(({ key }) => key.id)).size !== signatures.length) {
    throw wrongForm("it lists a key twice");
  }
  // Nothing beside the signatures may be told by a file that nobody signs.
  const canonical = writeSignatures(signatures);
  if (canonical.length !== bytes.length || canonical.some((byte, at) => byte !== bytes[at])) {
    throw wrongForm("it is not written as km writes it");
  }
  return signatures;
}

function parseList(bytes: Uint8Array): readonly unknown[] {
  try {
    const value = parseStrictJson(bytes);
    if (Array.isArray(value)) return value;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw wrongForm(cause.message);
  }
  throw wrongForm("it is no list");
}

function readSignature(value: unknown): PackageSignature {
  const { keyId, publicKey, signature } = isObject(value) ? value : {};
  if (typeof keyId !== "string" || typeof publicKey !== "string" || typeof signature !== "string") {
    throw wrongForm("an entry of it is not a key and a signature");
  }
  const key = keyOf(publicKey);
  if (key.id !== keyId) throw wrongForm(`it gives a key of another name as ${quote(keyId)}`);
  const decoded = decodeBase64(signature);
  if (decoded === null) throw wrongForm("a signature in it is no base64");
  return { key, signature: decoded };
}

function keyOf(spki: string): PublisherKey {
  try {
    return publisherKeyOf(spki);
  } catch (cause) {
    if (!(cause instanceof KmError)) throw cause;
    throw wrongForm("a key in it is none that packages are signed with");
  }
}

function wrongForm(state: string): ReturnType<typeof refusePackage> {
  return refusePackage(`its "signatures.json" was changed: ${state}`);
}
