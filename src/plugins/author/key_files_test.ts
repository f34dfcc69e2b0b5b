/** Keys on the disk. @module */
import assert from "node:assert/strict";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { testPublisher } from "../../../tests/fakes/plugin_packages.ts";
import { testUnless, unlessOs } from "../../../tests/skip.ts";
import { verifies } from "../../../tests/verifies.ts";
import { KmError } from "../../core/error.ts";
import { createKeyFiles, publicPath, readPublisherKey, readSigningKey } from "./key_files.ts";

/** The code of what is thrown. */
async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof KmError, String(error));
    assert.doesNotMatch(error.message, /BEGIN/, "nothing of a key is echoed");
    return error.code;
  }
  return "none";
}

Deno.test("createKeyFiles() writes both halves, and neither over another", async () => {
  verifies("kmpkg-signature");
  using folder = new TempFolder();
  const path = `${folder.path}/acme.key`;
  const key = await createKeyFiles(path, "ed25519");
  assert.deepEqual(readSigningKey(path).publicKey, key);
  assert.deepEqual(await readPublisherKey(publicPath(path)), key);
  assert.deepEqual(await readPublisherKey(path), key, "of its private half, too");
  assert.doesNotMatch(Deno.readTextFileSync(publicPath(path)), /PRIVATE/);
  const files = () => [path, publicPath(path)].map((file) => Deno.readTextFileSync(file));
  const before = files();
  assert.equal(await refusal(() => createKeyFiles(path, "ed25519")), "usage");
  assert.deepEqual(files(), before);
  Deno.removeSync(path);
  assert.equal(await refusal(() => createKeyFiles(path, "ed25519")), "usage");
  assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
});

Deno.test("readSigningKey() and readPublisherKey() say what is missing and what is no key", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/acme.key`;
  assert.equal(await refusal(() => readSigningKey(path)), "not_found");
  assert.equal(await refusal(() => readPublisherKey(path)), "not_found");
  Deno.writeTextFileSync(path, "no key", { mode: 0o600 });
  assert.equal(await refusal(() => readSigningKey(path)), "not_trusted");
  assert.equal(await refusal(() => readPublisherKey(path)), "not_trusted");
  assert.equal(await refusal(() => readPublisherKey(folder.path)), "not_trusted");
  // Something of a key is left, but no key.
  const { privateKeyPem } = await testPublisher();
  Deno.writeTextFileSync(path, privateKeyPem.slice(0, -40), { mode: 0o600 });
  assert.equal(await refusal(() => readSigningKey(path)), "not_trusted");
});

testUnless(
  unlessOs("linux", "darwin"),
  "readSigningKey() refuses a key that others could have read, and one behind a link",
  async () => {
    verifies("kmpkg-signature");
    using folder = new TempFolder();
    const path = `${folder.path}/acme.key`;
    await createKeyFiles(path, "ed25519");
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    for (const mode of [0o640, 0o604, 0o644]) {
      Deno.chmodSync(path, mode);
      assert.equal(await refusal(() => readSigningKey(path)), "store_unavailable", mode.toString(8));
    }
    Deno.chmodSync(path, 0o600);
    Deno.symlinkSync(path, `${path}.link`);
    assert.equal(await refusal(() => readSigningKey(`${path}.link`)), "store_unavailable");
  },
);
