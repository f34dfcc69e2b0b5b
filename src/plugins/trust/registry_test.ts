import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { DAY_MS, NOON_MS, TempPluginHome } from "../../../tests/fakes/plugin_home.ts";
import { strangePublisher, testPublisher } from "../../../tests/fakes/plugin_packages.ts";
import { TestRegistry, timeText } from "../../../tests/fakes/plugin_registry.ts";
import { ReleaseServer } from "../../../tests/fakes/release_server.ts";
import { verifies } from "../../../tests/verifies.ts";
import { type ErrorCode, KmError } from "../../core/error.ts";
import { generateKey } from "../package/signature.ts";
import { parseTokens } from "../permissions/tokens.ts";
import { readPluginsLock } from "./lock_file.ts";
import { grant } from "./manage.ts";
import { refresh } from "./refresh.ts";
import { followRegistry } from "./registry.ts";
import { registryPlace } from "./registry_place.ts";

async function refused(work: Promise<unknown>, code: ErrorCode, reason: RegExp): Promise<void> {
  await rejects(
    work,
    (error) =>
      error instanceof KmError && error.code === code && reason.test(error.message) &&
      error.hint !== undefined,
    String(reason),
  );
}

async function registryIn(home: TempPluginHome): Promise<TestRegistry> {
  return new TestRegistry(home.packages, await generateKey("Ed25519"));
}

Deno.test("a plugin is installed by its name from a registry in a folder, and refresh brings its next release", async () => {
  verifies("plugins-registry");
  using home = new TempPluginHome();
  const registry = await registryIn(home);
  const key = await testPublisher();
  await home.packageOf(key);
  await registry.publish();
  const options = { registry: registry.folder };
  const plan = await home.plan("quiet", options);
  deepEqual([plan.publisher.standing, plan.registry?.isFirst], ["registry", true]);
  match(plan.warnings.join(), new RegExp(registry.key.publicKey.id));
  const { plugin } = await home.install("quiet", options);
  equal(plugin.source, `${registry.folder}/quiet-1.2.0-Acme-${key.publicKey.id.slice(0, 6)}.kmpkg`);
  deepEqual((await refresh(home.home, home.options(options))).plugins.map(({ outcome }) => outcome), [
    "current",
  ]);

  await home.packageOf(key, { version: "1.3.0", releaseSequence: 13 });
  await registry.publish();
  const checked = await refresh(home.home, { ...home.options(options), checkOnly: true });
  deepEqual(checked.plugins.map(({ outcome, newest }) => [outcome, newest]), [["available", "1.3.0"]]);
  const report = await refresh(home.home, home.options(options));
  deepEqual(report.plugins.map(({ outcome, newest }) => [outcome, newest]), [["updated", "1.3.0"]]);
  equal(readPluginsLock(home.paths).plugins[0]?.version, "1.3.0");
});

Deno.test("refresh leaves an update that wants more waiting, and the old release on", async () => {
  verifies("plugins-registry", "consent-update");
  using home = new TempPluginHome();
  const registry = await registryIn(home);
  const key = await testPublisher();
  await home.packageOf(key);
  await registry.publish();
  const options = { registry: registry.folder };
  const { plugin: { grants } } = await home.install("quiet", options);
  await home.packageOf(key, {
    version: "1.3.0",
    releaseSequence: 13,
    permissions: { ...grants, net: ["a.example"] },
  });
  await registry.publish();
  for (const _ of ["at once", "and again"]) {
    const { plugins } = await refresh(home.home, home.options(options));
    deepEqual(plugins.map(({ outcome, version, detail }) => [outcome, version, detail]), [
      ["waiting", "1.2.0", "net=a.example:443"],
    ]);
  }
  equal((await grant(home.home, "quiet", parseTokens(["net=a.example"]))).plugin.version, "1.3.0");
});

Deno.test("a version can be named, and what is not there is said", async () => {
  verifies("plugins-registry");
  using home = new TempPluginHome();
  const registry = await registryIn(home);
  const key = await testPublisher();
  await home.packageOf(key);
  await home.packageOf(key, { version: "2.0.0-beta.1", releaseSequence: 20 });
  await registry.publish();
  const options = { registry: registry.folder };
  equal(
    (await home.plan("quiet", options)).opened.manifest.version,
    "1.2.0",
    "no prerelease unless it is named",
  );
  equal((await home.plan("quiet@2.0.0-beta.1", options)).opened.manifest.version, "2.0.0-beta.1");
  await refused(home.plan("quiet@9.9.9", options), "not_found", /has no version 9\.9\.9 of "quiet"/);
  await refused(home.plan("loud", options), "not_found", /has no plugin "loud"/);
  await refused(home.plan("quiet"), "not_found", /no registry is set/);
});

Deno.test("an index that is older, forged, expired or not yet is refused", async () => {
  verifies("trust-rollback", "plugins-registry");
  using home = new TempPluginHome();
  const registry = await registryIn(home);
  await home.packageOf(await testPublisher());
  const first = await registry.publish();
  const second = await registry.publish();
  const follow = () => followRegistry(home.home, registry.folder);
  await follow();
  await registry.forge(first);
  await refused(follow(), "not_trusted", /it is number 1, and number 2 was seen before/);
  await registry.forge({ ...second, name: "another" });
  await refused(follow(), "not_trusted", /another one than was seen before, with the same number 2/);
  // A freeze: nobody is held on an old index for longer than it is valid.
  await registry.forge(second);
  home.nowMs = NOON_MS + 15 * DAY_MS;
  await refused(
    follow(),
    "not_trusted",
    /it expired on 2026-12-05T12:00:00Z, and the clock here says 2026-12-06/,
  );
  home.nowMs = NOON_MS - 2 * DAY_MS;
  await refused(follow(), "not_trusted", /it is of 2026-11-21.*and the clock here says/);
  home.nowMs = NOON_MS;
  await follow();
  await rejects(
    registry.forge({ ...second, expires: timeText(NOON_MS + 200 * DAY_MS) }),
    /not within 92 days/,
  );
  const path = `${registry.folder}/registry.json`;
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.replace("Does nothing", "Does a lot of"));
  await refused(follow(), "not_trusted", /it is not signed by its own key/);
  await Deno.writeTextFile(path, "{");
  await refused(follow(), "not_trusted", /it is no JSON/);
});

Deno.test("another key of a registry is refused with both, until the user names it", async () => {
  verifies("trust-pins", "plugins-registry");
  using home = new TempPluginHome();
  const registry = await registryIn(home);
  await home.packageOf(await testPublisher());
  await registry.publish();
  const before = registry.key.publicKey.id;
  equal((await followRegistry(home.home, registry.folder)).isFirst, true);
  registry.key = await generateKey("Ed25519");
  await registry.publish();
  const groups = (id: string) => id.match(/.{4}/g)?.join(" ") ?? "";
  await refused(
    followRegistry(home.home, registry.folder),
    "not_trusted",
    new RegExp(`${groups(before)}.*${groups(registry.key.publicKey.id)}`),
  );
  const { registry: known } = await followRegistry(home.home, registry.folder, {
    acceptNewKey: registry.key.publicKey.id,
  });
  equal(known.by, "accepted");
  equal((await followRegistry(home.home, registry.folder)).registry.by, "accepted");
});

Deno.test("a registry vouches for publishers' keys at first, and never against a pin", async () => {
  verifies("trust-pins");
  using home = new TempPluginHome();
  const registry = await registryIn(home);
  const [mine, other] = [await testPublisher(), await strangePublisher()];
  await home.packageOf(mine);
  const index = await registry.publish();
  const options = { registry: registry.folder };
  await registry.forge({ ...index, sequence: 2, publishers: [{ publisher: "Acme", key: other.publicKey }] });
  await refused(home.plan("quiet", options), "not_trusted", /the registry says that the key of "Acme" is/);
  await registry.forge({ ...index, sequence: 3 });
  await home.install("quiet", options);
  await Deno.remove(`${registry.folder}/${index.plugins[0]?.releases[0]?.file}`);
  await home.packageOf(other, { version: "1.3.0", releaseSequence: 13 });
  await registry.publish();
  const { plugins } = await refresh(home.home, home.options(options));
  deepEqual(plugins.map(({ outcome }) => outcome), ["failed"]);
  match(plugins[0]?.detail ?? "", /THE KEY OF "Acme" IS ANOTHER ONE/);
  equal(readPluginsLock(home.paths).plugins[0]?.version, "1.2.0");
});

Deno.test("a registry that serves another package than it signed is refused", async () => {
  verifies("plugins-registry");
  using home = new TempPluginHome();
  const registry = await registryIn(home);
  const key = await testPublisher();
  await home.packageOf(key);
  const index = await registry.publish();
  const path = `${registry.folder}/${index.plugins[0]?.releases[0]?.file}`;
  await home.packageOf(key, { description: "Does nothing with message!" });
  equal((await Deno.stat(path)).size, index.plugins[0]?.releases[0]?.sizeBytes);
  await refused(
    home.plan("quiet", { registry: registry.folder }),
    "not_trusted",
    /the registry says that quiet 1\.2\.0 is [0-9a-f]{12}…, and this is/,
  );
  await Deno.truncate(path, 1000);
  await refused(
    home.plan("quiet", { registry: registry.folder }),
    "not_trusted",
    /it has 1000 bytes, and the registry says/,
  );
});

Deno.test("what a registry revokes is turned off, and stays off", async () => {
  verifies("plugins-registry");
  using home = new TempPluginHome();
  const registry = await registryIn(home);
  await home.packageOf(await testPublisher());
  const { plugins: [listed] } = await registry.publish();
  const options = { registry: registry.folder };
  await home.install("quiet", options);
  const id = listed?.releases[0]?.manifestSha256 ?? "";
  await registry.publish({ revoke: { packages: [{ id, reason: "sends what it should not" }] } });
  const { plugins } = await refresh(home.home, home.options(options));
  deepEqual(plugins.map(({ outcome, detail }) => [outcome, detail]), [[
    "revoked",
    "sends what it should not",
  ]]);
  const [plugin] = readPluginsLock(home.paths).plugins;
  deepEqual([plugin?.enabled, plugin?.disabledBecause], [false, "revoked: sends what it should not"]);
  await refused(home.plan("quiet", options), "not_trusted", /it was revoked: sends what it should not/);
});

Deno.test("a registry at an address: without a network its last index holds until it expires, and that is said", async () => {
  verifies("plugins-registry", "trust-rollback");
  using home = new TempPluginHome();
  const registry = await registryIn(home);
  const key = await testPublisher();
  await home.packageOf(key);
  await registry.publish();
  await using server = new ReleaseServer(registry.folder);
  const options = home.options({ registry: registryPlace(`${server.baseUrl}/`) });
  const plan = await home.plan("quiet", options);
  equal(plan.source, `${server.baseUrl}/quiet-1.2.0-Acme-${key.publicKey.id.slice(0, 6)}.kmpkg`);
  await home.install("quiet", options);
  server.misbehave("/registry.json", { kind: "status", status: 503 });
  const report = await refresh(home.home, options);
  match(report.registry?.offline ?? "", /answers with status 503/);
  match(report.warnings.join(), /its last index holds until 2026-12-05T12:00:00Z/);
  home.nowMs = NOON_MS + 15 * DAY_MS;
  await refused(refresh(home.home, options), "not_trusted", /it expired on 2026-12-05T12:00:00Z/);
  home.nowMs = NOON_MS;
  server.misbehave("/registry.json", { kind: "cut", afterBytes: 100 });
  match((await refresh(home.home, options)).registry?.offline ?? "", /ended|body|connection|truncated/i);
});

Deno.test("registryPlace() takes folders and https, and http of this machine alone", () => {
  verifies("plugins-registry");
  equal(registryPlace("https://plugins.example/km/"), "https://plugins.example/km");
  equal(registryPlace("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
  equal(registryPlace("/srv/plugins/"), "/srv/plugins");
  for (
    const place of ["http://plugins.example", "ftp://x", "https://u:p@x.example", "https://x.example/?a=1"]
  ) {
    try {
      registryPlace(place);
    } catch (error) {
      equal(error instanceof KmError && error.code, "usage");
      continue;
    }
    throw new Error(`${place} was taken`);
  }
});
