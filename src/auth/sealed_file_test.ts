import assert from "node:assert/strict";
import { join } from "node:path";
import { verifies } from "../../tests/verifies.ts";
import { AuthCache, type AuthSubject, type CachedAuth } from "./auth_cache.ts";
import { makeSealKey, readSealed, readSealKey, type SealKey, writeSealed } from "./sealed_file.ts";

class Folder implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "km-sealed-" });
  at(name: string): string {
    return join(this.path, name);
  }
  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

const BOUND_TO = ["licence"];
const MODES = Deno.build.os !== "windows";

async function sealed(folder: Folder): Promise<{ readonly key: SealKey; readonly path: string }> {
  const key = await makeSealKey(folder.at("key"));
  const path = folder.at("file");
  await writeSealed(path, "the secret", { key, boundTo: BOUND_TO });
  return { key, path };
}

Deno.test("writeSealed() keeps text that only readSealed() of the same key and purpose gives back", async () => {
  verifies("tiers-sealed");
  using folder = new Folder();
  const { key, path } = await sealed(folder);
  assert.deepEqual(await readSealed(path, { key, boundTo: BOUND_TO }), { text: "the secret", refused: null });
  assert.doesNotMatch(Deno.readTextFileSync(path), /secret/);
  for (const boundTo of [[], ["licenc", "e"], ["licence", ""], ["auth", "licence"]]) {
    const { text, refused } = await readSealed(path, { key, boundTo });
    assert.equal(text, null);
    assert.match(
      refused ?? "",
      /file" counts as not there: it was changed, or it is the file of something else$/,
    );
  }
  assert.deepEqual(await readSealed(folder.at("none"), { key, boundTo: BOUND_TO }), {
    text: null,
    refused: null,
  });
});

Deno.test({
  name: "sealed files and their key are 0600",
  ignore: !MODES,
  fn: async () => {
    verifies("tiers-sealed");
    using folder = new Folder();
    const { path } = await sealed(folder);
    for (const file of [path, folder.at("key")]) assert.equal((Deno.statSync(file).mode ?? 0) & 0o777, 0o600);
  },
});

Deno.test("writeSealed() takes a new iv each time", async () => {
  verifies("tiers-sealed");
  using folder = new Folder();
  const { key, path } = await sealed(folder);
  const ivs = new Set<string>();
  for (let n = 0; n < 20; n++) {
    await writeSealed(path, "the secret", { key, boundTo: BOUND_TO });
    ivs.add(Deno.readTextFileSync(path).split(" ")[2] ?? "");
  }
  assert.equal(ivs.size, 20);
});

Deno.test("readSealed() refuses a file of which any bit was changed, any end cut off, or anything added", async () => {
  verifies("tiers-sealed");
  using folder = new Folder();
  const { key, path } = await sealed(folder);
  const bytes = Deno.readFileSync(path);
  const tampered = [
    ...Array.from(
      bytes,
      (_, at) => Array.from({ length: 8 }, (_, bit) => bytes.with(at, (bytes[at] as number) ^ 1 << bit)),
    ).flat(),
    ...Array.from(bytes, (_, length) => bytes.slice(0, length)),
    new Uint8Array([...bytes, 10]),
    new Uint8Array([10, ...bytes]),
  ];
  for (const [index, changed] of tampered.entries()) {
    Deno.writeFileSync(path, changed);
    const { text, refused } = await readSealed(path, { key, boundTo: BOUND_TO });
    assert.equal(text, null, `change ${index}`);
    assert.match(refused ?? "", /counts as not there/);
  }
  Deno.writeFileSync(path, bytes);
  assert.equal((await readSealed(path, { key, boundTo: BOUND_TO })).text, "the secret");
});

Deno.test("readSealed() refuses a file of another home, and one whose key is gone", async () => {
  verifies("tiers-sealed");
  using folder = new Folder();
  const { path } = await sealed(folder);
  const other = await makeSealKey(folder.at("other"));
  const reasons = [
    (await readSealed(path, { key: other, boundTo: BOUND_TO })).refused,
    (await readSealed(path, { key: null, boundTo: BOUND_TO })).refused,
  ];
  assert.match(reasons[0] ?? "", /it was sealed with another key, as of another home$/);
  assert.match(reasons[1] ?? "", /the key that it was sealed with is gone$/);
});

Deno.test({
  name: "readSealed() refuses what others could read, and links",
  ignore: !MODES,
  fn: async () => {
    verifies("tiers-sealed");
    using folder = new Folder();
    const { key, path } = await sealed(folder);
    Deno.symlinkSync(path, folder.at("link"));
    assert.match(
      (await readSealed(folder.at("link"), { key, boundTo: BOUND_TO })).refused ?? "",
      /it is a link/,
    );
    Deno.chmodSync(path, 0o640);
    assert.match(
      (await readSealed(path, { key, boundTo: BOUND_TO })).refused ?? "",
      /other users can read it/,
    );
    Deno.chmodSync(folder.at("key"), 0o644);
    await assert.rejects(readSealKey(folder.at("key")), { message: /other users can read it/ });
    await assert.rejects(makeSealKey(folder.at("key")), { message: /other users can read it/ });
  },
});

Deno.test("makeSealKey() of two at once makes one key, and refuses what is none", async () => {
  using folder = new Folder();
  const made = await Promise.all([makeSealKey(folder.at("key")), makeSealKey(folder.at("key"))]);
  assert.equal(made[0].id, made[1].id);
  for (const text of ["", "short", "A".repeat(43) + "=x", new Uint8Array(31).toBase64()]) {
    Deno.writeTextFileSync(folder.at("bad"), text, { mode: 0o600 });
    await assert.rejects(makeSealKey(folder.at("bad")), {
      code: "store_unavailable",
      message: /holds no key/,
    });
  }
});

const SUBJECT: AuthSubject = { plugin: "tool-guard", version: "1.0.0", keyId: "ab".repeat(32) };
const ANSWER: CachedAuth = {
  accepted: true,
  reason: "welcome",
  tier: "pro",
  customerId: "c-42",
  checkedAtS: 1_795_262_400,
};

Deno.test("AuthCache keeps an answer for one plugin, its version and the key that signed it", async () => {
  verifies("tiers-sealed");
  using folder = new Folder();
  await makeSealKey(folder.at("key"));
  const refused: string[] = [];
  const cache = await AuthCache.open(folder.at("auth"), folder.at("key"), (line) => refused.push(line));
  assert.equal(await cache.read(SUBJECT), null);
  await cache.write(SUBJECT, ANSWER);
  assert.deepEqual(await cache.read(SUBJECT), ANSWER);
  assert.deepEqual(refused, []);
  for (const changes of [{ version: "1.0.1" }, { keyId: "cd".repeat(32) }]) {
    assert.equal(await cache.read({ ...SUBJECT, ...changes }), null);
  }
  assert.equal(refused.length, 2);
  cache.remove(SUBJECT.plugin);
  cache.remove(SUBJECT.plugin);
  assert.equal(await cache.read(SUBJECT), null);
  assert.equal(refused.length, 2, "what is not there is not refused");
});

Deno.test("AuthCache refuses the file of another plugin in the place of one's own", async () => {
  verifies("tiers-sealed");
  using folder = new Folder();
  const key = await makeSealKey(folder.at("key"));
  const refused: string[] = [];
  const cache = new AuthCache(folder.at("auth"), key, (line) => refused.push(line));
  const other = { ...SUBJECT, plugin: "free-rider" };
  await cache.write(SUBJECT, ANSWER);
  await cache.write(other, { ...ANSWER, accepted: false });
  const [own, foreign] = [folder.at("auth/tool-guard"), folder.at("auth/free-rider")];
  Deno.renameSync(own, folder.at("auth/kept"));
  Deno.renameSync(foreign, own);
  Deno.renameSync(folder.at("auth/kept"), foreign);
  assert.deepEqual([await cache.read(SUBJECT), await cache.read(other)], [null, null]);
  assert.equal(refused.length, 2);
  assert.match(refused[0] ?? "", /tool-guard" counts as not there: .* it is the file of something else$/);
});

Deno.test("AuthCache whose key was lost trusts nothing of before", async () => {
  verifies("tiers-sealed");
  using folder = new Folder();
  const key = await makeSealKey(folder.at("key"));
  await new AuthCache(folder.at("auth"), key).write(SUBJECT, ANSWER);
  Deno.removeSync(folder.at("key"));
  const refused: string[] = [];
  const cache = await AuthCache.open(folder.at("auth"), folder.at("key"), (line) => refused.push(line));
  assert.equal(await cache.read(SUBJECT), null);
  assert.match(refused.join(), /it was sealed with another key/);
  await cache.write(SUBJECT, ANSWER);
  assert.deepEqual(await cache.read(SUBJECT), ANSWER);
});

Deno.test("AuthCache whose key cannot be trusted keeps nothing and trusts nothing", async () => {
  verifies("tiers-sealed");
  using folder = new Folder();
  await new AuthCache(folder.at("auth"), await makeSealKey(folder.at("key"))).write(SUBJECT, ANSWER);
  Deno.writeTextFileSync(folder.at("key"), "no key");
  const refused: string[] = [];
  const cache = await AuthCache.open(folder.at("auth"), folder.at("key"), (line) => refused.push(line));
  assert.equal(await cache.read(SUBJECT), null);
  assert.match(refused.join(), /holds no key.*the key that it was sealed with is gone/);
  await cache.write({ ...SUBJECT, plugin: "other" }, ANSWER);
  assert.deepEqual([...Deno.readDirSync(folder.at("auth"))].map(({ name }) => name), ["tool-guard"]);
});
