/** Plugins by name, and what a registry says of them later: `km plugins install <name>`, `refresh`; and a log that is followed. @module */
import { deepStrictEqual, equal, match } from "node:assert/strict";
import { generateKey } from "../../src/plugins/package/signature.ts";
import { pluginPaths } from "../../src/plugins/paths.ts";
import { buildRegistryIndex } from "../../src/plugins/trust/build_registry.ts";
import { signedPackage } from "../fakes/plugin_packages.ts";
import { verifies } from "../verifies.ts";
import { type Ended, runKm, Running, TempFolder } from "./harness.ts";
import { PluginTestHome, SEES_ALL } from "./plugin_home.ts";
import { LOGGED } from "./plugin_status.ts";

const GRANTS = [
  "--grant",
  "servers=*,methods=*",
  "--grant",
  "directions=client_to_server,server_to_client",
  "--grant",
  "payload=redacted",
];

Deno.test("km plugins finds a plugin by its name, takes updates as far as granted, and turns off what is revoked", async () => {
  verifies("plugins-commands", "plugins-registry");
  await using home = new PluginTestHome();
  using registry = new TempFolder();
  const [publisher, key] = [await generateKey("Ed25519"), await generateKey("Ed25519")];
  const publish = async (version: string, releaseSequence: number, env: readonly string[] = []) => {
    const permissions = { ...SEES_ALL, env };
    const bytes = await signedPackage(publisher, { version, releaseSequence, permissions });
    await Deno.writeFile(`${registry.path}/quiet-${version}.kmpkg`, bytes);
    return await buildRegistryIndex(registry.path, key, { nowMs: Date.now() });
  };
  const km = (...args: string[]): Promise<Ended> =>
    runKm(["plugins", ...args], { home: home.path, env: { KM_PLUGINS_REGISTRY: registry.path } });
  const refresh = async (...flags: string[]) => {
    const { code, out, err } = await km("refresh", "--json", ...flags);
    equal(code, 0, err);
    const [plugin] = JSON.parse(out).plugins;
    return [plugin.outcome, plugin.version, plugin.newest, plugin.detail];
  };

  await publish("1.0.0", 1);
  const installed = await km("install", "quiet", "--json", ...GRANTS);
  equal(installed.code, 0, installed.err);
  deepStrictEqual([JSON.parse(installed.out).outcome, JSON.parse(installed.out).keyStanding], [
    "installed",
    "registry",
  ]);
  deepStrictEqual(await refresh(), ["current", "1.0.0", "1.0.0", null]);
  await publish("1.1.0", 2);
  deepStrictEqual(await refresh("--check"), ["available", "1.0.0", "1.1.0", null]);
  deepStrictEqual((await refresh())[0], "updated");
  await publish("1.2.0", 3, ["ACME_TOKEN"]);
  deepStrictEqual(await refresh(), ["waiting", "1.1.0", "1.2.0", "env=ACME_TOKEN"]);
  match(
    (await km("refresh")).out,
    /^quiet 1\.1\.0 {2}1\.2\.0 waits for "km plugins grant quiet": env=ACME_TOKEN$/m,
  );
  await buildRegistryIndex(registry.path, key, {
    nowMs: Date.now(),
    revoke: { keys: [{ id: publisher.publicKey.id, reason: "the key was stolen" }] },
  });
  deepStrictEqual(await refresh(), ["revoked", "1.1.0", null, "the key was stolen"]);
  match((await km("status")).out, /^quiet\n {2}disabled: revoked: the key was stolen$/m);
});

Deno.test("km plugins logs --follow goes on with what comes, and is escaped too", async () => {
  verifies("plugins-commands");
  using home = new TempFolder();
  const { logs } = pluginPaths(home.path);
  Deno.mkdirSync(logs, { recursive: true });
  const [first = "", second = ""] = LOGGED.split("\n");
  Deno.writeTextFileSync(`${logs}/quiet.jsonl`, `${first}\n`);
  await using following = new Running(["plugins", "logs", "quiet", "--follow"], { home: home.path });
  await following.stdout.lineCount(1);
  Deno.writeTextFileSync(`${logs}/quiet.jsonl`, `${second}\n`, { append: true });
  const lines = await following.stdout.lineCount(2);
  match(lines[0] ?? "", / info {2}quiet: hi\\e\[2J\\u\{7\}$/);
  match(lines[1] ?? "", / warn {2}quiet \(km\): it was refused read \\u\{202e\}$/);
});
