import assert from "node:assert/strict";
import { ROOT, runKm, TempFolder } from "../../tests/e2e/harness.ts";
import { missingProgram, testUnless, unlessOs } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import denoJson from "../../deno.json" with { type: "json" };
import { CheckoutCopy } from "./checkout_copy.ts";
import { sha256Of } from "./checksums.ts";
import { fakeRelease } from "./fake_release.ts";
import { generateKey, publicKeyOf } from "./keys.ts";

const VERSION = denoJson.version;
const TARGET = Deno.build.target;
const BASE = ["--base-url", "https://km.example/r", "--targets", TARGET];
const MISSING = missingProgram("git") ?? unlessOs("linux", "darwin");

/** A checkout that is ready: keys made and committed, a section in the changelog. Private keys lie in `<temp>/keys`. */
async function readyCheckout(temp: string): Promise<{ checkout: CheckoutCopy; inUse: string; next: string }> {
  const checkout = await CheckoutCopy.make(`${temp}/checkout`);
  await checkout.write("scripts/release/keys.json", "[]\n");
  await checkout.write("CHANGELOG.md", `# Changelog\n\n## ${VERSION}\n\nThe first.\n`);
  const { code, err } = await checkout.release(["keygen", "--out", `${temp}/keys`]);
  assert.equal(code, 0, err);
  await checkout.commit();
  const [inUse, next] = JSON.parse(await Deno.readTextFile(`${checkout.path}/scripts/release/keys.json`)) as [
    { id: string },
    { id: string },
  ];
  const path = (id: string) => `${temp}/keys/km-release-${id}.pem`;
  return { checkout, inUse: path(inUse.id), next: path(next.id) };
}

testUnless(
  MISSING,
  "release.ts keygen keeps private keys out of repositories, and never writes over a key",
  async () => {
    verifies("release-keys");
    using temp = new TempFolder();
    const { checkout, inUse, next } = await readyCheckout(temp.path);
    assert.equal((await Deno.stat(`${temp.path}/keys`)).mode, 0o40700);
    for (const path of [inUse, next]) {
      assert.equal((await Deno.stat(path)).mode, 0o100600);
      const pem = await Deno.readTextFile(path);
      assert.ok(path.endsWith(`km-release-${publicKeyOf(pem).id}.pem`));
      assert.ok(!(await checkout.history()).includes(pem.split("\n")[1] ?? ""));
    }

    const again = await checkout.release(["keygen", "--out", `${temp.path}/keys`]);
    assert.equal(again.code, 2);
    assert.match(again.err, /keys\.json" has some already\nkm: hint: --rotate/);
    for (
      const inside of [checkout.path, `${checkout.path}/../checkout/scripts`, `${checkout.path}/not/yet`]
    ) {
      const { code, err } = await checkout.release(["keygen", "--rotate", "--out", inside]);
      assert.equal(code, 2);
      assert.match(err, /Cannot put private keys into ".*": it lies in the repository/);
    }
    await Deno.symlink(checkout.path, `${temp.path}/link`);
    assert.equal((await checkout.release(["keygen", "--rotate", "--out", `${temp.path}/link/keys`])).code, 2);
    assert.equal(Array.from(Deno.readDirSync(`${temp.path}/keys`)).length, 2);
  },
);

testUnless(MISSING, "release.ts keygen --rotate lets the next key take over", async () => {
  verifies("release-keys");
  using temp = new TempFolder();
  const { checkout, next } = await readyCheckout(temp.path);
  const { code, out } = await checkout.release(["keygen", "--rotate", "--out", `${temp.path}/later`]);
  assert.equal(code, 0);
  const { id } = publicKeyOf(await Deno.readTextFile(next));
  assert.match(out, new RegExp(`^in use {2}${id} `));
  const keys = JSON.parse(await Deno.readTextFile(`${checkout.path}/scripts/release/keys.json`)) as {
    id: string;
  }[];
  const [made] = Array.from(Deno.readDirSync(`${temp.path}/later`), ({ name }) => name);
  assert.deepEqual(keys.map((key) => key.id), [id, made?.slice("km-release-".length, -".pem".length)]);
});

testUnless(MISSING, "release.ts build refuses a checkout that no release can be made of", async () => {
  verifies("release-files", "release-keys");
  using temp = new TempFolder();
  const { checkout, inUse } = await readyCheckout(temp.path);
  const out = `${temp.path}/dist`;
  const refused = async (flags: readonly string[], code: number, message: RegExp, env = {}) => {
    const ended = await checkout.release(["build", ...BASE, "--out", out, ...flags], env);
    assert.match(ended.err, message);
    assert.equal(ended.code, code, ended.err);
    assert.match(ended.err, /^km: error: [^\n]+\nkm: hint: [^\n]+\n$/);
  };
  await refused(["--key", inUse], 2, /Cannot sign: no --channels was given/);
  await Deno.mkdir(`${temp.path}/none`);
  const key = ["--key", inUse, "--channels", `${temp.path}/none`];
  await refused(
    [...key, "--tag", "v9.9.9"],
    2,
    /Cannot release tag "v9\.9\.9": the version in deno\.json is/,
  );
  await refused([], 2, /no release key was given/);
  const stranger = (await generateKey()).privateKeyPem;
  await refused([], 23, /Cannot sign with key [0-9a-f]{16}: it is none of the release keys/, {
    KM_RELEASE_KEY: stranger,
  });
  await refused([], 23, /it is no Ed25519 private key in PKCS#8 PEM/, { KM_RELEASE_KEY: "secret" });
  const open = `${temp.path}/open.pem`;
  await Deno.writeTextFile(open, await Deno.readTextFile(inUse), { mode: 0o644 });
  await refused(["--key", open], 23, /others may read it/);
  await refused([...key, "--valid-days", "1"], 2, /so old that its manifest would have expired/, {
    SOURCE_DATE_EPOCH: "1",
  });
  await Deno.mkdir(out);
  await Deno.writeTextFile(`${out}/old`, "");
  await refused(key, 2, /Cannot release into ".*": it is not empty/);
  await Deno.remove(`${out}/old`);

  await checkout.write("main.ts", "// changed\n");
  await refused(key, 2, /it has changes that are not committed \(1 files\)/);
  await checkout.write("scripts/release/keys.json", "[]\n");
  await refused([...key, "--allow-dirty"], 2, /there are no release keys/);
  await checkout.write("CHANGELOG.md", "# Changelog\n\n## Unreleased\n\n## 99.0.0\n");
  await refused([...key, "--allow-dirty"], 2, /CHANGELOG\.md has no section for it/);

  const kept = `${checkout.path}/kept.pem`;
  await Deno.copyFile(inUse, kept);
  const inside = await checkout.release(["renew", out, "--key", kept]);
  assert.equal(inside.code, 23);
  assert.match(inside.err, /Cannot use the key ".*kept\.pem": it lies in the repository/);
  assert.deepEqual(Array.from(Deno.readDirSync(out)), []);
});

testUnless(
  MISSING,
  "release.ts build, and build --unsigned with sign, make the same release, which verifies and runs",
  async () => {
    verifies("release-files", "release-keys");
    using temp = new TempFolder();
    const { checkout, inUse } = await readyCheckout(temp.path);
    const [first, second] = [`${temp.path}/first`, `${temp.path}/second`];
    const tag = ["--tag", `v${VERSION}`];
    await Deno.mkdir(`${temp.path}/none`);
    const key = ["--key", inUse, "--channels", `${temp.path}/none`];
    const built = await checkout.release(["build", ...BASE, ...tag, "--out", first, ...key]);
    assert.equal(built.code, 0, built.err);
    assert.match(built.out, /^left out: no km\.json: nothing was built for Windows$/m);
    const secret = await Deno.readTextFile(inUse);
    const unsigned = await checkout.release(["build", ...BASE, "--out", second, "--unsigned"]);
    assert.equal(unsigned.code, 0, unsigned.err);
    const elsewhere = await checkout.release(["sign", second, "--base-url", "https://km.example/s"]);
    assert.equal(elsewhere.code, 2);
    assert.match(elsewhere.err, /its km updates from "https:\/\/km\.example\/r"/);
    const env = { KM_RELEASE_KEY: secret };
    const signed = await checkout.release(
      // Over itself: a release that is made again changes nothing.
      ["sign", second, "--base-url", "https://km.example/r", ...tag, "--channels", first],
      env,
    );
    assert.equal(signed.code, 0, signed.err);
    const files = await hashesOf(first);
    assert.deepEqual(await hashesOf(second), files);
    assert.deepEqual(
      [...files.keys()].filter((name) => name.startsWith("km") || name.startsWith("install")),
      ["install.ps1", "install.sh", `km-${VERSION}-${TARGET}`, `km-${VERSION}.cdx.json`, "km.rb"],
    );
    for (const name of files.keys()) {
      const text = new TextDecoder("latin1").decode(await Deno.readFile(`${first}/${name}`));
      assert.ok(!text.includes(secret.split("\n")[1] ?? ""), `${name} holds the private key`);
    }

    const verified = await checkout.release(["verify", first]);
    assert.equal(verified.code, 0, verified.err);
    const { commit } = JSON.parse(await Deno.readTextFile(`${first}/stable.json`)) as { commit: string };
    assert.match(commit, /^[0-9a-f]{40}$/);
    const command = [`${first}/km-${VERSION}-${TARGET}`];
    const home = { HOME: temp.path, XDG_CACHE_HOME: `${ROOT}.cache/tests/xdg` };
    const ran = await runKm(["--version"], { home: temp.path, command, env: home });
    assert.match(ran.out, new RegExp(`^km ${VERSION.replaceAll(".", "\\.")}`), ran.err);
  },
);

testUnless(
  MISSING,
  "release.ts check says at once what would stop a release, and knows what is published",
  async () => {
    verifies("release-files", "release-keys");
    using temp = new TempFolder();
    const { checkout, inUse } = await readyCheckout(temp.path);
    const none = `${temp.path}/none`;
    await Deno.mkdir(none);
    const check = async (...flags: string[]) => {
      return await checkout.release(["check", "--base-url", "https://km.example/r", ...flags]);
    };
    const ready = await check("--unsigned", "--tag", `v${VERSION}`);
    assert.match(
      ready.out,
      /^\S+ can be released to https:\/\/km\.example\/r, of commit [0-9a-f]{40}\nrelease keys: /,
    );
    const keyed = await check("--key", inUse, "--channels", none);
    assert.match(keyed.out, /\nthe private key is the one in use\npublished now: nothing\n$/, keyed.err);
    assert.match((await check()).err, /no release key was given/);
    assert.match((await check("--unsigned", "--tag", "v9.9.9")).err, /Cannot release tag "v9\.9\.9"/);
    const { folder } = await fakeRelease(temp.path);
    const foreign = await check("--key", inUse, "--channels", folder);
    assert.equal(foreign.code, 23);
    assert.match(foreign.err, /^km: error: Cannot believe ".*\/beta\.json": key [0-9a-f]{16} is not one of/);
  },
);

testUnless(MISSING, "no file of the repository holds a private release key", async () => {
  verifies("release-keys");
  // A PKCS#8 Ed25519 key begins with these letters in base64.
  const args = ["grep", "--untracked", "-n", "-E", "MC4CAQAwBQYDK2VwBCI[A-Za-z0-9+/]{20}"];
  const { code, out } = await runKm(args, { home: "", command: ["git"], cwd: ROOT });
  assert.deepEqual([code, out], [1, ""]);
});

/** SHA-256 by file name. */
async function hashesOf(folder: string): Promise<Map<string, string>> {
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
  const hashes = new Map<string, string>();
  for (const name of names) hashes.set(name, await sha256Of(`${folder}/${name}`));
  return hashes;
}
