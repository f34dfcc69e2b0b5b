/**
 * Who made a package? Publishers' keys, and signatures over the exact bytes of a manifest.
 *
 * Which algorithm a signature is of follows from the key, never from the package: a key is the one that was pinned, and what kind it is stands
 * in its own encoding.
 * @see RFC 8032 (Ed25519); RFC 8017, section 8.1 (RSASSA-PSS); RFC 5280, section 4.1 (SubjectPublicKeyInfo)
 * @module
 */
import { Buffer } from "node:buffer";
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { KmError } from "../../core/error.ts";

export const ALGORITHMS = ["Ed25519", "RSA-PSS-4096"] as const;
export type Algorithm = typeof ALGORITHMS[number];

/** The public half of a publisher's key. */
export interface PublisherKey {
  /** SHA-256 of `spki`'s bytes, in hex. */
  readonly id: string;
  readonly alg: Algorithm;
  /** SubjectPublicKeyInfo in DER, in base64. */
  readonly spki: string;
}

/** A publisher's key with its private half. */
export interface SigningKey {
  readonly publicKey: PublisherKey;
  /** PKCS#8 in PEM. */
  readonly privateKeyPem: string;
}

/** What a package says of one signature: the key is there so that it can be compared and pinned on first use. */
export interface PackageSignature {
  readonly key: PublisherKey;
  readonly signature: Uint8Array<ArrayBuffer>;
}

/** What is signed. It stands before the signed bytes, so that a signature of one thing is none of another. */
export type SignedThing = "manifest" | "registry" | "roots";

const RSA: RsaHashedKeyGenParams = {
  name: "RSA-PSS",
  modulusLength: 4096,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash: "SHA-256",
};
const SALT_BYTES = 32;
const SIGNATURE_BYTES: Readonly<Record<Algorithm, number>> = { "Ed25519": 64, "RSA-PSS-4096": 512 };

/** The first and last bytes of the only two forms of key that there are: curve and length, exponent 65537. */
const FORMS: Readonly<
  Record<Algorithm, { readonly head: string; readonly bytes: number; readonly tail: string }>
> = {
  "Ed25519": { head: "302a300506032b6570032100", bytes: 44, tail: "" },
  "RSA-PSS-4096": {
    head: "30820222300d06092a864886f70d01010105000382020f003082020a0282020100",
    bytes: 550,
    tail: "0203010001",
  },
};

/**
 * Points of Ed25519 of small order, without the sign: a signature that everybody can make is one "of" such a key, and Web Crypto takes it
 * (Deno 2.9.6). @see https://eprint.iacr.org/2020/1244
 */
const ANYBODYS: readonly string[] = [
  "00".repeat(32),
  "01" + "00".repeat(31),
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ec" + "ff".repeat(30) + "7f",
  "ed" + "ff".repeat(30) + "7f",
  "ee" + "ff".repeat(30) + "7f",
];

/** Makes a new key. RSA takes two seconds. */
export async function generateKey(alg: Algorithm): Promise<SigningKey> {
  const usages: KeyUsage[] = ["sign", "verify"];
  const pair = alg === "Ed25519"
    ? await crypto.subtle.generateKey(alg, true, usages)
    : await crypto.subtle.generateKey(RSA, true, usages);
  const pkcs8 = Buffer.from(await crypto.subtle.exportKey("pkcs8", (pair as CryptoKeyPair).privateKey))
    .toString("base64");
  const lines = pkcs8.match(/.{1,64}/g)?.join("\n") ?? "";
  const label = ["PRIVATE", "KEY"].join(" ");
  return signingKeyOf(`-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`);
}

/** The key whose private half this is. @throws {KmError} not_trusted when it is none that packages are signed with */
export function signingKeyOf(privateKeyPem: string): SigningKey {
  let spki: Buffer;
  try {
    createPrivateKey(privateKeyPem);
    spki = createPublicKey(privateKeyPem).export({ type: "spki", format: "der" });
  } catch (_error) {
    // Without its cause: that may hold a part of the key.
    throw refuseKey("it is no private key in PKCS#8 PEM");
  }
  return { publicKey: publisherKeyOf(spki.toString("base64")), privateKeyPem };
}

/** The key that `spki` (base64) is. @throws {KmError} not_trusted when it is none that packages are signed with */
export function publisherKeyOf(spki: string): PublisherKey {
  const der = decodeBase64(spki);
  const hex = der?.toHex() ?? "";
  const alg = ALGORITHMS.find((one) => {
    const { head, bytes, tail } = FORMS[one];
    return der?.length === bytes && hex.startsWith(head) && hex.endsWith(tail);
  });
  if (der === null || alg === undefined) throw refuseKey("it is no key of Ed25519 or of RSA with 4096 bits");
  if (alg === "Ed25519" && isAnybodys(der.subarray(-32))) throw refuseKey("anybody can sign with it");
  return { id: createHash("sha256").update(der).digest("hex"), alg, spki };
}

/** `point`: the 32 bytes of an Ed25519 key. */
function isAnybodys(point: Uint8Array<ArrayBuffer>): boolean {
  const unsigned = new Uint8Array(point);
  unsigned[31] = (unsigned[31] ?? 0) & 0x7f;
  return ANYBODYS.includes(unsigned.toHex());
}

/** The key as `openssl pkey -pubin` reads it. */
export function publicKeyPem({ spki }: PublisherKey): string {
  const lines = spki.match(/.{1,64}/g)?.join("\n") ?? "";
  return `-----BEGIN PUBLIC KEY-----\n${lines}\n-----END PUBLIC KEY-----\n`;
}

/** Reads what `publicKeyPem` writes. @throws {KmError} not_trusted */
export function publisherKeyOfPem(pem: string): PublisherKey {
  const body = /^\s*-----BEGIN PUBLIC KEY-----\s+([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(pem)
    ?.[1];
  if (body === undefined) throw refuseKey("it is no public key in PEM");
  return publisherKeyOf(body.replace(/\s/g, ""));
}

/** What two people read to each other: the whole id in groups of four. */
export function fingerprint({ id }: Pick<PublisherKey, "id">): string {
  return id.match(/.{4}/g)?.join(" ") ?? id;
}

/** Signs a manifest's exact bytes. */
export function signManifest(manifest: Uint8Array, key: SigningKey): Promise<Uint8Array<ArrayBuffer>> {
  return signBytes("manifest", manifest, key);
}

/** Signs exactly these bytes, as what they are. */
export async function signBytes(
  what: SignedThing,
  bytes: Uint8Array,
  { publicKey, privateKeyPem }: SigningKey,
): Promise<Uint8Array<ArrayBuffer>> {
  const der = createPrivateKey(privateKeyPem).export({ type: "pkcs8", format: "der" });
  const key = await crypto.subtle.importKey("pkcs8", new Uint8Array(der), importAs(publicKey), false, [
    "sign",
  ]);
  return new Uint8Array(await crypto.subtle.sign(signAs(publicKey), key, signedBytes(what, bytes)));
}

/** True when `signature` is one of exactly these bytes by `key`, with the algorithm of `key`. */
export async function isSignedBy(
  bytes: Uint8Array,
  signature: Uint8Array<ArrayBuffer>,
  key: PublisherKey,
  what: SignedThing = "manifest",
): Promise<boolean> {
  if (signature.length !== SIGNATURE_BYTES[key.alg]) return false;
  // A list of pinned keys lies on the disk: its words are not believed where the key itself says it.
  const { alg, id } = publisherKeyOf(key.spki);
  if (alg !== key.alg || id !== key.id) return false;
  const spki = Uint8Array.fromBase64(key.spki);
  const publicKey = await crypto.subtle.importKey("spki", spki, importAs(key), false, ["verify"]);
  return await crypto.subtle.verify(signAs(key), publicKey, signature, signedBytes(what, bytes));
}

function importAs({ alg }: PublisherKey) {
  return alg === "Ed25519" ? alg : { name: "RSA-PSS", hash: "SHA-256" };
}

function signAs({ alg }: PublisherKey) {
  return alg === "Ed25519" ? alg : { name: "RSA-PSS", saltLength: SALT_BYTES };
}

function signedBytes(what: SignedThing, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const domain = new TextEncoder().encode(`km-plugin-${what}-v1\0`);
  const all = new Uint8Array(domain.length + bytes.length);
  all.set(domain);
  all.set(bytes, domain.length);
  return all;
}

/** Null for what is not base64 to the last bit: one text for one value. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const bytes = Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
    return bytes.toBase64() === text ? bytes : null;
  } catch {
    return null;
  }
}

function refuseKey(state: string): KmError {
  return new KmError("not_trusted", `Cannot use the key: ${state}`, {
    hint: '"km plugins keygen" makes one',
  });
}
