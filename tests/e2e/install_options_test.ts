/** Words and variables of install.sh, and the way back. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { missingProgram, testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { InstallSite, Person, UNTESTABLE } from "./install.ts";

testUnless(UNTESTABLE, "--help tells all words and variables, and nothing happens", async () => {
  verifies("install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  const { code, out, err } = await person.install(site, { args: ["--help"] });
  assert.deepEqual([code, err, person.listing()], [0, "", []]);
  for (const word of ["--dry-run", "--no-modify-path", "--uninstall", "--purge", "--yes"]) {
    assert.ok(out.includes(word), word);
  }
  for (const name of ["KM_BASE_URL", "KM_VERSION", "KM_CHANNEL", "KM_INSTALL"]) {
    assert.ok(out.includes(name), name);
  }
});

testUnless(UNTESTABLE, "words and values that are none: an error, and nothing happens", async () => {
  verifies("install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  for (
    const [args, env, says] of [
      [["--uninstal"], {}, /Cannot use "--uninstal": there is no such option\nkm: hint: --help lists them/],
      [["--purge"], {}, /Cannot purge alone/],
      [[], { KM_VERSION: "../x" }, /Cannot install version "\.\.\/x"/],
      [
        [],
        { KM_CHANNEL: "nightly" },
        /Cannot install from channel "nightly"\nkm: hint: KM_CHANNEL is stable or beta/,
      ],
      [[], { KM_INSTALL: "/" }, /Cannot install km into "\/"/],
      [[], { KM_INSTALL: "/a:b" }, /a folder on PATH has no colon/],
    ] as const
  ) {
    const { code, err } = await person.install(site, { args, env });
    assert.equal(code, EXIT_CODES.usage, err);
    assert.match(err, says);
  }
  assert.deepEqual([person.listing(), site.server.requests.filter((path) => path !== "/install.sh")], [
    [],
    [],
  ]);
});

testUnless(
  UNTESTABLE,
  "--dry-run says each step, downloads the manifest at most, changes nothing",
  async () => {
    verifies("install-options");
    await using site = await InstallSite.serve(["9.0.0"]);
    using person = new Person();
    const first = await person.install(site, { args: ["--dry-run"], env: { SHELL: "/bin/bash" } });
    assert.equal(first.code, 0, first.err);
    assert.match(
      first.out,
      /^would download http.*\/km-9\.0\.0-\S+ \(0 MB\) and check its SHA-256, [0-9a-f]{64}$/m,
    );
    assert.match(first.out, /^would install it as .*\/\.km\/bin\/km$/m);
    assert.match(first.out, /^ {2}would write start-up file: .*\.profile \(added\), .*\.bashrc \(added\)$/m);
    assert.match(first.out, /^ {2}would write completions: bash \(/m);
    assert.match(first.out, /\nnothing was changed\n$/);
    assert.deepEqual(person.listing(), []);
    assert.deepEqual(site.server.requests, ["/install.sh", "/stable.json", "/stable.json.sig"]);

    await person.install(site);
    await site.put("9.1.0");
    const before = person.listing();
    const second = await person.install(site, { args: ["--dry-run"] });
    assert.match(second.out, /^would keep the km that is there as .*km\.previous$/m);
    const gone = await person.install(site, { args: ["--uninstall", "--dry-run"] });
    assert.match(gone.out, /^would remove .*\/\.km\/bin\/km$/m);
    assert.match(gone.out, /^would remove km's lines in .*\.profile$/m);
    assert.deepEqual(person.listing(), before);
  },
);

testUnless(UNTESTABLE, "KM_VERSION and KM_CHANNEL say which one", async () => {
  verifies("install-options");
  await using site = await InstallSite.serve(["9.0.0", "9.1.0", "9.2.0-beta.1"]);
  using person = new Person();
  const versions = async (env: Record<string, string>) => {
    const { code, out, err } = await person.install(site, { env });
    return code === 0 ? /km (\S+?):? /.exec(out.replace(/^running.*\n/, ""))?.[1] : err;
  };
  assert.equal(await versions({}), "9.1.0");
  assert.equal(await versions({ KM_VERSION: "v9.0.0" }), "9.0.0");
  assert.equal(await versions({ KM_CHANNEL: "beta" }), "9.2.0-beta.1");
  assert.equal(await versions({ KM_VERSION: "9.1.0" }), "9.1.0");
  assert.match(
    await versions({ KM_VERSION: "8.0.0" }) ?? "",
    /Cannot download ".*\/v8\.0\.0\.json".*\n.*KM_VERSION/,
  );
  // The manifest of one version under the name of another.
  site.server.misbehave("/v8.0.0.json", { kind: "bytes", bytes: site.read("/v9.0.0.json") });
  site.server.misbehave("/v8.0.0.json.sig", { kind: "bytes", bytes: site.read("/v9.0.0.json.sig") });
  assert.match(await versions({ KM_VERSION: "8.0.0" }) ?? "", /it is of version 9\.0\.0, not of 8\.0\.0/);
});

testUnless(
  UNTESTABLE,
  "a version that is named is installed after its manifest has expired, with a warning",
  async () => {
    verifies("install-options");
    await using site = await InstallSite.serve();
    await site.put("9.1.0", { now: new Date("2020-01-01"), expires: new Date("2020-02-01") });
    using person = new Person();
    const { code, err } = await person.install(site, { env: { KM_VERSION: "9.1.0" } });
    assert.equal(code, 0, err);
    assert.match(
      err,
      /^km: warning: the manifest of version 9\.1\.0 expired on 2020-02-01T00:00:00Z; taken because/,
    );
  },
);

testUnless(
  UNTESTABLE,
  "KM_BASE_URL takes the release from elsewhere, KM_INSTALL puts it elsewhere",
  async () => {
    verifies("install-options");
    await using site = await InstallSite.serve(["9.1.0"], { baseUrl: "https://km.invalid/download" });
    using person = new Person();
    const env = { KM_BASE_URL: `${site.baseUrl}/`, KM_INSTALL: "~/programs" };
    const { code, out, err } = await person.install(site, { env });
    assert.equal(code, 0, err);
    assert.ok(out.includes(`installed km 9.1.0: ${person.home}/programs/km\n`), out);
    const undo = /to undo: (.*)/.exec(out)?.[1] ?? assert.fail(out);
    assert.equal(
      undo,
      `curl -fsSL ${site.baseUrl}/install.sh | KM_INSTALL="$HOME/programs" sh -s -- --uninstall`,
    );
    const gone = await person.run(["sh", "-c", undo]);
    assert.deepEqual([gone.code, person.files()], [0, []], gone.err);
    const relative = await person.install(site, { env: { ...env, KM_INSTALL: "bin" } });
    assert.ok(relative.out.includes(`installed km 9.1.0: ${person.home}/bin/km\n`), relative.out);
  },
);

/** The head of a database that km made: SQLite's application id says so. */
const KM_DATABASE = `SQLite format 3${"\0".repeat(53)}km\0\u0001`;

/** What km leaves in a home: records, what was unpacked, a service. */
function use(person: Person): void {
  // A km that notes what it is asked.
  const asked = `${person.temporary}/asked`;
  const script =
    `#!/bin/sh\n# km 9.1.0 for ${Deno.build.target}: a stand-in\n[ "$1" = --version ] && exec echo km 9.1.0\necho "$*" >>"${asked}"\n` +
    `[ "$1" = stop ] && echo "km serve has stopped (pid 7)"\nexit 0\n`;
  person.write(".km/bin/km", script, 0o755);
  person.write(".km/bin/km.previous", script, 0o755);
  person.write(".km/bin/km.update-lock", "");
  person.write(".km/km.db", "SQLite format 3\0records");
  person.write(".km/config.jsonc", "{}");
  person.write(".km/runtime/deno-2.9.6-x86_64-unknown-linux-gnu/deno", "a deno");
  person.write(".km/update.json", '{\n  "nextCheckAt": null,\n  "checkedAt": null\n}\n');
  person.write(".config/systemd/user/km.service", `ExecStart="${person.km}" "serve"\n`);
  person.write(`.cache/km/${"0123456789abcdef".repeat(2)}/deno`, "a deno");
  person.write(`.cache/km/${"0123456789abcdef".repeat(2)}/app/main.js`, "");
  person.write(".cache/km/.new-123-4026531836-77/deno", "half a deno");
  person.write(".cache/km/notes.txt", "not km's");
}

testUnless(UNTESTABLE, "--uninstall takes away the program and leaves what was recorded", async () => {
  verifies("install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  await person.install(site);
  use(person);
  const { code, out, err } = await person.install(site, { args: ["--uninstall"] });
  assert.deepEqual([code, err], [0, ""]);
  assert.deepEqual(
    person.listing().map((line) => line.split(" ")[0]).filter((path) => !path?.endsWith("/")),
    [
      ".cache/km/notes.txt",
      // A stand-in for km service uninstall does not remove it.
      ".config/systemd/user/km.service",
      ".km/config.jsonc",
      ".km/km.db",
    ],
  );
  const asked = await Deno.readTextFile(`${person.temporary}/asked`);
  assert.deepEqual(asked, "service uninstall\nstop\n");
  assert.match(out, /^km serve has stopped \(pid 7\)$/m);
  const purge = /^left what km recorded in .*\.km; to delete it: (.*)$/m.exec(out)?.[1] ?? assert.fail(out);
  assert.equal(purge, `curl -fsSL ${site.baseUrl}/install.sh | sh -s -- --uninstall --purge`);

  const unasked = await person.run(["setsid", "-w", "sh", "-c", purge]);
  assert.equal(unasked.code, EXIT_CODES.usage, unasked.out);
  assert.match(
    unasked.err,
    /Cannot ask whether to delete what is in ".*\.km": there is no terminal\nkm: hint: add --yes/,
  );
  assert.ok(person.listing().some((line) => line.startsWith(".km/km.db")));
  const purged = await person.run(["sh", "-c", `${purge} --yes`]);
  assert.equal(purged.code, 0, purged.err);
  assert.ok(!person.listing().some((line) => line.startsWith(".km/")));
});

testUnless(UNTESTABLE ?? missingProgram("script"), "--purge asks on the terminal", async () => {
  verifies("install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  use(person);
  const used = person.listing();
  for (const [answer, left] of [["n", true], ["", true], ["y", false]] as const) {
    const line = `curl -fsSL ${site.baseUrl}/install.sh | sh -s -- --uninstall --purge`;
    await using asked = person.start(["script", "-qec", line, "/dev/null"]);
    await asked.stdout.text("delete everything that km recorded in ");
    await asked.write(`${answer}\n`);
    const { code, out } = await asked.ended();
    assert.equal(code, left ? EXIT_CODES.usage : 0, out);
    // Who says no keeps all.
    if (left) assert.deepEqual(person.listing(), used);
    else assert.ok(!person.listing().some((path) => path.startsWith(".km/")), out);
  }
});

testUnless(UNTESTABLE, "--purge of a home of another name takes km's files alone", async () => {
  verifies("install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  person.write("documents/km.db", KM_DATABASE);
  person.write("documents/thesis.txt", "years of work");
  const args = ["--uninstall", "--purge", "--yes"];
  const mixed = await person.install(site, { args, env: { KM_HOME: `${person.home}/documents` } });
  assert.equal(mixed.code, 0, mixed.err);
  assert.deepEqual(person.listing().map((line) => line.split(" ")[0]), [
    "documents/",
    "documents/thesis.txt",
  ]);
  for (const KM_HOME of [person.home, `${person.home}/documents`, "/"]) {
    const { code, err } = await person.install(site, { args, env: { KM_HOME } });
    assert.deepEqual([code, /does not look like km's/.test(err)], [EXIT_CODES.usage, true], err);
  }
  assert.equal(person.read("documents/thesis.txt"), "years of work");
});

testUnless(UNTESTABLE, "--uninstall where nothing is says so, and needs no network", async () => {
  verifies("install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  const { code, out } = await person.install(site, { args: ["--uninstall"] });
  assert.deepEqual([code, out, person.listing()], [0, `there is no ${person.km}\n`, []]);
  assert.deepEqual(site.server.requests, ["/install.sh"]);
});

testUnless(
  UNTESTABLE ?? missingProgram("script"),
  "on a terminal there is a progress bar, in a pipe there is none",
  async () => {
    verifies("install-options");
    await using site = await InstallSite.serve();
    using person = new Person();
    const line = `curl -fsSL ${site.baseUrl}/install.sh | sh`;
    const { code, out } = await person.run(["script", "-qec", line, "/dev/null"]);
    assert.equal(code, 0, out);
    assert.match(out, /#.*100\.0%/);
    assert.match(out, /installed km 9\.1\.0/);
  },
);
