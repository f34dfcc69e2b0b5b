import { deepEqual, equal, rejects } from "node:assert/strict";
import { TempPluginHome } from "../../../tests/fakes/plugin_home.ts";
import { CODE, testPublisher } from "../../../tests/fakes/plugin_packages.ts";
import { testUnless, unlessOs } from "../../../tests/skip.ts";
import { verifies } from "../../../tests/verifies.ts";
import { KmError } from "../../core/error.ts";
import { installedFolder, loadInstalled, sha256Of } from "./installed.ts";
import { changePluginsLock } from "./lock_file.ts";
import type { InstalledPlugin } from "./plugins_lock.ts";
import { entriesOf, writeInstalled } from "./write_installed.ts";

const POSIX = unlessOs("linux", "darwin");

async function installed(home: TempPluginHome): Promise<{ plugin: InstalledPlugin; folder: string }> {
  const { plugin } = await home.install(await home.packageOf(await testPublisher()));
  return { plugin, folder: installedFolder(home.paths, plugin) };
}

async function refuses(home: TempPluginHome, plugin: InstalledPlugin, reason: RegExp): Promise<void> {
  await rejects(
    loadInstalled(home.paths, plugin, home.roots),
    (error) => error instanceof KmError && reason.test(error.message) && error.hint !== undefined,
    String(reason),
  );
}

testUnless(
  POSIX,
  "loadInstalled() gives the code that was installed, of files that nobody may write",
  async () => {
    verifies("plugins-lock");
    using home = new TempPluginHome();
    const { plugin, folder } = await installed(home);
    const { code, manifest, key } = await loadInstalled(home.paths, plugin);
    equal(new TextDecoder().decode(code), CODE);
    equal(manifest.name, "quiet");
    equal(key.id, plugin.keyId);
    equal((Deno.statSync(folder).mode ?? 0) & 0o777, 0o700);
    deepEqual(
      [...Deno.readDirSync(folder)].map(({ name }) => (Deno.statSync(`${folder}/${name}`).mode ?? 0) & 0o777),
      Array(5).fill(0o444),
    );
  },
);

testUnless(POSIX, "loadInstalled() refuses whatever was changed since", async () => {
  verifies("refuse-tampered");
  using home = new TempPluginHome();
  const { plugin, folder } = await installed(home);
  for (const name of Object.keys(plugin.files)) {
    const path = `${folder}/${name}`;
    const good = Deno.readFileSync(path);
    const bad = good.slice();
    bad[bad.length - 2] = (bad[bad.length - 2] ?? 0) ^ 1;
    Deno.chmodSync(path, 0o644);
    Deno.writeFileSync(path, bad);
    await refuses(home, plugin, new RegExp(`"${name}" was changed after it was installed`));
    Deno.writeFileSync(path, good);
  }
  await loadInstalled(home.paths, plugin);
});

testUnless(POSIX, "loadInstalled() refuses links, folders of others and what is missing", async () => {
  verifies("plugin-folders-only");
  using home = new TempPluginHome();
  const { plugin, folder } = await installed(home);
  const code = `${folder}/plugin.js`;
  Deno.renameSync(code, `${folder}/other.js`);
  Deno.symlinkSync("other.js", code);
  await refuses(home, plugin, /it is a link or no plain file/);
  Deno.removeSync(code);
  await refuses(home, plugin, /plugin\.js" is missing/);
  Deno.renameSync(`${folder}/other.js`, code);
  Deno.chmodSync(code, 0o666);
  await refuses(home, plugin, /other users can write it/);
  Deno.chmodSync(code, 0o444);
  Deno.chmodSync(folder, 0o777);
  await refuses(home, plugin, /can be written by other users/);
  Deno.chmodSync(folder, 0o755);
  Deno.renameSync(folder, `${folder}.real`);
  Deno.symlinkSync(`${folder}.real`, folder);
  await refuses(home, plugin, /is a link or no folder/);
});

Deno.test("loadInstalled() refuses code and hashes that were changed together: nobody signed them", async () => {
  verifies("kmpkg-signature");
  using home = new TempPluginHome();
  const { plugin } = await installed(home);
  // All of plugins.lock can be changed by whoever can change the files; the signature cannot.
  const forged = await home.plan(
    await home.packageOf(await testPublisher(), { description: "Another one" }, "export default 1;\n"),
    {
      allowDowngrade: true,
    },
  );
  const manifest = new TextEncoder().encode(
    new TextDecoder().decode(forged.opened.manifestBytes).replace("Another one", "Another two"),
  );
  const opened = { ...forged.opened, manifestBytes: manifest, manifestSha256: sha256Of(manifest) };
  const changed: InstalledPlugin = {
    ...plugin,
    manifestSha256: opened.manifestSha256,
    files: entriesOf(opened),
  };
  writeInstalled(home.paths, changed, opened);
  await refuses(home, changed, /changed after it was signed/);
});

Deno.test("loadInstalled() refuses a key that plugins.lock does not hold", async () => {
  verifies("trust-pins");
  using home = new TempPluginHome();
  const { plugin } = await installed(home);
  await changePluginsLock(home.paths, (lock) => [{ ...lock, publishers: [] }, null]);
  await refuses(home, plugin, /plugins\.lock has no key .* of "Acme"/);
});
