/** install.sh in every shell, with every downloader, and cut off anywhere. @module */
import assert from "node:assert/strict";
import { missingProgram, testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { ROOT } from "./harness.ts";
import { InstallSite, pathOf, Person, TOOLS, UNTESTABLE } from "./install.ts";

const SCRIPT = `${ROOT}scripts/install.sh`;

testUnless(missingProgram("shellcheck"), "install.sh is clean for shellcheck", async () => {
  verifies("install-shells");
  const { code, stdout } = await new Deno.Command("shellcheck", { args: ["-s", "sh", SCRIPT] }).output();
  assert.equal(code, 0, new TextDecoder().decode(stdout));
});

for (
  const shell of ["dash", "bash", "bash --posix", "busybox ash", "zsh", "zsh --emulate sh", "ksh", "mksh"]
) {
  const missing = UNTESTABLE ?? missingProgram(shell.split(" ")[0] ?? "");
  testUnless(missing, `install.sh installs, says it is there, fails and uninstalls in ${shell}`, async () => {
    verifies("install-shells");
    await using site = await InstallSite.serve();
    using person = new Person(null, "my 'home' $x");
    const first = await person.install(site, { shell });
    assert.deepEqual([first.code, first.err], [0, ""], first.out);
    assert.equal((await person.run([person.km, "--version"])).out, "km 9.1.0\n");
    const installed = person.listing();
    const again = await person.install(site, { shell });
    assert.deepEqual([again.code, again.err], [0, ""]);
    assert.match(again.out, /^km 9\.1\.0 is already installed: /m);
    site.server.misbehave("/stable.json", { kind: "missing" });
    const failed = await person.install(site, { shell });
    assert.equal(failed.code, 24);
    assert.match(failed.err, /^km: error: Cannot download "http.*stable\.json": .*404.*\nkm: hint: .*\n$/);
    assert.deepEqual(person.listing(), installed);
    const gone = await person.install(site, { shell, args: ["--uninstall"] });
    assert.deepEqual([gone.code, gone.err, person.files()], [0, "", []]);
    assert.deepEqual([...Deno.readDirSync(person.temporary)], []);
  });
}

for (
  const [name, programs, get] of [
    ["curl", ["curl"], "curl -fsSL"],
    ["GNU wget", ["wget"], "wget -qO-"],
    ["busybox wget", ["busybox wget"], "wget -qO-"],
  ] as const
) {
  const missing = UNTESTABLE ?? missingProgram(...programs.map((program) => program.split(" ")[0] ?? ""));
  testUnless(missing, `install.sh downloads with ${name}, through redirections`, async () => {
    verifies("install-shells");
    await using site = await InstallSite.serve();
    using person = new Person();
    const PATH = pathOf(`${person.temporary}/path`, [...TOOLS, ...programs, "openssl"]);
    site.server.misbehave("/stable.json", { kind: "redirect", to: "/beta-moved.json" });
    site.server.misbehave("/beta-moved.json", { kind: "bytes", bytes: site.read("/stable.json") });
    // A connection that breaks is tried again.
    site.server.misbehave(site.file(), { kind: "cut", afterBytes: 100 }, 1);
    const { code, out, err } = await person.install(site, { get, env: { PATH } });
    assert.equal(code, 0, err);
    assert.match(out, new RegExp(`to undo: ${get} http`));
    assert.equal((await person.run([person.km, "--version"])).out, "km 9.1.0\n");

    site.server.misbehave(site.file(), { kind: "missing" });
    Deno.removeSync(person.km);
    const failed = await person.install(site, { get, env: { PATH } });
    assert.equal(failed.code, 24, failed.err);
    assert.match(failed.err, /404.*\nkm: hint: nothing is there for you: check the address/);
  });
}

testUnless(UNTESTABLE, "install.sh in the busybox of a small system", async () => {
  verifies("install-shells");
  await using site = await InstallSite.serve();
  using person = new Person();
  const applets = TOOLS.filter((tool) => !["getconf", "ldd"].includes(tool)).map((tool) => `busybox ${tool}`);
  const PATH = pathOf(`${person.temporary}/path`, [...applets, "busybox wget", "openssl"]);
  const { code, err } = await person.install(site, { get: "wget -qO-", shell: "sh", env: { PATH } });
  assert.equal(code, 0, err);
  const gone = await person.install(site, { get: "wget -qO-", args: ["--uninstall"], env: { PATH } });
  assert.deepEqual([gone.code, person.files()], [0, []], gone.err);
});

testUnless(UNTESTABLE, "a strange environment does not matter to install.sh", async () => {
  verifies("install-shells");
  await using site = await InstallSite.serve();
  using person = new Person();
  const env = {
    IFS: "km/.",
    GREP_OPTIONS: "--invert-match",
    CDPATH: "/",
    POSIXLY_CORRECT: "1",
    LC_ALL: "tr_TR.UTF-8",
    TZ: "Pacific/Auckland",
  };
  const line = `umask 0777; curl -fsSL ${site.baseUrl}/install.sh | sh`;
  const { code, err } = await person.run(["sh", "-c", line], env);
  assert.equal(code, 0, err);
  assert.equal((Deno.statSync(person.km).mode ?? 0) & 0o777, 0o755);
  assert.equal((await person.run([person.km, "--version"])).out, "km 9.1.0\n");
});

testUnless(
  UNTESTABLE,
  "a download of install.sh that was cut does nothing, wherever it was cut",
  async () => {
    verifies("install-truncated");
    await using site = await InstallSite.serve();
    using person = new Person();
    const script = site.read("/install.sh");
    const cuts = new Set([0, 1, 2, 12, script.length - 1]);
    // Every byte of the end, and a spread over the rest.
    for (let back = 2; back < 60; back++) cuts.add(script.length - back);
    for (let at = 97; at < script.length; at += 997) cuts.add(at);
    const requests = site.server.requests.length;
    for (const at of cuts) {
      if (script.slice(at).trim() === "") continue;
      for (const shell of at > script.length - 20 ? ["dash", "bash", "busybox ash", "zsh"] : ["sh"]) {
        await Deno.writeTextFile(`${person.temporary}/cut.sh`, script.slice(0, at));
        const line = `${shell} -s -- --dry-run < "$TMPDIR/cut.sh"`;
        const { out } = await person.run(["sh", "-c", line]);
        assert.deepEqual([out, person.listing()], ["", []], `cut at ${at} of ${script.length} in ${shell}`);
      }
    }
    assert.equal(site.server.requests.length, requests, "nothing was downloaded");
  },
);
