import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { DAY_MS, TempPluginHome } from "../../../tests/fakes/plugin_home.ts";
import {
  strangePublisher,
  testManifest,
  testPackage,
  testPublisher,
} from "../../../tests/fakes/plugin_packages.ts";
import { verifies } from "../../../tests/verifies.ts";
import { type ErrorCode, KmError } from "../../core/error.ts";
import type { Manifest, Permissions } from "../manifest.ts";
import { fingerprint } from "../package/signature.ts";
import { isNothing, NOTHING } from "../permissions/compare.ts";
import { parseTokens, tokensOf } from "../permissions/tokens.ts";
import { commitInstall } from "./commit_install.ts";
import { installedFolder, loadInstalled } from "./installed.ts";
import { readPluginsLock } from "./lock_file.ts";
import { grant, removePlugin, revoke, setEnabled } from "./manage.ts";

const QUIET = testManifest().permissions;

function wanting(
  change: Partial<Omit<Permissions, "data">> & { readonly data?: Partial<Permissions["data"]> },
): Permissions {
  return { ...QUIET, ...change, data: { ...QUIET.data, ...change.data } };
}

/** The next release of the plugin of tests. */
function next(change: Partial<Manifest> = {}): Partial<Manifest> {
  return { version: "1.3.0", releaseSequence: 13, ...change };
}

async function refused(
  work: Promise<unknown>,
  code: ErrorCode,
  reason: RegExp,
  hint: RegExp = /./,
): Promise<void> {
  await rejects(
    work,
    (error) =>
      error instanceof KmError && error.code === code && reason.test(error.message) &&
      hint.test(error.hint ?? ""),
    String(reason),
  );
}

function only(home: TempPluginHome) {
  const [plugin] = readPluginsLock(home.paths).plugins;
  if (plugin === undefined) throw new Error("nothing is installed");
  return plugin;
}

Deno.test("a new publisher's key is pinned, and shown to be compared", async () => {
  verifies("trust-pins");
  using home = new TempPluginHome();
  const key = await testPublisher();
  const plan = await home.plan(await home.packageOf(key));
  deepEqual([plan.action, plan.publisher.standing, plan.publisher.key.id], [
    "install",
    "first-use",
    key.publicKey.id,
  ]);
  equal(readPluginsLock(home.paths).publishers.length, 0, "a plan changes nothing");
  await commitInstall(home.home, plan, { grants: plan.needs });
  const again = await home.plan(await home.packageOf(key, next()));
  deepEqual([again.action, again.publisher.standing], ["update", "same"]);
});

Deno.test("another key of a pinned publisher is refused with both fingerprints, until the user names it", async () => {
  verifies("trust-pins", "refuse-wrong-key");
  using home = new TempPluginHome();
  const [mine, other] = [await testPublisher(), await strangePublisher()];
  await home.install(await home.packageOf(mine));
  const forged = await home.packageOf(other, next());
  const both = new RegExp(`${fingerprint(mine.publicKey)}.*${fingerprint(other.publicKey)}`);
  await refused(home.plan(forged), "not_trusted", both, new RegExp(`--accept-new-key ${other.publicKey.id}`));
  // Another plugin of that publisher, too.
  await refused(home.plan(await home.packageOf(other, { name: "second" })), "not_trusted", both);
  await refused(home.plan(forged, { acceptNewKey: mine.publicKey.id }), "not_trusted", both);
  const accepted = await home.install(forged, { acceptNewKey: fingerprint(other.publicKey).toUpperCase() });
  equal(accepted.outcome, "updated");
  equal(accepted.plugin.keyId, other.publicKey.id);
  const pins = readPluginsLock(home.paths).publishers;
  const pinOf = (id: string) => pins.find(({ key }) => key.id === id);
  equal(pins.length, 2, "what the old key signed goes on to run");
  deepEqual([pinOf(mine.publicKey.id)?.by, pinOf(mine.publicKey.id)?.replacedAt === null], [
    "first-use",
    false,
  ]);
  deepEqual([pinOf(other.publicKey.id)?.by, pinOf(other.publicKey.id)?.replacedAt], ["accepted", null]);
  await loadInstalled(home.paths, only(home));
  await refused(
    home.plan(await home.packageOf(mine, next({ version: "1.4.0", releaseSequence: 14 }))),
    "not_trusted",
    new RegExp(`Known here: ${fingerprint(other.publicKey)}.*This package: ${fingerprint(mine.publicKey)}`),
  );
});

Deno.test("a name that differs in case, spaces and punctuation alone is no other publisher's", async () => {
  verifies("trust-pins");
  using home = new TempPluginHome();
  const [mine, other] = [await testPublisher(), await strangePublisher()];
  await home.install(await home.packageOf(mine, { publisher: "Acme Corp" }));
  for (const publisher of ["ACME Corp", "acme  corp", "Acme-Corp.", "AcmeCorp"]) {
    await refused(
      home.plan(await home.packageOf(other, { name: "second", publisher })),
      "not_trusted",
      /IS ANOTHER ONE/,
    );
  }
  const again = await home.install(await home.packageOf(mine, next({ publisher: "acme corp" })));
  deepEqual([again.outcome, again.plugin.publisher], ["updated", "acme corp"]);
  await loadInstalled(home.paths, only(home));
  equal(readPluginsLock(home.paths).publishers.length, 1);
});

Deno.test("that no plugin gets through the proxy here is said to those that want the network", async () => {
  using home = new TempPluginHome();
  const key = await testPublisher();
  const options = { proxyProblem: "HTTPS_PROXY leads to 10.0.0.1" };
  const quiet = await home.plan(await home.packageOf(key), options);
  const net = wanting({ net: ["api.example.com:443"] });
  const wants = await home.plan(await home.packageOf(key, { permissions: net }), options);
  deepEqual([quiet.warnings, wants.warnings], [[], [options.proxyProblem]]);
});

Deno.test("another publisher cannot take over a plugin's name", async () => {
  verifies("trust-pins");
  using home = new TempPluginHome();
  const other = await strangePublisher();
  await home.install(await home.packageOf(await testPublisher()));
  const taken = await home.packageOf(other, next({ publisher: "Mallory" }));
  await refused(
    home.plan(taken),
    "not_trusted",
    /plugin "quiet" is of "Acme" \(key .*, and this one is of "Mallory"/,
  );
  await removePlugin(home.home, "quiet");
  await refused(home.plan(taken), "not_trusted", /is of "Acme"/);
  await removePlugin(home.home, "quiet", { purge: true });
  equal((await home.plan(taken)).publisher.standing, "first-use");
});

Deno.test("an unsigned package is refused", async () => {
  verifies("refuse-unsigned");
  using home = new TempPluginHome();
  const path = `${home.packages}/u.kmpkg`;
  await Deno.writeFile(path, testPackage());
  await refused(home.plan(path), "not_trusted", /nobody signed it/);
});

Deno.test("an older release is refused, also of a plugin that was removed; --allow-downgrade says what it risks", async () => {
  verifies("trust-rollback", "refuse-downgraded");
  using home = new TempPluginHome();
  const key = await testPublisher();
  const old = await home.packageOf(key);
  await home.install(await home.packageOf(key, next()));
  await refused(
    home.plan(old),
    "not_trusted",
    /it is a downgrade: release 12, and release 13/,
    /--allow-downgrade/,
  );
  await removePlugin(home.home, "quiet");
  await refused(home.plan(old), "not_trusted", /it is a downgrade/);
  const plan = await home.plan(old, { allowDowngrade: true });
  equal(plan.action, "downgrade");
  match(
    plan.warnings.join(),
    /a step back, from 1\.3\.0 \(release 13\) to 1\.2\.0 \(release 12\): holes that were closed/,
  );
  await commitInstall(home.home, plan, { grants: plan.needs });
  equal(only(home).version, "1.2.0");
  // From there on it is the newest.
  equal((await home.plan(await home.packageOf(key, next()))).action, "update");
});

Deno.test("another package of the same release is refused", async () => {
  verifies("trust-rollback");
  using home = new TempPluginHome();
  const key = await testPublisher();
  await home.install(await home.packageOf(key));
  await refused(
    home.plan(await home.packageOf(key, { description: "Another" })),
    "not_trusted",
    /another package of the same release 12/,
  );
});

Deno.test("a new plugin that was not granted all it wants is refused, with the exact command", async () => {
  verifies("consent", "refuse-wider");
  using home = new TempPluginHome();
  const path = await home.packageOf(await testPublisher(), {
    permissions: wanting({ net: ["api.example.com:443"] }),
  });
  const plan = await home.plan(path);
  await refused(
    commitInstall(home.home, plan, { grants: parseTokens(["servers=*"]) }),
    "not_granted",
    /it wants 3 permissions that were not granted: net=api\.example\.com:443, methods=\*, directions=client_to_server/,
    /km plugins install \S*quiet\S* --grant 'net=api\.example\.com:443,servers=\*,methods=\*,directions=client_to_server'$/,
  );
  deepEqual(home.files(), [], "nothing was installed");
  deepEqual(readPluginsLock(home.paths).publishers, [], "and no key was pinned");
  await refused(
    commitInstall(home.home, plan, { grants: parseTokens(["net=other.example"]) }),
    "usage",
    /"quiet" does not ask for it/,
  );
  // Less on purpose.
  const { plugin } = await commitInstall(home.home, plan, {
    grants: parseTokens(["servers=git,methods=*,directions=client_to_server"]),
    fewer: true,
  });
  deepEqual(tokensOf(plugin.grants), ["servers=git", "methods=*", "directions=client_to_server"]);
});

Deno.test("an update that wants more waits, and the old release runs on, until the difference is granted", async () => {
  verifies("consent-update", "refuse-wider");
  using home = new TempPluginHome();
  const key = await testPublisher();
  await home.install(await home.packageOf(key));
  const update = await home.packageOf(
    key,
    next({ permissions: wanting({ net: ["api.example.com"], data: { payload: "full" } }) }),
  );
  const plan = await home.plan(update);
  deepEqual(tokensOf(plan.needs), ["net=api.example.com:443", "payload=full"]);
  const { outcome, missing } = await home.installUngranted(update);
  deepEqual([outcome, tokensOf(missing)], ["waiting", ["net=api.example.com:443", "payload=full"]]);
  const waiting = only(home);
  deepEqual([waiting.version, waiting.waiting?.version, waiting.enabled], ["1.2.0", "1.3.0", true]);
  deepEqual(waiting.grants, QUIET, "nothing more is granted");
  await loadInstalled(home.paths, waiting);
  // Half of it is not enough, and does not reach the old release. It can be taken back.
  await grant(home.home, "quiet", parseTokens(["payload=full"]));
  const back = await revoke(home.home, "quiet", parseTokens(["payload=full"]));
  deepEqual(tokensOf(back.waiting?.missing ?? NOTHING), ["net=api.example.com:443", "payload=full"]);
  deepEqual(back.grants, QUIET);
  await refused(revoke(home.home, "quiet", parseTokens(["net=api.example.com"])), "usage", /was not granted/);
  const half = await grant(home.home, "quiet", parseTokens(["net=api.example.com"]));
  deepEqual([half.updated, tokensOf(half.missing), half.plugin.grants], [false, ["payload=full"], QUIET]);
  const all = await grant(home.home, "quiet", parseTokens(["payload=full"]));
  deepEqual([all.updated, all.plugin.version, all.plugin.waiting], [true, "1.3.0", null]);
  deepEqual(tokensOf(all.plugin.grants).slice(0, 1), ["net=api.example.com:443"]);
  equal(all.plugin.grants.data.payload, "full");
  deepEqual(home.files().filter((file) => file.includes("1.2.0")), [], "the old files are gone");
  await loadInstalled(home.paths, only(home));
});

Deno.test("an update that wants nothing more takes over at once, and what was declined stays declined", async () => {
  verifies("consent-update");
  using home = new TempPluginHome();
  const key = await testPublisher();
  const wanted = wanting({ net: ["api.example.com"] });
  const plan = await home.plan(await home.packageOf(key, { permissions: wanted }));
  await commitInstall(home.home, plan, { grants: QUIET, fewer: true });
  const { outcome, plugin } = await home.installUngranted(
    await home.packageOf(key, next({ permissions: wanted })),
  );
  deepEqual([outcome, plugin.version, plugin.grants], ["updated", "1.3.0", QUIET]);
  equal(isNothing((await home.plan(await home.packageOf(key, next({ permissions: wanted })))).needs), true);
});

Deno.test("enabling a plugin is another entry each time: a host starts anew what it had given up", async () => {
  verifies("plugin-restart-backoff");
  using home = new TempPluginHome();
  await home.install(await home.packageOf(await testPublisher()));
  const before = only(home);
  await setEnabled(home.home, "quiet", true);
  const { enabledAt, ...rest } = only(home);
  deepEqual(rest, before);
  equal(enabledAt, new Date(home.home.nowMs()).toISOString());
});

Deno.test("grant and revoke change what is granted, never beyond what is asked for", async () => {
  verifies("consent");
  using home = new TempPluginHome();
  await home.install(
    await home.packageOf(await testPublisher(), {
      permissions: wanting({ net: ["a.example", "b.example"] }),
    }),
  );
  const left = await revoke(home.home, "quiet", parseTokens(["net=a.example"]));
  deepEqual(left.grants.net, ["b.example:443"]);
  await refused(revoke(home.home, "quiet", parseTokens(["net=a.example"])), "usage", /it was not granted/);
  await refused(grant(home.home, "quiet", parseTokens(["net=c.example"])), "usage", /does not ask for it/);
  deepEqual((await grant(home.home, "quiet", parseTokens(["net=a.example"]))).plugin.grants.net, [
    "a.example:443",
    "b.example:443",
  ]);
  await refused(grant(home.home, "nobody", NOTHING), "not_found", /no plugin "nobody"/);
});

Deno.test("a folder is looked at when it is granted", async () => {
  verifies("plugin-folders-only");
  using home = new TempPluginHome();
  const path = await home.packageOf(await testPublisher(), { permissions: wanting({ read: ["~/notes"] }) });
  const plan = await home.plan(path);
  await refused(
    commitInstall(home.home, plan, { grants: plan.needs }),
    "not_granted",
    /notes" does not exist/,
    /mkdir -p/,
  );
  deepEqual(home.files(), []);
  Deno.mkdirSync(`${home.userHome}/notes`);
  await commitInstall(home.home, plan, { grants: plan.needs });
});

Deno.test("disable and enable, remove and purge", async () => {
  verifies("plugins-lock");
  using home = new TempPluginHome();
  const path = await home.packageOf(await testPublisher());
  await home.install(path);
  equal((await setEnabled(home.home, "quiet", false)).enabled, false);
  equal((await home.install(path)).plugin.enabled, false, "installing it anew does not turn it on");
  equal((await setEnabled(home.home, "quiet", true)).enabled, true);
  const state = `${home.paths.state}/quiet.json`;
  Deno.mkdirSync(home.paths.state, { recursive: true });
  Deno.writeTextFileSync(state, "{}");
  await removePlugin(home.home, "quiet");
  deepEqual([home.files(), readPluginsLock(home.paths).plugins], [[], []]);
  equal(Deno.readTextFileSync(state), "{}", "what it kept stays");
  await refused(removePlugin(home.home, "quiet"), "not_found", /no plugin "quiet"/);
  await removePlugin(home.home, "quiet", { purge: true });
  await rejects(Deno.stat(state), Deno.errors.NotFound);
});

Deno.test("a broken plugin is not turned on, and installing it again repairs it", async () => {
  verifies("plugins-lock");
  using home = new TempPluginHome();
  const path = await home.packageOf(await testPublisher());
  const { plugin } = await home.install(path);
  const folder = installedFolder(home.paths, plugin);
  Deno.removeSync(`${folder}/plugin.js`);
  await refused(setEnabled(home.home, "quiet", true), "plugin_failed", /plugin\.js" is missing/);
  const plan = await home.plan(path);
  equal(plan.action, "repair");
  equal((await commitInstall(home.home, plan, { grants: plan.needs })).outcome, "unchanged");
  await loadInstalled(home.paths, only(home));
});

Deno.test("a package that may not run here is refused before anybody is asked", async () => {
  verifies("refuse-expired", "refuse-higher-tier", "refuse-other-customer", "refuse-newer-protocol");
  using home = new TempPluginHome();
  const key = await testPublisher();
  const cases: readonly (readonly [Partial<Manifest>, ErrorCode, RegExp])[] = [
    [{ expires: new Date(home.nowMs - DAY_MS).toISOString() }, "not_trusted", /it expired on/],
    [{ requiredTier: "pro" }, "not_granted", /needs the tier "pro"/],
    [{ customerId: "globex" }, "not_granted", /made for another customer/],
    [{ protocol: [9] }, "unsupported", /speaks protocol 9/],
    [{ minKm: "99.0.0" }, "unsupported", /needs km 99\.0\.0/],
  ];
  for (const [change, code, reason] of cases) {
    await refused(home.plan(await home.packageOf(key, change)), code, reason);
  }
  await refused(home.plan(await home.packageOf(key, {}, 'import "node:net";\n')), "plugin_failed", /import/);
});
