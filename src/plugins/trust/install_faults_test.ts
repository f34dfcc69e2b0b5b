/** Installing when something goes wrong at any moment: what was there runs on, and the next try works. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { TempPluginHome } from "../../../tests/fakes/plugin_home.ts";
import { testManifest, testPublisher } from "../../../tests/fakes/plugin_packages.ts";
import { SmallDisk, unlessTmpfs } from "../../../tests/fakes/small_disk.ts";
import { testUnless, unlessOs } from "../../../tests/skip.ts";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { verifies } from "../../../tests/verifies.ts";
import { KmError } from "../../core/error.ts";
import type { Manifest } from "../manifest.ts";
import { loadInstalled } from "./installed.ts";
import { readPluginsLock } from "./lock_file.ts";

const INSTALLER = fileURLToPath(new URL("../../../tests/fakes/install_plugin.ts", import.meta.url));
const NEXT: Partial<Manifest> = { version: "1.3.0", releaseSequence: 13 };

async function runInstaller(
  ...args: string[]
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", INSTALLER, ...args],
  }).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

/** The version that runs; its files are proven. */
async function running(home: TempPluginHome): Promise<string> {
  const [plugin] = readPluginsLock(home.paths).plugins;
  if (plugin === undefined) return "none";
  await loadInstalled(home.paths, plugin);
  return plugin.version;
}

/** All that lies there is of `version`, and nothing unfinished is left. */
function onlyHas(home: TempPluginHome, version: string): void {
  deepEqual(home.files().filter((file) => !file.startsWith(`quiet/${version}-`)), []);
  equal(home.files().length, 5);
  const left = [home.path, home.paths.folder].flatMap((folder) =>
    [...Deno.readDirSync(folder)].map(({ name }) => name)
  );
  deepEqual(left.filter((name) => name.includes(".tmp")), []);
}

testUnless(
  unlessOs("linux", "darwin"),
  "kill -9 at every step of an update leaves the old release or the new one, whole",
  async () => {
    verifies("plugins-lock");
    const key = await testPublisher();
    using first = new TempFolder();
    const steps = await (async () => {
      const home = new TempPluginHome(first.path);
      await home.install(await home.packageOf(key));
      const { out, err } = await runInstaller(first.path, await home.packageOf(key, NEXT));
      match(out, /^updated \d+/, err);
      return Number(out.split(" ")[1]);
    })();
    ok(steps > 40, `${steps}`);
    using top = new TempFolder();
    const home = new TempPluginHome(top.path);
    const old = await home.packageOf(key);
    const seen = new Set<string>();
    // Every third step, as each takes a process of its own, from another one on in each run; a failure says which.
    for (let step = 1 + Math.floor(Math.random() * 3); step <= steps; step += 3) {
      await home.install(old, { allowDowngrade: true });
      const update = await home.packageOf(key, NEXT);
      const { out } = await runInstaller(top.path, update, String(step));
      equal(out, "", `it was ended at step ${step}`);
      const version = await running(home);
      ok(version === "1.2.0" || version === "1.3.0", version);
      seen.add(version);
      equal((await home.install(update)).plugin.version, "1.3.0");
      equal(await running(home), "1.3.0");
      onlyHas(home, "1.3.0");
    }
    deepEqual([...seen].toSorted(), ["1.2.0", "1.3.0"]);
  },
);

Deno.test("two processes that install at once both come to an end, and nothing is lost", async () => {
  verifies("plugins-lock");
  const key = await testPublisher();
  using top = new TempFolder();
  const home = new TempPluginHome(top.path);
  const files = [
    await home.packageOf(key),
    await home.packageOf(key, { name: "second" }),
    await home.packageOf(key, { name: "third" }),
  ];
  const ended = await Promise.all([...files, ...files].map((file) => runInstaller(top.path, file)));
  for (const { code, err } of ended) equal(code, 0, err);
  const { plugins, publishers } = readPluginsLock(home.paths);
  deepEqual(plugins.map(({ name }) => name), ["quiet", "second", "third"]);
  equal(publishers.length, 1);
  for (const plugin of plugins) await loadInstalled(home.paths, plugin);
});

testUnless(
  unlessTmpfs(),
  "a full disk, however little is left: a clear error, and the old release runs on",
  async () => {
    verifies("plugins-lock");
    const key = await testPublisher();
    using disk = new SmallDisk("2m");
    using elsewhere = new TempPluginHome();
    const home = new TempPluginHome(disk.path);
    await home.install(await elsewhere.packageOf(key));
    const update = await elsewhere.packageOf(key, NEXT, "x;".repeat(10_000));
    const outcomes: string[] = [];
    for (let freeBytes = 0; freeBytes <= 96 * 1024; freeBytes += 8 * 1024) {
      fill(disk.path, freeBytes);
      try {
        outcomes.push((await home.install(update)).outcome);
      } catch (error) {
        ok(error instanceof KmError && error.hint !== undefined, String(error));
        outcomes.push(error.code);
        equal(await running(home), "1.2.0");
      }
      Deno.removeSync(`${disk.path}/filler`);
    }
    deepEqual([...new Set(outcomes)].slice(0, 2), ["store_full", "updated"], outcomes.join());
    equal(await running(home), "1.3.0");
    onlyHas(home, "1.3.0");
  },
);

testUnless(
  unlessTmpfs(),
  "a home that cannot be written: what is installed runs, and nothing more is installed",
  async () => {
    verifies("plugins-lock");
    const key = await testPublisher();
    using disk = new SmallDisk("2m");
    using elsewhere = new TempPluginHome();
    const home = new TempPluginHome(disk.path);
    await home.install(await elsewhere.packageOf(key));
    const update = await elsewhere.packageOf(key, NEXT);
    disk.remount("ro");
    equal(await running(home), "1.2.0");
    await rejects(
      home.install(update),
      (error) =>
        error instanceof KmError && error.code === "store_unavailable" && /read-only/i.test(error.message) &&
        error.hint !== undefined,
    );
    disk.remount("rw");
    equal((await home.install(update)).outcome, "updated");
    equal(testManifest(NEXT).version, await running(home));
  },
);

/** Leaves about so many bytes. */
function fill(folder: string, freeBytes: number): void {
  const path = `${folder}/filler`;
  using file = Deno.openSync(path, { write: true, createNew: true });
  const page = new Uint8Array(4096);
  let written = 0;
  try {
    for (;;) written += file.writeSync(page);
  } catch {
    file.truncateSync(Math.max(0, written - freeBytes));
  }
}
