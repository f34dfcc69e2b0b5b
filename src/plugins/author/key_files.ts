/** A publisher's key in files: the private half for its owner alone, the public one for everybody. @module */
import { KmError } from "../../core/error.ts";
import { createPrivateFile, readPrivateFile } from "../../proc/private_file.ts";
import {
  generateKey,
  publicKeyPem,
  type PublisherKey,
  publisherKeyOfPem,
  type SigningKey,
  signingKeyOf,
} from "../package/signature.ts";

/** Names of algorithms as they are typed. */
export const KEY_KINDS = ["ed25519", "rsa"] as const;
export type KeyKind = typeof KEY_KINDS[number];

/** No key file is longer. */
const MAX_KEY_BYTES = 64 * 1024;

/** Where the public half of the key in `path` lies. */
export function publicPath(path: string): string {
  return `${path}.pub`;
}

/**
 * Makes a key and writes both halves, neither over anything that is there.
 * @throws {KmError} usage when there is a file already; store_unavailable
 */
export async function createKeyFiles(path: string, kind: KeyKind): Promise<PublisherKey> {
  for (const file of [path, publicPath(path)]) {
    if (await exists(file)) throw taken(file);
  }
  const key = await generateKey(kind === "rsa" ? "RSA-PSS-4096" : "Ed25519");
  if (!createPrivateFile(path, key.privateKeyPem)) throw taken(path);
  try {
    await Deno.writeTextFile(publicPath(path), publicKeyPem(key.publicKey), { createNew: true });
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw taken(publicPath(path));
    throw new KmError(
      "store_unavailable",
      `Cannot write "${publicPath(path)}": ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  }
  return key.publicKey;
}

/** The key to sign with. @throws {KmError} usage for a public half, not_found, store_unavailable when others can read it, not_trusted when it is none */
export function readSigningKey(path: string): SigningKey {
  if (isPublicHalf(path)) {
    throw new KmError("usage", `Cannot sign with "${path}": it is the public half of a key`, {
      hint: `a key signs with its private half${
        path.endsWith(".pub") ? `: --key ${path.slice(0, -".pub".length)}` : ""
      }`,
    });
  }
  const text = readPrivateFile(path);
  if (text === null) throw missing(path);
  return signingKeyOf(text);
}

/** The key to verify with, from its public half or from both. @throws {KmError} as `readSigningKey` */
export async function readPublisherKey(path: string): Promise<PublisherKey> {
  const text = await readSmallFile(path);
  return text.includes("PUBLIC KEY") ? publisherKeyOfPem(text) : readSigningKey(path).publicKey;
}

/** Looked at first: to a reader of private files it would be one that others can read, to be made private or anew. */
function isPublicHalf(path: string): boolean {
  try {
    const { isFile, size } = Deno.statSync(path);
    return isFile && size <= MAX_KEY_BYTES &&
      Deno.readTextFileSync(path).includes("-----BEGIN PUBLIC KEY-----");
  } catch {
    return false; // What is wrong with it, its reader says.
  }
}

async function readSmallFile(path: string): Promise<string> {
  try {
    const { isFile, size } = await Deno.stat(path);
    if (isFile && size <= MAX_KEY_BYTES) return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw missing(path);
    throw new KmError("store_unavailable", `Cannot read "${path}": ${(error as Error).message}`, {
      cause: error,
    });
  }
  throw new KmError("not_trusted", `Cannot use the key: "${path}" is no file of a key`);
}

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}

function taken(path: string): KmError {
  return new KmError("usage", `"${path}" is there already, and a key is never written over another`, {
    hint: "whoever trusts the old key knows nothing of a new one; name another file to have both",
  });
}

function missing(path: string): KmError {
  return new KmError("not_found", `There is no key "${path}"`, { hint: '"km plugins keygen" makes one' });
}
