/**
 * A text with signatures over its exact bytes, in one file: `{"signed": "<text>", "signatures": [{"keyId", "signature"}]}`. One file, so that nobody
 * reads a new text beside an old signature. Which keys count, and of which kind they are, comes from whoever verifies.
 * @module
 */
import {
  decodeBase64,
  isSignedBy,
  type PublisherKey,
  signBytes,
  type SignedThing,
  type SigningKey,
} from "../package/signature.ts";
import { parseStrictJson } from "../package/strict_json.ts";
import { Shape, ShapeError } from "../shape.ts";

const MAX_SIGNATURES = 16;
/** Longest text, in characters: an index of a thousand plugins with ten releases each takes 4 MB. */
export const MAX_SIGNED_CHARS: number = 8 * 1024 * 1024;

/** As it came: nothing of it is believed. */
export interface SignedDocument {
  readonly signed: string;
  readonly signatures: readonly DocumentSignature[];
}

export interface DocumentSignature {
  readonly keyId: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** @throws {ShapeError} */
export function readSigned(shape: Shape): SignedDocument {
  const { signed, signatures } = shape.fields("signed", "signatures");
  return {
    signed: signed.text(() => true, MAX_SIGNED_CHARS),
    signatures: signatures.list((one) => {
      const { keyId, signature } = one.fields("keyId", "signature");
      const bytes = decodeBase64(signature.text(/^[A-Za-z0-9+/=]+$/, 2048));
      if (bytes === null) throw signature.wrong("is no base64");
      return { keyId: keyId.text(/^[0-9a-f]{64}$/), signature: bytes };
    }, MAX_SIGNATURES),
  };
}

/** What `readSigned` reads, as a value for JSON. */
export function plainSigned({ signed, signatures }: SignedDocument): unknown {
  return {
    signed,
    signatures: signatures.map(({ keyId, signature }) => ({ keyId, signature: signature.toBase64() })),
  };
}

/** Signs `text` with each of `keys`. */
export async function signText(
  what: SignedThing,
  text: string,
  keys: readonly SigningKey[],
): Promise<SignedDocument> {
  const bytes = new TextEncoder().encode(text);
  const signatures = await Promise.all(keys.map(async (key) => ({
    keyId: key.publicKey.id,
    signature: await signBytes(what, bytes, key),
  })));
  return { signed: text, signatures };
}

/** Those of `keys` that signed it, each once. */
export async function signersOf(
  what: SignedThing,
  { signed, signatures }: SignedDocument,
  keys: readonly PublisherKey[],
): Promise<readonly PublisherKey[]> {
  const bytes = new TextEncoder().encode(signed);
  const found = new Map<string, PublisherKey>();
  for (const { keyId, signature } of signatures) {
    const key = keys.find(({ id }) => id === keyId);
    if (key !== undefined && await isSignedBy(bytes, signature, key, what)) found.set(keyId, key);
  }
  return [...found.values()];
}

/** Reads JSON of which there is one reading only. @throws {ShapeError} */
export function parseText(text: string): Shape {
  try {
    return new Shape(parseStrictJson(new TextEncoder().encode(text)));
  } catch (error) {
    throw error instanceof SyntaxError ? new ShapeError(error.message) : error;
  }
}

/** A signed file as it came from somewhere. @throws {ShapeError} */
export function parseFile(bytes: Uint8Array): Shape {
  try {
    // Not as strictly: within it, the signed text is a string with line feeds.
    return Shape.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (error) {
    throw error instanceof TypeError ? new ShapeError("it is no text in UTF-8") : error;
  }
}
