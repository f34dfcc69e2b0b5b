/** A publisher's key as two files: the private half, which nobody else may read, and the public half beside it, with `.pub` at its end. @module */
import { KmError } from "../../core/error.ts";
import { createPrivateFile, readPrivateFile } from "../../proc/private_file.ts";
import {
  publicKeyPem,
  type PublisherKey,
  publisherKeyOfPem,
  type SigningKey,
  signingKeyOf,
} from "./signature.ts";

/** Longer is no key. */
const MAX_KEY_BYTES = 16 * 1024;

/** Where the public half lies. */
export function publicKeyPath(path: string): string {
  return `${path}.pub`;
}

/** Writes both halves; a key that is there stays. @throws {KmError} usage when it is; store_unavailable when they cannot be written */
export function createKeyFiles(path: string, key: SigningKey): void {
  if (!createPrivateFile(path, key.privateKeyPem)) {
    throw new KmError("usage", `Cannot write key "${path}": there is a file of this name`, {
      hint: "a key is never overwritten: whoever pinned it could not be told; take another name",
    });
  }
  try {
    Deno.writeTextFileSync(publicKeyPath(path), publicKeyPem(key.publicKey));
  } catch (error) {
    throw unreadable("write", publicKeyPath(path), error);
  }
}

/** @throws {KmError} not_found; not_trusted when it is no key; store_unavailable when others could have read it */
export function readSigningKey(path: string): SigningKey {
  const pem = readPrivateFile(path);
  if (pem === null) throw missing(path);
  return signingKeyOf(pem);
}

/** @throws {KmError} not_found; not_trusted when it is no public key; store_unavailable when it cannot be read */
export function readPublisherKey(path: string): PublisherKey {
  let pem: string;
  try {
    const { isFile, size } = Deno.statSync(path);
    pem = isFile && size <= MAX_KEY_BYTES ? Deno.readTextFileSync(path) : "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw missing(path);
    throw unreadable("read", path, error);
  }
  return publisherKeyOfPem(pem);
}

function missing(path: string): KmError {
  return new KmError("not_found", `Cannot read key "${path}": there is no such file`, {
    hint: '"km plugins keygen" makes one',
  });
}

function unreadable(what: "read" | "write", path: string, cause: unknown): KmError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new KmError("store_unavailable", `Cannot ${what} key "${path}": ${reason}`, { cause });
}
