import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { TempPluginHome } from "../../../tests/fakes/plugin_home.ts";
import { testPublisher } from "../../../tests/fakes/plugin_packages.ts";
import { testUnless, unlessOs } from "../../../tests/skip.ts";
import { verifies } from "../../../tests/verifies.ts";
import { KmError } from "../../core/error.ts";
import { changePluginsLock, readPluginsLock } from "./lock_file.ts";
import { EMPTY_LOCK, type PluginsLock } from "./plugins_lock.ts";

const POSIX = unlessOs("linux", "darwin");

async function installedHome(): Promise<TempPluginHome> {
  const home = new TempPluginHome();
  await home.install(await home.packageOf(await testPublisher()));
  return home;
}

/** Changes the file as an editor would. */
function edit(
  { paths: { lockFile } }: TempPluginHome,
  change: (lock: Record<string, unknown>) => unknown,
): void {
  const lock = JSON.parse(Deno.readTextFileSync(lockFile)) as Record<string, unknown>;
  Deno.writeTextFileSync(lockFile, JSON.stringify(change(lock) ?? lock));
}

function refuses({ paths }: TempPluginHome, code: string, reason: RegExp): void {
  throws(
    () => readPluginsLock(paths),
    (error) =>
      error instanceof KmError && error.code === code && reason.test(error.message) &&
      error.hint !== undefined,
    String(reason),
  );
}

Deno.test("plugins.lock holds name, version, hashes, key and grants", async () => {
  verifies("plugins-lock");
  using home = await installedHome();
  const { key } = { key: (await testPublisher()).publicKey };
  const [plugin] = readPluginsLock(home.paths).plugins;
  equal(plugin?.name, "quiet");
  equal(plugin?.version, "1.2.0");
  equal(plugin?.keyId, key.id);
  equal(plugin?.releaseSequence, 12);
  deepEqual(plugin?.grants.data.servers, ["*"]);
  deepEqual(Object.keys(plugin?.files ?? {}), [
    "manifest.json",
    "plugin.js",
    "README.md",
    "LICENSE",
    "signatures.json",
  ]);
  equal(plugin?.files["manifest.json"]?.sha256, plugin?.manifestSha256);
  const { publishers, newest } = readPluginsLock(home.paths);
  deepEqual(publishers.map(({ publisher, key: { id }, by }) => [publisher, id, by]), [[
    "Acme",
    key.id,
    "first-use",
  ]]);
  deepEqual(newest.map(({ name, releaseSequence }) => [name, releaseSequence]), [["quiet", 12]]);
});

testUnless(POSIX, "plugins.lock is the user's alone", async () => {
  verifies("plugins-lock");
  using home = await installedHome();
  const { lockFile } = home.paths;
  equal((Deno.statSync(lockFile).mode ?? 0) & 0o777, 0o600);
  Deno.chmodSync(lockFile, 0o660);
  refuses(home, "not_trusted", /other users can write it; plugins are off/);
  Deno.chmodSync(lockFile, 0o600);
  Deno.renameSync(lockFile, `${lockFile}.real`);
  Deno.symlinkSync(`${lockFile}.real`, lockFile);
  refuses(home, "not_trusted", /it is a link/);
});

Deno.test("plugins.lock that is broken, newer or half known is refused and left as it is", async () => {
  verifies("plugins-lock");
  using home = await installedHome();
  const { lockFile } = home.paths;
  const good = Deno.readTextFileSync(lockFile);
  const cases: readonly (readonly [(lock: Record<string, unknown>) => unknown, RegExp])[] = [
    [(lock) => void (lock.format = 2), /a newer km wrote it; plugins are off/],
    [(lock) => void (lock.format = "1"), /format is "1"/],
    [(lock) => void (lock.more = 1), /more is unknown/],
    [(lock) => void delete lock.newest, /newest is missing/],
    [
      (lock) => ({ ...lock, plugins: [...lock.plugins as [], ...lock.plugins as []] }),
      /has plugin "quiet" twice/,
    ],
    [
      (lock) => ({ ...lock, plugins: [{ ...(lock.plugins as [object])[0], name: "../x" }] }),
      /plugins\[0\]\.name is/,
    ],
    [
      (lock) => ({ ...lock, plugins: [{ ...(lock.plugins as [object])[0], version: "1" }] }),
      /version is "1"/,
    ],
    [
      (lock) => ({ ...lock, publishers: [{ ...(lock.publishers as [object])[0], publicKey: "AAAA" }] }),
      /is no key/,
    ],
  ];
  for (const [change, reason] of cases) {
    Deno.writeTextFileSync(lockFile, good);
    edit(home, change);
    const broken = Deno.readTextFileSync(lockFile);
    refuses(home, "plugin_failed", reason);
    await rejects(changePluginsLock(home.paths, () => [EMPTY_LOCK, null]), KmError);
    equal(Deno.readTextFileSync(lockFile), broken, "nothing starts it anew");
  }
  Deno.writeTextFileSync(lockFile, good.slice(0, 100));
  refuses(home, "plugin_failed", /it is no JSON/);
});

Deno.test("changePluginsLock() loses no change of many at once, and leaves nothing behind", async () => {
  verifies("plugins-lock");
  using home = await installedHome();
  const counted = (lock: PluginsLock) => Number(lock.newest[0]?.releaseSequence);
  const start = counted(readPluginsLock(home.paths));
  await Promise.all(Array.from({ length: 25 }, () =>
    changePluginsLock(home.paths, (lock) => [{
      ...lock,
      newest: lock.newest.map((one) => ({ ...one, releaseSequence: one.releaseSequence + 1 })),
    }, null])));
  equal(counted(readPluginsLock(home.paths)), start + 25);
  deepEqual([...Deno.readDirSync(home.path)].map(({ name }) => name).toSorted(), [
    "plugins",
    "plugins.lock",
    "plugins.lock.lock",
  ]);
});
