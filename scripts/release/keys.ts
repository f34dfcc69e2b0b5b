/**
 * The keys that releases are signed with: Ed25519, private ones as PKCS#8 PEM outside of the repository, public ones in `keys.json`.
 * @module
 */
import { Buffer } from "node:buffer";
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
} from "node:crypto";
import { fileURLToPath } from "node:url";
import { KmError } from "../../src/core/error.ts";
import type { ReleaseKey } from "../../src/update/release_key.ts";
import { readSshsig, sshSignedData, sshsigText } from "./sshsig.ts";

/** Public keys of the project: the one in use, then the one that replaces it. */
export const KEYS_FILE: string = fileURLToPath(new URL("keys.json", import.meta.url));

/** A key with its private half. */
export interface KeyPair {
  readonly key: ReleaseKey;
  readonly privateKeyPem: string;
}

/** The two texts that lie beside a signed file. */
export interface Signatures {
  /** For `<file>.sig`: key id, a space, base64 of the signature over the file's bytes, a line feed. */
  readonly sig: string;
  /** For `<file>.sshsig`: OpenSSH's armored form. */
  readonly sshsig: string;
}

/** Makes a new key. */
export function generateKey(): Promise<KeyPair> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const privateKeyPem = String(privateKey.export({ type: "pkcs8", format: "pem" }));
  return Promise.resolve({ key: publicKeyOf(privateKeyPem), privateKeyPem });
}

/** The public half of a private key. @throws {KmError} not_trusted when `pem` is no Ed25519 key */
export function publicKeyOf(pem: string): ReleaseKey {
  const bytes = Buffer.from(openPrivate(pem).public.export({ format: "jwk" }).x ?? "", "base64url");
  const publicKey = bytes.toString("base64");
  return { id: keyId(publicKey), publicKey };
}

/** The name of a key in signatures. @see ReleaseKey.id */
export function keyId(publicKey: string): string {
  return createHash("sha256").update(keyBytes(publicKey)).digest("hex").slice(0, 16);
}

/** The 32 bytes of a public key in base64. */
export function keyBytes(publicKey: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(publicKey, "base64"));
}

/** The public key in the form that `openssl pkeyutl -pubin -inkey` reads. */
export function publicKeyPem({ publicKey }: ReleaseKey): string {
  return String(openPublic(publicKey).export({ type: "spki", format: "pem" }));
}

/** Reads a list of public keys. @throws {KmError} not_trusted when it is not one, or when an id is not the one of its key */
export async function readKeys(path: string = KEYS_FILE): Promise<ReleaseKey[]> {
  const refuse = (state: string) => new KmError("not_trusted", `Cannot use the keys in "${path}": ${state}`);
  let list: unknown;
  try {
    list = JSON.parse(await Deno.readTextFile(path));
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause));
  }
  if (!Array.isArray(list)) throw refuse("it is no list");
  return list.map((entry: Partial<ReleaseKey> | null) => {
    const { id, publicKey } = entry ?? {};
    if (typeof publicKey !== "string" || !/^[A-Za-z0-9+/]{43}=$/.test(publicKey)) {
      throw refuse("a public key is 32 bytes in base64");
    }
    if (id !== keyId(publicKey)) throw refuse(`the id of ${publicKey} is ${keyId(publicKey)}, not ${id}`);
    return { id, publicKey };
  });
}

/** Signs bytes. Two signatures of the same bytes with one key are the same (RFC 8032, section 5.1.6). */
export function signBytes(bytes: Uint8Array, privateKeyPem: string): Signatures {
  const { key, private: privateKey } = { key: publicKeyOf(privateKeyPem), ...openPrivate(privateKeyPem) };
  const sig = sign(null, bytes, privateKey).toString("base64");
  const ssh = new Uint8Array(sign(null, sshSignedData(bytes), privateKey));
  return { sig: `${key.id} ${sig}\n`, sshsig: sshsigText(keyBytes(key.publicKey), ssh) };
}

/** Signs a file: writes `<path>.sig` and `<path>.sshsig`. */
export async function signFile(path: string, privateKeyPem: string): Promise<void> {
  const { sig, sshsig } = signBytes(await Deno.readFile(path), privateKeyPem);
  await Deno.writeTextFile(`${path}.sig`, sig);
  await Deno.writeTextFile(`${path}.sshsig`, sshsig);
}

/** Says why the two signatures do not prove `bytes`, or null when both do, made by one of `keys`. */
export function refuseSignatures(
  bytes: Uint8Array,
  { sig, sshsig }: Signatures,
  keys: readonly ReleaseKey[],
): string | null {
  const [, id, base64] = /^([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)\n$/.exec(sig) ?? [];
  if (id === undefined || base64 === undefined) return "its .sig is not a signature";
  const key = keys.find((known) => known.id === id);
  if (!key) return `key ${id} is not one of the release keys`;
  const publicKey = openPublic(key.publicKey);
  if (!verify(null, bytes, publicKey, Buffer.from(base64, "base64"))) return "its .sig is of other bytes";
  const ssh = readSshsig(sshsig, keyBytes(key.publicKey));
  if (!ssh) return `its .sshsig is not a signature of key ${id}`;
  return verify(null, sshSignedData(bytes), publicKey, ssh) ? null : "its .sshsig is of other bytes";
}

function openPrivate(pem: string) {
  try {
    const privateKey = createPrivateKey(pem);
    if (privateKey.asymmetricKeyType !== "ed25519") {
      throw new TypeError(`it is ${privateKey.asymmetricKeyType}`);
    }
    return { private: privateKey, public: createPublicKey(pem) };
  } catch (cause) {
    // The message of `cause` stays out: it may hold a part of the key.
    throw new KmError(
      "not_trusted",
      "Cannot read the release key: it is no Ed25519 private key in PKCS#8 PEM",
      {
        hint: `"deno run -A scripts/release.ts keygen" makes one`,
        cause,
      },
    );
  }
}

function openPublic(publicKey: string) {
  const x = Buffer.from(publicKey, "base64").toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
}
