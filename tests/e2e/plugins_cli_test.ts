/** `km plugins` as its user meets it: looking, changing, mistakes, `--json`. Consent is `plugins_consent_test.ts`, what runs `plugins_host_test.ts`. @module */
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { commandNames, loadCommand } from "../../src/cli/commands.ts";
import { PLUGIN_COMMANDS } from "../../src/cli/plugins/plugin_commands.ts";
import { writeHostStatus } from "../../src/plugins/host/status.ts";
import { pluginPaths } from "../../src/plugins/paths.ts";
import { verifies } from "../verifies.ts";
import { type Ended, PATIENCE_MS, runKm, TempFolder } from "./harness.ts";
import { PluginTestHome } from "./plugin_home.ts";
import { hostStatus, LOGGED } from "./plugin_status.ts";

const QUIET = { name: "quiet", members: "onMessage() {}" };

function km(home: string, line: string, env: Record<string, string> = {}): Promise<Ended> {
  return runKm(["plugins", ...line.split(" ").filter(Boolean)], { home, env });
}

async function installed(): Promise<PluginTestHome> {
  const home = new PluginTestHome();
  await home.install(QUIET);
  return home;
}

for (const name of commandNames(PLUGIN_COMMANDS)) {
  Deno.test(`km plugins ${name} --help says how it is used, with an example and --json`, async () => {
    verifies("plugins-commands");
    using home = new TempFolder();
    const { code, out, err } = await runKm(["plugins", name, "--help"], {
      home: home.path,
      env: { COLUMNS: "80" },
    });
    deepStrictEqual([code, err], [0, ""]);
    match(out, new RegExp(`^Usage: km plugins ${name}`, "m"));
    match(out, /^Examples:$/m);
    match(out, /^ {2}(-\w, |)--json/m);
    ok((await loadCommand(name, PLUGIN_COMMANDS))?.json, "fields of --json");
  });
}

Deno.test("km plugins of a home without plugins says what to do, and makes nothing", async () => {
  verifies("plugins-commands", "plugin-graceful");
  using home = new TempFolder();
  const list = await km(home.path, "");
  deepStrictEqual([list.code, list.out], [0, ""]);
  match(list.err, /^no plugins; "km plugins install <file>" installs one/);
  deepStrictEqual([(await km(home.path, "list --json")).out, (await km(home.path, "logs --json")).out], [
    "",
    "",
  ]);
  const status = JSON.parse((await km(home.path, "status --json")).out);
  deepStrictEqual([status.host.running, status.plugins, status.licence.tier], [false, [], "free"]);
  match(
    (await km(home.path, "status")).out,
    /^plugin host {2}does not run;.*\nlicence {6}free\n\nno plugins are installed\n$/,
  );
  deepStrictEqual([...Deno.readDirSync(home.path)], []);
});

const MISTAKES: readonly (readonly [line: string, code: number, error: RegExp])[] = [
  ["isntall x", 2, /unknown word "isntall"\nkm: hint: did you mean "install"\?\n$/],
  ["install", 2, /"km plugins install" needs <file\|url\|name/],
  ["install ./nothing.kmpkg", 3, /nothing\.kmpkg/],
  ["install tool-guard", 3, /no registry is set\nkm: hint: .*km config set plugins\.registry/],
  ["install quiet.kmpkg --grant", 2, /Flag --grant needs a value/],
  [
    "install quiet.kmpkg --grant neet=x",
    2,
    /"neet" is no kind of permission\nkm: hint: did you mean "net"\?/,
  ],
  ["install quiet.kmpkg --grant run=sh", 2, /no plugin can be granted "run"/],
  ["info nobody", 3, /There is no plugin "nobody" here/],
  ["remove nobody", 3, /There is no plugin "nobody" here/],
  ["enable nobody", 3, /There is no plugin "nobody" here/],
  ["disable nobody", 3, /There is no plugin "nobody" here/],
  ["grant nobody", 3, /There is no plugin "nobody" here/],
  ["revoke nobody net=a.example", 3, /There is no plugin "nobody" here/],
  ["revoke quiet", 2, /"km plugins revoke" needs <name> <permission…>/],
  ["revoke quiet env=HOME", 2, /Cannot take "env=HOME" from "quiet": it was not granted/],
  ["logs nobody", 3, /There is no log of a plugin "nobody"/],
  ["logs ../../token", 3, /There is no log of a plugin/],
  ["login --token-file nothing.txt", 3, /Cannot read the token file "nothing\.txt"/],
  ["login", 2, /Cannot read a licence token/],
];

Deno.test("km plugins refuses what is wrong, each with its own message, and changes nothing", async () => {
  verifies("plugins-commands");
  await using home = await installed();
  const lock = () => Deno.readTextFileSync(pluginPaths(home.path).lockFile);
  const before = lock();
  for (const [line, code, error] of MISTAKES) {
    const ended = await km(home.path, line);
    deepStrictEqual([line, ended.code, ended.out], [line, code, ""], ended.err);
    match(ended.err, error);
  }
  equal(lock(), before);
});

Deno.test("a registry that cannot be used is in the way of names alone", async () => {
  using home = new TempFolder();
  const env = { KM_PLUGINS_REGISTRY: "http://plugins.example" };
  const [file, name] = [
    await km(home.path, "install ./nothing.kmpkg", env),
    await km(home.path, "install a", env),
  ];
  deepStrictEqual([file.code, name.code], [3, 2]);
  match(file.err, /nothing\.kmpkg/);
  match(name.err, /Cannot use "http:\/\/plugins\.example" as a registry: it is no https address/);
});

Deno.test("km plugins disable, enable, revoke, grant and remove say what they did, to people and to programs", async () => {
  verifies("plugins-commands");
  await using home = await installed();
  const json = async (line: string) => {
    const { code, out, err } = await km(home.path, `${line} --json`);
    equal(code, 0, err);
    return JSON.parse(out);
  };
  const off = await json("disable quiet");
  deepStrictEqual([off.outcome, off.name, off.version, off.enabled], ["disabled", "quiet", "1.0.0", false]);
  match((await km(home.path, "list")).out, /^quiet .*disabled/m);
  match((await km(home.path, "status")).out, /^quiet\n {2}disabled: you disabled it$/m);
  match((await km(home.path, "enable quiet")).err, /^quiet is on; it runs while km monitor does\n/);
  const less = await json("revoke quiet payload=redacted");
  deepStrictEqual([less.outcome, less.grants.includes("payload=redacted")], ["revoked", false]);
  const info = await json("info quiet");
  deepStrictEqual(info.notGranted.map(({ token }: { token: string }) => token), ["payload=redacted"]);
  const more = await json("grant quiet payload=redacted");
  deepStrictEqual([more.outcome, more.grants.includes("payload=redacted")], ["granted", true]);
  match((await km(home.path, "grant quiet")).err, /^quiet has all that it asks for\n$/);
  const wrong = await km(home.path, "revoke quiet net=foo");
  equal(wrong.code, 2);
  match(wrong.err, /^km: error: Cannot revoke "net=foo": /);
  match(
    (await km(home.path, "revoke quiet methods=*")).err,
    /^quiet is given no message any more: it has no methods; it may: servers=\* .*payload=redacted\n$/,
  );
  match((await km(home.path, "remove quiet")).err, /^quiet is removed; what it kept stays/);
  deepStrictEqual((await json("remove quiet --purge")).outcome, "removed");
  equal((await km(home.path, "list --json")).out, "");
});

Deno.test("km plugins refresh without a registry says that there is none, and of no plugin that it is not in it", async () => {
  verifies("plugins-commands");
  await using home = await installed();
  const { code, out, err } = await km(home.path, "refresh");
  deepStrictEqual([code, out], [2, ""]);
  match(err, /^km: error: No registry is set, .*\nkm: hint: km config set plugins\.registry .*\n$/);
});

Deno.test("km plugins names prints what completions offer", async () => {
  await using home = await installed();
  deepStrictEqual((await km(home.path, "names")).out, "quiet\n");
  equal((await runKm(["plugins", "--help"], { home: home.path })).out.includes("names"), false);
});

Deno.test("km plugins info proves the package first, and km doctor looks at what is installed", async () => {
  verifies("plugins-commands");
  await using home = await installed();
  const { out } = await km(home.path, "info quiet");
  match(out, /^quiet 1\.0\.0\n/);
  match(out, /^It may:\n {2}medium {2}/m);
  const doctor = async () =>
    new Map(
      (await runKm(["doctor", "--json"], { home: home.path })).out.trim().split("\n").map((line) => {
        const { check, status, detail } = JSON.parse(line);
        return [check, [status, detail]] as const;
      }),
    );
  const sound = await doctor();
  deepStrictEqual(sound.get("plugins.lock"), ["ok", "1 plugin, 1 on"]);
  deepStrictEqual(sound.get("plugins.quiet"), ["ok", "1.0.0, as it was installed"]);
  await home.tamper("quiet");
  equal((await km(home.path, "info quiet")).code, 23);
  deepStrictEqual((await doctor()).get("plugins.quiet")?.[0], "fail");
  match((await km(home.path, "status")).out, /^quiet\n {2}cannot run: /m);
  Deno.writeTextFileSync(pluginPaths(home.path).lockFile, "{}");
  deepStrictEqual((await doctor()).get("plugins.lock")?.[0], "fail");
  const broken = await km(home.path, "status");
  equal(broken.code, 27);
  match(broken.err, /plugins are off\nkm: hint: the file was left as it is/);
});

Deno.test("km plugins status says why none runs: no Deno that will do, or plugins.enabled is off", async () => {
  verifies("plugin-graceful");
  await using home = await installed();
  const denied = await km(home.path, "status", { KM_DENO: "/usr/bin/env" });
  match(denied.out, /^problem {6}KM_DENO is \/usr\/bin\/env, and /m);
  const { plugins } = JSON.parse((await km(home.path, "status --json", { KM_PLUGINS_ENABLED: "off" })).out);
  deepStrictEqual([plugins[0].state, plugins[0].reason], ["refused", "the setting plugins.enabled is off"]);
  equal((await km(home.path, "doctor", { KM_DENO: "/usr/bin/env" })).code, 27);
});

Deno.test("km plugins status and logs show what a host wrote, refused accesses too, and steer no terminal", async () => {
  verifies("plugin-refusals-shown", "plugins-commands");
  await using home = await installed();
  const paths = pluginPaths(home.path);
  writeHostStatus(paths.hostStatus, hostStatus("quiet", "\x1b[2J/etc/passwd\u202e"));
  Deno.mkdirSync(paths.logs, { recursive: true });
  Deno.writeTextFileSync(`${paths.logs}/quiet.jsonl`, LOGGED);
  const brief = await km(home.path, "status", { FORCE_COLOR: "1" });
  match(brief.out, /tried, and was refused:\n {4}read \\e\[2J\/etc\/passwd\\u\{202e\}, 12 times, last /);
  const [plugin] = JSON.parse((await km(home.path, "status --json")).out).plugins;
  deepStrictEqual([plugin.refused[0].permission, plugin.refused[0].count, plugin.counts.messages], [
    "read",
    12,
    1234,
  ]);
  const logs = await km(home.path, "logs", { FORCE_COLOR: "1", NO_COLOR: "" });
  equal(logs.code, 0);
  for (const { out } of [brief, await km(home.path, "status --verbose"), logs]) {
    // deno-lint-ignore no-control-regex -- they are what must not be there
    ok(!/\x1b\[2J|\x07|\u202e/.test(out), JSON.stringify(out));
  }
  const [entry] = (await km(home.path, "logs quiet --json")).out.trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  deepStrictEqual([entry.plugin, entry.source, entry.level], ["quiet", "plugin", "info"]);
});

Deno.test("km plugins login takes a token from stdin, status goes by it, logout forgets it", async () => {
  verifies("plugins-commands");
  using home = new TempFolder();
  const wrong = await runKm(["plugins", "login"], {
    home: home.path,
    stdin: "no.token.atall\n",
    timeoutMs: PATIENCE_MS,
  });
  equal(wrong.code, 23);
  const none = await km(home.path, "licence --json");
  deepStrictEqual([none.code, JSON.parse(none.out).state], [0, "none"]);
  match((await km(home.path, "logout")).err, /^there was no licence to sign out of\n$/);
});
