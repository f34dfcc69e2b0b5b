/** Keys on the disk. @module */
import assert from "node:assert/strict";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { testPublisher } from "../../../tests/fakes/plugin_packages.ts";
import { testUnless, unlessOs } from "../../../tests/skip.ts";
import { verifies } from "../../../tests/verifies.ts";
import { KmError } from "../../core/error.ts";
import { createKeyFiles, publicKeyPath, readPublisherKey, readSigningKey } from "./key_file.ts";

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof KmError, String(error));
    return error.code;
  }
  return "none";
}

Deno.test("createKeyFiles() writes both halves, and never over another key", async () => {
  verifies("kmpkg-signature");
  using folder = new TempFolder();
  const [path, key] = [`${folder.path}/acme.key`, await testPublisher()];
  createKeyFiles(path, key);
  assert.deepEqual(readSigningKey(path), key);
  assert.deepEqual(readPublisherKey(publicKeyPath(path)), key.publicKey);
  assert.throws(() => createKeyFiles(path, key), /there is a file of this name/);
  assert.doesNotMatch(Deno.readTextFileSync(publicKeyPath(path)), /PRIVATE/);
});

Deno.test("readSigningKey() and readPublisherKey() say what is missing and what is no key", async () => {
  using folder = new TempFolder();
  const path = `${folder.path}/acme.key`;
  assert.equal(codeOf(() => readSigningKey(path)), "not_found");
  assert.equal(codeOf(() => readPublisherKey(path)), "not_found");
  Deno.writeTextFileSync(path, "no key", { mode: 0o600 });
  assert.equal(codeOf(() => readSigningKey(path)), "not_trusted");
  assert.equal(codeOf(() => readPublisherKey(path)), "not_trusted");
  assert.equal(codeOf(() => readPublisherKey(folder.path)), "not_trusted");
  const key = await testPublisher();
  // The private half in the place of the public one is not echoed.
  Deno.writeTextFileSync(path, key.privateKeyPem);
  assert.throws(() => readPublisherKey(path), (error: Error) => !error.message.includes("PRIVATE"));
});

testUnless(
  unlessOs("linux", "darwin"),
  "readSigningKey() refuses a key that others could have read",
  async () => {
    verifies("kmpkg-signature");
    using folder = new TempFolder();
    const path = `${folder.path}/acme.key`;
    createKeyFiles(path, await testPublisher());
    assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o600);
    for (const mode of [0o640, 0o604, 0o644]) {
      Deno.chmodSync(path, mode);
      assert.equal(codeOf(() => readSigningKey(path)), "store_unavailable", mode.toString(8));
    }
    Deno.chmodSync(path, 0o600);
    Deno.symlinkSync(path, `${path}.link`);
    assert.equal(codeOf(() => readSigningKey(`${path}.link`)), "store_unavailable");
  },
);
