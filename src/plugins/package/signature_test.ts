/** Keys of publishers, and what they sign. @module */
import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from "node:crypto";
import { encode } from "../../../tests/fakes/random.ts";
import { flipped, joined } from "../../../tests/fakes/raw_archive.ts";
import { strangePublisher, testPackage, testPublisher } from "../../../tests/fakes/plugin_packages.ts";
import { verifies } from "../../../tests/verifies.ts";
import { openPackage, signPackage, verifyPackage } from "./package.ts";
import {
  ALGORITHMS,
  fingerprint,
  generateKey,
  isSignedBy,
  publicKeyPem,
  publisherKeyOf,
  publisherKeyOfPem,
  signingKeyOf,
  signManifest,
} from "./signature.ts";
import { readSignatures, writeSignatures } from "./signatures_file.ts";

const MANIFEST = encode('{"name":"quiet"}\n');

for (const alg of ALGORITHMS) {
  Deno.test(`signManifest() and isSignedBy() prove exact bytes by ${alg}`, async () => {
    verifies("kmpkg-signature");
    const key = await generateKey(alg);
    assert.equal(key.publicKey.alg, alg);
    assert.deepEqual(signingKeyOf(key.privateKeyPem), key);
    assert.deepEqual(publisherKeyOfPem(publicKeyPem(key.publicKey)), key.publicKey);
    const signature = await signManifest(MANIFEST, key);
    assert.ok(await isSignedBy(MANIFEST, signature, key.publicKey));
    assert.ok(!await isSignedBy(joined([MANIFEST, encode(" ")]), signature, key.publicKey));
    assert.ok(!await isSignedBy(flipped(MANIFEST, 3), signature, key.publicKey));
    assert.ok(!await isSignedBy(MANIFEST, flipped(signature, 20), key.publicKey));
    assert.ok(!await isSignedBy(MANIFEST, signature.slice(1), key.publicKey));
    assert.ok(!await isSignedBy(MANIFEST, signature, (await strangePublisher()).publicKey));
    // A whole package, of either kind of key.
    const opened = openPackage(await signPackage(testPackage(), key));
    await verifyPackage(opened, key.publicKey);
  });
}

Deno.test("signManifest() puts its domain before the bytes, as anybody else can check", async () => {
  verifies("kmpkg-signature");
  const key = await testPublisher();
  const signature = await signManifest(MANIFEST, key);
  const publicKey = createPublicKey(publicKeyPem(key.publicKey));
  assert.ok(verify(null, joined([encode("km-plugin-manifest-v1\0"), MANIFEST]), publicKey, signature));
  // What the same key signed elsewhere is no signature of a package.
  const elsewhere = new Uint8Array(sign(null, MANIFEST, createPrivateKey(key.privateKeyPem)));
  assert.ok(!await isSignedBy(MANIFEST, elsewhere, key.publicKey));
});

Deno.test("isSignedBy() with RSA takes PSS with SHA-256 and 32 bytes of salt, and nothing else of the same key", async () => {
  verifies("kmpkg-signature");
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 4096 });
  const key = signingKeyOf(String(privateKey.export({ type: "pkcs8", format: "pem" })));
  assert.equal(key.publicKey.alg, "RSA-PSS-4096");
  const bytes = joined([encode("km-plugin-manifest-v1\0"), MANIFEST]);
  const pkcs1 = new Uint8Array(sign("sha256", bytes, privateKey));
  assert.ok(!await isSignedBy(MANIFEST, pkcs1, key.publicKey), "PKCS #1 v1.5");
  assert.ok(await isSignedBy(MANIFEST, await signManifest(MANIFEST, key), key.publicKey));
});

Deno.test("isSignedBy() believes a key's bytes and not what is written beside them", async () => {
  verifies("kmpkg-signature");
  const key = await testPublisher();
  const signature = await signManifest(MANIFEST, key);
  const { spki } = (await strangePublisher()).publicKey;
  assert.ok(!await isSignedBy(MANIFEST, signature, { ...key.publicKey, id: "a".repeat(64) }));
  assert.ok(!await isSignedBy(MANIFEST, signature, { ...key.publicKey, spki }));
});

Deno.test("publisherKeyOf() takes Ed25519 and RSA of 4096 bits, and no other key or spelling", async () => {
  verifies("kmpkg-signature");
  const { spki } = (await testPublisher()).publicKey;
  const others = [
    generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey,
    generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey,
    generateKeyPairSync("x25519").publicKey,
  ].map((key) => key.export({ type: "spki", format: "der" }).toString("base64"));
  // The last letter of base64 has bits that say nothing.
  const spelled = spki.replace(
    /(.)=$/,
    (_, last: string) => `${String.fromCharCode(last.charCodeAt(0) + 1)}=`,
  );
  for (
    const text of [
      "",
      "x",
      "????",
      spki.slice(4),
      spki + "AAAA",
      ` ${spki}`,
      spki.replace(/=+$/, ""),
      ...others,
    ]
  ) {
    assert.throws(() => publisherKeyOf(text), /Cannot use the key: it is no key of Ed25519 or of RSA/, text);
  }
  if (spelled !== spki) assert.throws(() => publisherKeyOf(spelled), /Cannot use the key/);
  for (
    const pem of ["", "x", publicKeyPem((await testPublisher()).publicKey).replaceAll("PUBLIC", "PRIVATE")]
  ) {
    assert.throws(() => publisherKeyOfPem(pem), /it is no public key in PEM/);
    assert.throws(() => signingKeyOf(pem), /it is no private key in PKCS#8 PEM/);
  }
});

Deno.test("publisherKeyOf() refuses keys with which anybody can sign", async () => {
  verifies("kmpkg-signature", "refuse-wrong-key");
  const spkiOf = (hex: string) => Uint8Array.fromHex(`302a300506032b6570032100${hex}`);
  for (const point of ["01" + "00".repeat(31), "00".repeat(31) + "80", "ec" + "ff".repeat(30) + "7f"]) {
    const spki = spkiOf(point).toBase64();
    assert.throws(() => publisherKeyOf(spki), /Cannot use the key: anybody can sign with it/);
    assert.throws(
      () => publisherKeyOfPem(publicKeyPem({ id: "", alg: "Ed25519", spki })),
      /anybody can sign/,
    );
  }
  // Why: the library itself takes the signature that needs no key. When it no longer does, the list may go.
  const identity = spkiOf("01" + "00".repeat(31));
  const key = await crypto.subtle.importKey("spki", identity, "Ed25519", false, ["verify"]);
  const forged = new Uint8Array(64);
  forged[0] = 1;
  assert.ok(await crypto.subtle.verify("Ed25519", key, forged, MANIFEST));
});

Deno.test("fingerprint() is the whole id in groups of four", async () => {
  const { publicKey } = await testPublisher();
  const text = fingerprint(publicKey);
  assert.match(text, /^[0-9a-f]{4}( [0-9a-f]{4}){15}$/);
  assert.equal(text.replaceAll(" ", ""), publicKey.id);
});

Deno.test("readSignatures() reads what writeSignatures() writes, and no other spelling of it", async () => {
  verifies("refuse-tampered");
  const key = (await testPublisher()).publicKey;
  const signature = { key, signature: new Uint8Array(64) };
  const bytes = writeSignatures([signature]);
  assert.deepEqual(readSignatures(bytes), [signature]);
  const text = new TextDecoder().decode(bytes);
  const [entry = ""] = /\{[^}]*\}/.exec(text) ?? [];
  const wrong: Readonly<Record<string, RegExp>> = {
    "": /it is no JSON/,
    "{}": /it is no list/,
    "[]": /it lists 0 signatures/,
    "[7]": /an entry of it is not a key and a signature/,
    [`[${entry},${entry}]`]: /it lists a key twice/,
    [text.trim()]: /it is not written as km writes it/,
    [`${text} `]: /it is not written as km writes it/,
    [text.replace('"signature"', '"alg": "none", "signature"')]: /it is not written as km writes it/,
    [text.replace(/"signature": ".{4}/, '"signature": "????')]: /a signature in it is no base64/,
    [text.replace(/"publicKey": ".{4}/, '"publicKey": "AAAA')]:
      /a key in it is none that packages are signed with/,
    [text.replace(key.id, "0".repeat(64))]: /it gives a key of another name as "0000/,
  };
  for (const [other, said] of Object.entries(wrong)) {
    assert.throws(() => readSignatures(encode(other)), said, other);
  }
});
