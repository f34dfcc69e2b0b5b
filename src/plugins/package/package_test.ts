/** What a package is, and all that is none. @module */
import assert from "node:assert/strict";
import { encode, freshSeed, seededRandom } from "../../../tests/fakes/random.ts";
import {
  CODE,
  signedPackage,
  strangePublisher,
  testManifest,
  testPackage,
  testPublisher,
} from "../../../tests/fakes/plugin_packages.ts";
import { flipped, joined } from "../../../tests/fakes/raw_archive.ts";
import {
  malformedPackages,
  type RefusedPackage,
  unbelievablePackages,
} from "../../../tests/fakes/refused_packages.ts";
import { verifies } from "../../../tests/verifies.ts";
import { KmError } from "../../core/error.ts";
import { MAX_PACKAGE_BYTES, readArchive, writeArchive } from "./archive.ts";
import { buildPackage, openPackage, signPackage, verifyPackage } from "./package.ts";
import { publisherKeyOf, type SigningKey } from "./signature.ts";

const decode = (bytes: Uint8Array | null) => bytes === null ? null : new TextDecoder().decode(bytes);

/** Opens and proves; returns what was thrown, in one line; null when nothing was. */
async function refusal(bytes: Uint8Array<ArrayBuffer>, { publicKey }: SigningKey): Promise<string | null> {
  try {
    await verifyPackage(openPackage(bytes), publicKey);
    return null;
  } catch (error) {
    assert.ok(error instanceof KmError, String(error));
    assert.equal(error.code, "not_trusted");
    assert.ok(error.hint, "a hint belongs to it");
    return error.message;
  }
}

Deno.test("openPackage() gives back what buildPackage() and signPackage() were given", async () => {
  verifies("kmpkg-format", "kmpkg-manifest");
  const key = await testPublisher();
  const opened = openPackage(await signedPackage(key));
  const { files, ...rest } = opened.manifest;
  assert.deepEqual(rest, testManifest());
  assert.deepEqual(Object.keys(files), ["plugin.js", "README.md", "LICENSE"]);
  assert.equal(decode(opened.code), CODE);
  assert.equal(decode(opened.readme), "# quiet\n");
  assert.equal(decode(opened.license), "MIT\n");
  assert.match(opened.manifestSha256, /^[0-9a-f]{64}$/);
  assert.deepEqual(opened.signatures.map((one) => one.key), [key.publicKey]);
  await verifyPackage(opened, key.publicKey);
});

Deno.test("buildPackage() makes the same bytes of the same parts, which tar reads as well", () => {
  verifies("kmpkg-format");
  assert.deepEqual(testPackage(), testPackage());
  const bytes = testPackage();
  assert.equal(bytes.length % 512, 0);
  assert.equal(decode(bytes.subarray(257, 265)), "ustar\x0000");
  const files = readArchive(bytes);
  assert.deepEqual([...files.keys()], ["manifest.json", "plugin.js", "README.md", "LICENSE"]);
  assert.deepEqual(writeArchive(files), bytes);
});

Deno.test("openPackage() gives back any files, and there is one way only to write them", () => {
  verifies("kmpkg-format");
  const seed = freshSeed();
  const random = seededRandom(seed);
  const textOf = () => encode("é\0\n".repeat(Math.floor(random() * random() * 2000)));
  for (let round = 0; round < 200; round++) {
    const parts = {
      manifest: testManifest({ releaseSequence: 1 + Math.floor(random() * 1e9) }),
      code: encode(`//${"x".repeat(Math.floor(random() * 1100))}`),
      readme: random() < 0.5 ? null : textOf(),
      license: random() < 0.5 ? null : textOf(),
    };
    const bytes = buildPackage(parts);
    const { manifest, ...opened } = openPackage(bytes);
    assert.equal(manifest.releaseSequence, parts.manifest.releaseSequence, `seed ${seed}`);
    for (const name of ["code", "readme", "license"] as const) {
      assert.deepEqual(opened[name], parts[name], `seed ${seed}, round ${round}, ${name}`);
    }
    assert.deepEqual(writeArchive(readArchive(bytes)), bytes, `seed ${seed}, round ${round}`);
  }
});

Deno.test("buildPackage() makes nothing that openPackage() refuses", () => {
  const parts = { manifest: testManifest(), code: new Uint8Array([32]), readme: null, license: null };
  const wrong = { ...parts, manifest: testManifest({ version: "one" }) };
  assert.throws(() => buildPackage(wrong), /version is "one", and must be a semantic version/);
  const most = { ...parts, code: new Uint8Array(4 * 1024 * 1024 + 1).fill(32) };
  assert.throws(() => buildPackage(most), /"plugin\.js" is said to be larger than/);
  assert.throws(() => buildPackage({ ...parts, code: new Uint8Array([0xc0]) }), /is no text in UTF-8/);
  const all = { ...parts, code: new Uint8Array(4 * 1024 * 1024).fill(32) };
  assert.equal(openPackage(buildPackage(all)).code.length, 4 * 1024 * 1024);
  assert.ok(MAX_PACKAGE_BYTES > buildPackage(all).length);
});

Deno.test("signPackage() keeps the signatures of others and replaces its own", async () => {
  verifies("kmpkg-signature");
  const [mine, other] = [await testPublisher(), await strangePublisher()];
  const once = await signPackage(testPackage(), mine);
  assert.deepEqual(await signPackage(once, mine), once, "Ed25519 makes the same signature again");
  const both = await signPackage(once, other);
  const opened = openPackage(both);
  assert.equal(opened.signatures.length, 2);
  await verifyPackage(opened, mine.publicKey);
  await verifyPackage(opened, other.publicKey);
  assert.deepEqual(await signPackage(await signPackage(testPackage(), other), mine), both);
});

/** Returns the messages. */
async function checkAll(packages: readonly RefusedPackage[], key: SigningKey): Promise<(string | null)[]> {
  const messages = await Promise.all(packages.map(({ bytes }) => refusal(bytes, key)));
  for (const [at, { name, said }] of packages.entries()) {
    assert.match(messages[at] ?? "it was accepted", said, name);
  }
  return messages;
}

Deno.test("openPackage() refuses what is no package, each with a message of its own", async () => {
  verifies(
    "kmpkg-format",
    "refuse-tampered",
    "refuse-duplicate",
    "refuse-extra",
    "refuse-link",
    "refuse-paths",
    "refuse-bomb",
    "refuse-sizes",
  );
  const key = await testPublisher();
  const packages = await malformedPackages(key);
  const messages = await checkAll(packages, key);
  assert.equal(new Set(messages).size, new Set(packages.map(({ said }) => said.source)).size);
});

Deno.test("verifyPackage() refuses packages of nobody, of others, and changed ones", async () => {
  verifies("refuse-unsigned", "refuse-wrong-key", "refuse-tampered", "kmpkg-signature");
  const key = await testPublisher();
  await checkAll(await unbelievablePackages(key, await strangePublisher()), key);
});

Deno.test("verifyPackage() takes the algorithm from the key that is pinned, not from the package", async () => {
  verifies("kmpkg-signature");
  const key = await testPublisher();
  const opened = openPackage(await signedPackage(key));
  const [signature] = opened.signatures;
  assert.ok(signature);
  // As if the pinned one were another kind of key.
  for (const pinned of [{ ...key.publicKey, alg: "RSA-PSS-4096" as const }]) {
    await assert.rejects(verifyPackage(opened, pinned), /was changed after it was signed/);
  }
  // The package's own words about a key are measured by its bytes.
  assert.equal(publisherKeyOf(signature.key.spki).alg, "Ed25519");
  const stranger = (await strangePublisher()).publicKey;
  await assert.rejects(
    verifyPackage({ ...opened, signatures: [{ ...signature, key: { ...stranger, id: key.publicKey.id } }] }, {
      ...stranger,
      id: key.publicKey.id,
    }),
    /was changed after it was signed/,
  );
});

Deno.test("openPackage() and verifyPackage() refuse every bit that is turned", async () => {
  verifies("refuse-tampered", "kmpkg-format");
  const key = await testPublisher();
  const good = await signedPackage(key);
  const random = seededRandom(5);
  for (let at = 0; at < good.length; at++) {
    const bit = 1 << Math.floor(random() * 8);
    assert.notEqual(await refusal(flipped(good, at, bit), key), null, `byte ${at}, bit ${bit}`);
  }
});

/** One change as a broken disk, a bad line or somebody without a plan makes it. */
function mutated(good: Uint8Array<ArrayBuffer>, random: () => number): Uint8Array<ArrayBuffer> {
  const below = (most: number) => Math.floor(random() * most);
  const [from, to] = [below(good.length), below(good.length)].sort((a, b) => a - b) as [number, number];
  switch (below(7)) {
    case 0:
      return good.slice(0, from);
    case 1:
      return joined([good.slice(0, from), good.slice(to)]);
    case 2:
      return joined([good.slice(0, to), good.slice(from)]);
    case 3:
      return joined([good, good.slice(from, to)]);
    case 4: {
      // Blocks of an archive, swapped or repeated.
      const block = below(good.length / 512) * 512;
      return joined([good.slice(0, block), good.slice(from & ~511, to & ~511), good.slice(block)]);
    }
    case 5:
      return new Uint8Array(good).fill(below(256), from, Math.min(to, from + 40));
    default: {
      const copy = new Uint8Array(good);
      for (let count = 1 + below(8); count > 0; count--) copy[below(copy.length)] = below(256);
      return copy;
    }
  }
}

Deno.test("openPackage() and verifyPackage() survive thousands of broken packages with clear errors", async () => {
  verifies("kmpkg-format", "refuse-tampered");
  const key = await testPublisher();
  const good = await signedPackage(key);
  const seed = freshSeed();
  const random = seededRandom(seed);
  for (let round = 0; round < 4000; round++) {
    const bytes = mutated(good, random);
    const isSame = bytes.length === good.length && bytes.every((byte, at) => byte === good[at]);
    assert.equal(await refusal(bytes, key) === null, isSame, `seed ${seed}, round ${round}`);
  }
});
