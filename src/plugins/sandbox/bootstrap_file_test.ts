import assert from "node:assert/strict";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { testUnless, unlessOs, unlessRoot } from "../../../tests/skip.ts";
import { verifies } from "../../../tests/verifies.ts";
import { placeBootstrap } from "./bootstrap_file.ts";

const CODE = new TextEncoder().encode("the bootstrap");

Deno.test("placeBootstrap() writes it once, under its hash, for reading alone, and leaves nothing else", async () => {
  verifies("plugin-sandbox-recipe");
  using folder = new TempFolder();
  const runtime = `${folder.path}/runtime`;
  const path = await placeBootstrap(runtime, CODE);
  assert.match(path, /[\\/]boot-[0-9a-f]{64}\.js$/);
  const before = await Deno.stat(path);
  if (Deno.build.os !== "windows") assert.equal((before.mode ?? 0) & 0o777, 0o444);
  assert.equal(await placeBootstrap(runtime, CODE), path);
  assert.equal((await Deno.stat(path)).ino, before.ino);
  assert.equal([...Deno.readDirSync(runtime)].length, 1);
});

const SPOILED: readonly { readonly what: string; spoil(path: string, folder: string): void }[] = [
  {
    what: "changed",
    spoil(path) {
      Deno.chmodSync(path, 0o600);
      Deno.writeTextFileSync(path, "the bootstraP");
      Deno.chmodSync(path, 0o444);
    },
  },
  { what: "cut", spoil: (path) => (Deno.chmodSync(path, 0o600), Deno.truncateSync(path, 3)) },
  { what: "writable", spoil: (path) => Deno.chmodSync(path, 0o666) },
  { what: "gone", spoil: (path) => Deno.removeSync(path) },
  { what: "with a second name", spoil: (path, folder) => Deno.linkSync(path, `${folder}/second`) },
  {
    what: "a link to another file",
    spoil(path, folder) {
      Deno.writeTextFileSync(`${folder}/other`, "the bootstrap");
      Deno.removeSync(path);
      Deno.symlinkSync(`${folder}/other`, path);
    },
  },
  { what: "a link to nothing", spoil: (path) => (Deno.removeSync(path), Deno.symlinkSync("/nowhere", path)) },
];
for (const { what, spoil } of SPOILED) {
  testUnless(unlessOs("linux", "darwin"), `placeBootstrap() replaces a file that is ${what}`, async () => {
    verifies("plugin-sandbox-recipe");
    using folder = new TempFolder();
    const runtime = `${folder.path}/runtime`;
    const path = await placeBootstrap(runtime, CODE);
    spoil(path, folder.path);
    assert.equal(await placeBootstrap(runtime, CODE), path);
    const { isFile, nlink, mode } = await Deno.lstat(path);
    assert.deepEqual([isFile, nlink, (mode ?? 0) & 0o777], [true, 1, 0o444]);
    assert.deepEqual(await Deno.readFile(path), CODE);
  });
}

testUnless(
  unlessRoot(),
  "placeBootstrap() replaces a file of another user, and refuses his folder",
  async () => {
    using folder = new TempFolder();
    const runtime = `${folder.path}/runtime`;
    const path = await placeBootstrap(runtime, CODE);
    await Deno.chown(path, 12345, 12345);
    await placeBootstrap(runtime, CODE);
    assert.equal((await Deno.lstat(path)).uid, Deno.uid());
    await Deno.chown(runtime, 12345, 12345);
    await assert.rejects(placeBootstrap(runtime, CODE), { code: "not_trusted", message: /another user/ });
  },
);

testUnless(
  unlessOs("linux", "darwin"),
  "placeBootstrap() refuses a folder that is a link, and closes one that is open",
  async () => {
    using folder = new TempFolder();
    await Deno.mkdir(`${folder.path}/real`, { mode: 0o777 });
    await Deno.chmod(`${folder.path}/real`, 0o777);
    await Deno.symlink(`${folder.path}/real`, `${folder.path}/link`);
    await assert.rejects(placeBootstrap(`${folder.path}/link`, CODE), { code: "not_trusted" });
    await placeBootstrap(`${folder.path}/real`, CODE);
    assert.equal(((await Deno.stat(`${folder.path}/real`)).mode ?? 0) & 0o077, 0);
  },
);
