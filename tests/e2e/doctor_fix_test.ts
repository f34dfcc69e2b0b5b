/** `km doctor --fix`: what it mends, when, and what it leaves alone. */
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { alone, doctor } from "./doctor.ts";
import { KM, runKm, Running, TempFolder } from "./harness.ts";

const UNIX = unlessOs("linux", "darwin");

/** A home with a recording, whose files are open to others. */
async function openHome(): Promise<TempFolder & { home: string; env: Record<string, string> }> {
  const folder = new TempFolder();
  const home = `${folder.path}/km`;
  await runKm(["monitor", "--", "cat"], { home, stdin: "x\n" });
  Deno.chmodSync(home, 0o755);
  Deno.chmodSync(`${home}/km.db`, 0o644);
  Deno.writeTextFileSync(`${home}/keys.json`, "[]", { mode: 0o644 });
  Deno.chmodSync(`${home}/keys.json`, 0o644);
  Deno.writeTextFileSync(`${home}/token`, "a".repeat(43));
  Deno.chmodSync(`${home}/token`, 0o644);
  return Object.assign(folder, { home, env: alone(folder.path) });
}

function modes(home: string): string[] {
  return ["", "/km.db", "/keys.json", "/token"].map((name) =>
    ((Deno.statSync(home + name).mode ?? 0) & 0o777).toString(8)
  );
}

testUnless(
  UNIX,
  "km doctor --fix --yes closes files to others, says so, checks again, and keeps every event",
  async () => {
    verifies("doctor-fix");
    using at = await openHome();
    const recorded = (await runKm(["export"], at)).out;
    const { code, out } = await runKm(["doctor", "--fix", "--yes"], at);
    match(out, /^fixed {2}home: no other user can read or write .*\/km any more$/m);
    match(out, /^fixed {2}database\.permissions: /m);
    match(out, /^fixed {2}daemon\.keys: /m);
    match(out, /^left {2}daemon\.token: put a new secret into /m);
    match(out, /^ok {4} *home /m);
    deepStrictEqual(modes(at.home), ["700", "600", "600", "644"]);
    equal(Deno.readTextFileSync(`${at.home}/token`), "a".repeat(43));
    equal(code, 20, "the token is still known to others");
    equal((await runKm(["export"], at)).out, recorded);

    const named = await doctor(["--fix", "--yes", "daemon.token"], at);
    deepStrictEqual([...named.checks.keys()], ["daemon.token"]);
    deepStrictEqual([named.code, named.checks.get("daemon.token")?.status], [0, "ok"]);
    match(named.checks.get("daemon.token")?.fixed ?? "", /^put a new secret into /);
    ok(Deno.readTextFileSync(`${at.home}/token`) !== "a".repeat(43));
    deepStrictEqual(modes(at.home), ["700", "600", "600", "600"]);
  },
);

testUnless(
  UNIX,
  "km doctor --fix without a terminal and without --yes changes nothing, and fails where it could",
  async () => {
    verifies("doctor-fix");
    using at = await openHome();
    const before = modes(at.home);
    const { code, out } = await runKm(["doctor", "--fix"], at);
    equal(code, 20);
    match(out, /^ {2}home: let no other user read or write /m);
    match(out, /nothing was changed: there is no terminal to ask; --yes does it without asking/);
    deepStrictEqual(modes(at.home), before);
    const { checks } = await doctor(["--fix"], at);
    deepStrictEqual(modes(at.home), before);
    match(checks.get("home")?.fix ?? "", /^let no other user /);
    equal(checks.get("home")?.fixed, null);

    await runKm(["doctor", "--fix", "--yes"], at);
    await runKm(["doctor", "--fix", "--yes", "daemon.token"], at);
    equal((await runKm(["doctor", "--fix"], at)).code, 0, "nothing is left to mend");
  },
);

testUnless(UNIX, "keys that others could have written are not made trusted by closing the file", async () => {
  verifies("doctor-fix");
  using at = await openHome();
  Deno.chmodSync(`${at.home}/keys.json`, 0o666);
  const { checks } = await doctor(["--fix", "--yes"], at);
  deepStrictEqual([checks.get("daemon.keys")?.status, checks.get("daemon.keys")?.fix], ["fail", null]);
  equal(modes(at.home)[2], "666");
});

testUnless(
  UNIX ?? missingProgram("script"),
  "km doctor --fix asks before each thing at a terminal, and does what was agreed to",
  async () => {
    verifies("doctor-fix");
    using at = await openHome();
    const line = [...KM, "doctor", "--fix"].map((word) => `'${word}'`).join(" ");
    const command = Deno.build.os === "darwin"
      ? ["script", "-q", "/dev/null", "sh", "-c", line]
      : ["script", "-qec", line, "/dev/null"];
    await using terminal = new Running([], { ...at, command });
    // home; database.permissions, which is asked again; daemon.token; daemon.keys.
    for (const [at, answer] of ["", "perhaps", "n", "", "y"].entries()) {
      const questions = () =>
        new TextDecoder().decode(terminal.stdout.bytes()).split(/\? \[[Yy]\/[Nn]\] /).length - 1;
      await terminal.stdout.waitFor(() => questions() > at, `question ${at + 1}`);
      await terminal.write(`${answer}\n`);
    }
    const { code, out } = await terminal.ended();
    match(out, /daemon\.token: .*\r\n.*\? \[y\/N\] /);
    match(out, /fixed {2}home: /);
    match(out, /left {2}database\.permissions: /);
    match(out, /left {2}daemon\.token: /);
    match(out, /fixed {2}daemon\.keys: /);
    deepStrictEqual(modes(at.home), ["700", "644", "600", "644"]);
    equal(code, 20);
  },
);

testUnless(
  UNIX,
  "km doctor --fix removes what a killed daemon left behind, and leaves one that runs alone",
  async () => {
    verifies("doctor-fix");
    await using daemon = await RunningDaemon.start();
    using folder = new TempFolder();
    const at = { home: daemon.home, env: alone(folder.path) };
    const file = `${daemon.home}/daemon.json`;
    equal((await doctor(["--fix", "--yes", "daemon"], at)).checks.get("daemon")?.fixed, null);
    ok(Deno.statSync(file).isFile);
    daemon.process.kill("SIGKILL");
    await daemon.process.exit();
    const { checks } = await doctor(["--fix", "--yes", "daemon"], at);
    deepStrictEqual([checks.get("daemon")?.status, checks.get("daemon")?.fixed], ["ok", `removed ${file}`]);
    deepStrictEqual([...Deno.readDirSync(daemon.home)].filter(({ name }) => name === "daemon.json"), []);
  },
);

testUnless(UNIX, "km doctor --fix removes unpacked versions that nothing needs", async () => {
  verifies("doctor-fix");
  using folder = new TempFolder();
  const env = alone(folder.path);
  const [old, other] = [
    `${env["XDG_CACHE_HOME"]}/km/${"0a".repeat(16)}`,
    `${env["XDG_CACHE_HOME"]}/km/other`,
  ];
  for (const path of [old, other]) Deno.mkdirSync(path, { recursive: true });
  Deno.writeFileSync(`${old}/deno`, new Uint8Array(1_000_000));
  const longAgo = new Date("2026-01-01");
  Deno.writeTextFileSync(`${old}/used`, "");
  Deno.utimeSync(`${old}/used`, longAgo, longAgo);
  const at = { home: `${folder.path}/km`, env };
  const found = (await doctor(["unpacked"], at)).checks.get("unpacked");
  equal(found?.status, "warn");
  match(found?.detail ?? "", /^1 unpacked version of km in .* that nothing runs from, 1\.0 MB$/);
  const { checks, code } = await doctor(["--fix", "--yes", "unpacked"], at);
  deepStrictEqual([code, checks.get("unpacked")?.status, checks.get("unpacked")?.fixed], [
    0,
    "ok",
    `removed ${old}`,
  ]);
  // A portable file that is tested has unpacked itself there too.
  const left = [...Deno.readDirSync(`${env["XDG_CACHE_HOME"]}/km`)].map(({ name }) => name);
  deepStrictEqual([left.includes("other"), left.includes("0a".repeat(16))], [true, false]);
});

Deno.test("km doctor takes names of checks, and says what is none", async () => {
  using folder = new TempFolder();
  const at = { home: `${folder.path}/km`, env: alone(folder.path) };
  deepStrictEqual([...(await doctor(["disk", "home"], at)).checks.keys()], ["home", "disk"]);
  const unknown = await runKm(["doctor", "dsik"], at);
  deepStrictEqual([unknown.code, unknown.out], [2, ""]);
  match(unknown.err, /^km: error: There is no check "dsik" here\nkm: hint: did you mean "disk"\?\n$/);
  const yes = await runKm(["doctor", "--yes"], at);
  equal(yes.code, 2);
  match(yes.err, /--yes belongs to --fix/);
});
