/** install.sh touches only what is km's, loses no file, and ends what never ends. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { signBytes } from "../../scripts/release/keys.ts";
import { testUnless, unlessRoot } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { InstallSite, Person, UNTESTABLE } from "./install.ts";

const PATH_LINE = `case ":$PATH:" in *":$HOME/.km/bin:"*) ;; *) export PATH="$HOME/.km/bin:$PATH" ;; esac`;
const DENO = "deno-2.9.6-x86_64-unknown-linux-gnu";

testUnless(UNTESTABLE, "--uninstall touches nothing in a KM_HOME that is somebody's project", async () => {
  verifies("install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  person.write("project/runtime/index.js", "mine");
  person.write(`project/runtime/${DENO}/notes.txt`, "mine");
  person.write("project/update.json", '{\n  "name": "mine"\n}\n');
  person.write("project/keys.json", "[]");
  for (const KM_HOME of ["project", person.home, "~", "/"]) {
    const before = person.listing();
    const { code, err } = await person.install(site, { args: ["--uninstall"], env: { KM_HOME } });
    assert.deepEqual([code, err, person.listing()], [0, "", before], KM_HOME);
    const purged = await person.install(site, {
      args: ["--uninstall", "--purge", "--yes"],
      env: { KM_HOME },
    });
    assert.deepEqual([purged.code, person.listing()], [EXIT_CODES.usage, before], purged.err);
  }
});

testUnless(UNTESTABLE, "--purge leaves foreign files in km's home, and names them", async () => {
  verifies("install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  await person.install(site);
  for (const name of ["km.db", "update.json.lock", "config.jsonc.new", "daemon.log.1"]) {
    person.write(`.km/${name}`, "");
  }
  person.write(".km/thesis.txt", "mine");
  person.write(".km/bin/tool", "mine");
  const { code, out } = await person.install(site, { args: ["--uninstall", "--purge", "--yes"] });
  assert.equal(code, 0);
  const left = person.files().filter((path) => !path.startsWith(".local/"));
  assert.deepEqual(left.map((line) => line.split(" ")[0]), [".km/bin/tool", ".km/thesis.txt"]);
  assert.match(out, /^left .*\.km: what is still there was not recorded by km: .*thesis\.txt/m);
});

for (
  const [name, text, rest] of [
    ["that has no end", `a\n# km: begin\n${PATH_LINE}\nmine\n`, null],
    ["with somebody's line inside", `a\n# km: begin\n${PATH_LINE}\nmine\n# km: end\nz\n`, null],
    ["with the lines of Windows", `a\r\n# km: begin\r\n${PATH_LINE}\r\n# km: end\r\nz`, "a\r\nz"],
    [
      "behind one without an end",
      `# km: begin\na\n# km: begin\n${PATH_LINE}\n# km: end\nz`,
      "# km: begin\na\nz",
    ],
  ] as const
) {
  testUnless(UNTESTABLE, `a block ${name} in a start-up file loses nobody's line`, async () => {
    verifies("install-profile");
    await using site = await InstallSite.serve();
    using person = new Person();
    person.write(".profile", text);
    const gone = await person.install(site, { args: ["--uninstall"] });
    assert.equal(gone.code, 0, gone.err);
    assert.equal(person.read(".profile"), rest ?? text);
    assert.equal(
      /warning: ".*\.profile" has a line "# km: begin"/.test(gone.err),
      text.match(/begin/g)?.length === 2 || rest === null,
    );
    person.write(".profile", text);
    assert.equal((await person.install(site)).code, 0);
    await person.install(site, { args: ["--uninstall"] });
    assert.equal(person.read(".profile"), rest ?? text);
  });
}

testUnless(
  UNTESTABLE,
  "a start-up file is replaced, never emptied: mode, link and old text live",
  async () => {
    verifies("install-profile");
    await using site = await InstallSite.serve();
    using person = new Person();
    person.write("dot/profile", "mine\n", 0o640);
    Deno.symlinkSync("dot/profile", `${person.home}/.profile`);
    // Whoever has the old file open sees it whole, for ever.
    using old = await Deno.open(`${person.home}/dot/profile`);
    assert.equal((await person.install(site)).code, 0);
    assert.equal(await new Response(old.readable).text(), "mine\n");
    assert.equal(Deno.readLinkSync(`${person.home}/.profile`), "dot/profile");
    assert.equal((Deno.statSync(`${person.home}/dot/profile`).mode ?? 0) & 0o777, 0o640);
    assert.deepEqual([...Deno.readDirSync(`${person.home}/dot`)].length, 1);
    // A second name stays one of the same file.
    Deno.linkSync(`${person.home}/dot/profile`, `${person.home}/second`);
    await person.install(site, { args: ["--uninstall"] });
    assert.deepEqual([person.read(".profile"), person.read("second")], ["mine\n", "mine\n"]);
  },
);

testUnless(UNTESTABLE ?? unlessRoot(), "a folder that others may write into gets no km", async () => {
  verifies("install-verifies");
  await using site = await InstallSite.serve();
  using person = new Person(54_326);
  for (const [mode, owner] of [[0o777, 54_326], [0o775, 54_326], [0o1777, 0], [0o755, 54_327]] as const) {
    const KM_INSTALL = `${person.temporary}/bin-${mode}-${owner}`;
    Deno.mkdirSync(KM_INSTALL);
    Deno.chmodSync(KM_INSTALL, mode);
    Deno.chownSync(KM_INSTALL, owner, 54_326);
    const { code, err } = await person.install(site, { env: { KM_INSTALL } });
    assert.equal(code, EXIT_CODES.not_trusted, err);
    assert.match(
      err,
      /^km: error: Cannot install km into ".*": .*(may write into|belongs to).*\nkm: hint: close it/,
    );
    assert.deepEqual([...Deno.readDirSync(KM_INSTALL)], []);
  }
});

testUnless(UNTESTABLE, "what killed installs left goes after an hour, and nothing else", async () => {
  verifies("install-faults");
  await using site = await InstallSite.serve();
  using person = new Person();
  for (const args of [[], ["--uninstall"]]) {
    for (
      const [name, mode] of [[".km-new-AbCdEf", 0o700], [".km-new-12345678", 0o700], [
        ".km-new-other",
        0o755,
      ]] as const
    ) {
      person.write(`.km/bin/${name}/km`, "half");
      Deno.chmodSync(`${person.home}/.km/bin/${name}`, mode);
      if (name === ".km-new-AbCdEf") continue;
      for (const path of ["/km", ""]) await Deno.utime(`${person.home}/.km/bin/${name}${path}`, 1, 1);
    }
    assert.equal((await person.install(site, { args })).code, 0);
    const left = [...Deno.readDirSync(`${person.home}/.km/bin`)].map(({ name }) => name);
    assert.deepEqual(left.filter((name) => name.startsWith(".")).sort(), [".km-new-AbCdEf", ".km-new-other"]);
  }
});

/** install.sh with shorter limits. */
function impatient(site: InstallSite): void {
  const text = site.read("/install.sh").replace("stall_seconds=30", "stall_seconds=1").replace(
    "proof_seconds=120",
    "proof_seconds=2",
  );
  site.server.misbehave("/install.sh", { kind: "bytes", bytes: text });
}

testUnless(
  UNTESTABLE,
  "a new km that hangs, a server that drips, and one that never ends: given up",
  async () => {
    verifies("install-faults");
    await using site = await InstallSite.serve();
    using person = new Person();
    impatient(site);
    site.server.misbehave(site.file(), { kind: "slow", bytesPerPiece: 1 });
    const slow = await person.install(site);
    assert.deepEqual([slow.code, person.listing()], [EXIT_CODES.download_failed, []], slow.err);
    assert.match(slow.err, /it came slower than 1 kB\/s/);
    site.server.behave();
    impatient(site);
    for (const [path, code] of [["/stable.json", 24], [site.file(), 24]] as const) {
      site.server.misbehave(path, { kind: "bytes", bytes: "x".repeat(3_000_000) });
      const large = await person.install(site);
      assert.deepEqual([large.code, person.listing()], [code, []], large.err);
      assert.match(large.err, /has more than \d+ bytes/);
      site.server.behave(path);
    }
    const file = `${person.temporary}/hangs`;
    await Deno.writeTextFile(file, `#!/bin/sh\nmkdir -p "$XDG_CACHE_HOME/km"\nexec sleep 1000\n`);
    await site.put("9.1.0", { file });
    impatient(site);
    const hung = await person.install(site);
    assert.deepEqual([hung.code, person.listing()], [EXIT_CODES.update_failed, []], hung.err);
    assert.match(hung.err, /does not say its version within 2 seconds/);
  },
);

testUnless(
  UNTESTABLE,
  "a manifest's entry is believed as a whole: times, name, size, address, channel",
  async () => {
    verifies("install-verifies");
    await using site = await InstallSite.serve();
    using person = new Person();
    const text = site.read("/stable.json");
    for (
      const [from, to, says] of [
        [/"published": "20/, '"published": "29', /and the clock here says/],
        [/"name": "km-/, '"name": "xx-', /is not whole/],
        [/"bytes": \d+/, '"bytes": 12345678901', /is not whole/],
        [/"url": "km/, '"url": "//host/km', /is no address/],
        [/"url": "km/, '"url": "ftp://host/km', /is no address/],
        [/"channel": "stable"/, '"channel": null', /it is of channel "null", not of "stable"/],
      ] as const
    ) {
      const bytes = text.replace(from, to);
      const { sig } = signBytes(new TextEncoder().encode(bytes), site.signer.privateKeyPem);
      site.server.misbehave("/stable.json", { kind: "bytes", bytes });
      site.server.misbehave("/stable.json.sig", { kind: "bytes", bytes: sig });
      const { code, err } = await person.install(site);
      assert.deepEqual([code, person.listing()], [EXIT_CODES.not_trusted, []], err);
      assert.match(err, says);
    }
  },
);

testUnless(UNTESTABLE, "a reader that leaves, noclobber and a password do no harm", async () => {
  verifies("install-shells", "install-faults");
  await using site = await InstallSite.serve();
  using person = new Person();
  const script = `${site.folder.path}/install.sh`;
  await person.run(["sh", "-c", `sh ${script} | head -1`]);
  assert.deepEqual([...Deno.readDirSync(person.temporary)], []);
  assert.deepEqual(person.listing().filter((line) => line.includes("km-new")), []);
  const KM_BASE_URL = site.baseUrl.replace("//", "//ann:secret@");
  for (const options of ["-C", "-e"]) {
    const { code, out, err } = await person.run(["sh", options, script], { KM_BASE_URL });
    assert.equal(code, 0, err);
    assert.ok(!`${out}${err}`.includes("secret"));
  }
});

testUnless(UNTESTABLE, "--uninstall of one km leaves what another one of this home needs", async () => {
  verifies("install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  await person.install(site);
  const before = person.listing();
  const KM_INSTALL = `${person.home}/second`;
  await person.install(site, { env: { KM_INSTALL }, args: ["--no-modify-path"] });
  const { code, out } = await person.install(site, { env: { KM_INSTALL }, args: ["--uninstall"] });
  assert.equal(code, 0);
  assert.match(out, /is another km of yours/);
  assert.deepEqual(person.listing().filter((line) => line !== "second/"), before);
});

testUnless(UNTESTABLE, "a stable version of the beta channel says how to stay on it", async () => {
  verifies("install-options");
  await using site = await InstallSite.serve(["9.1.0"]);
  using person = new Person();
  const { out } = await person.install(site, { env: { KM_CHANNEL: "beta" } });
  assert.match(out, /^ {2}km config set update\.channel beta /m);
  await site.put("9.2.0-beta.1");
  assert.doesNotMatch((await person.install(site, { env: { KM_CHANNEL: "beta" } })).out, /config set/);
});

testUnless(
  UNTESTABLE ?? unlessRoot(),
  "a start-up file in a folder that is closed is written in place",
  async () => {
    verifies("install-profile");
    await using site = await InstallSite.serve();
    using person = new Person(54_326);
    person.write("dot/profile", "mine\n");
    Deno.chownSync(`${person.home}/dot`, 0, 0);
    Deno.symlinkSync("dot/profile", `${person.home}/.profile`);
    const { code, err } = await person.install(site);
    assert.deepEqual([code, err], [0, ""]);
    assert.match(person.read("dot/profile"), /^mine\n# km: begin\n/);
    await person.install(site, { args: ["--uninstall"] });
    assert.equal(person.read("dot/profile"), "mine\n");
  },
);

testUnless(UNTESTABLE, "--dry-run runs no km, whichever kind it is, and changes nothing", async () => {
  verifies("install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  const mark = `echo ran >>"${person.home}/ran"\n`;
  const portable = `#!/bin/sh\n# km 9.0.0 for ${Deno.build.target}: a stand-in\n${mark}`;
  // As far as can be told, what has these is a compiled km.
  const compiled = new Uint8Array([
    ...Deno.readFileSync("/bin/true"),
    ...new TextEncoder().encode("d3n0l4nd km release manifest"),
  ]);
  for (const file of [portable, compiled, `#!/bin/sh\n${mark}`]) {
    person.write(".km/bin/km", "", 0o755);
    if (typeof file === "string") Deno.writeTextFileSync(person.km, file);
    else Deno.writeFileSync(person.km, file);
    person.write(".config/systemd/user/km.service", `ExecStart="${person.km}" "serve"\n`);
    const before = person.listing();
    for (const args of [["--dry-run"], ["--uninstall", "--dry-run"]]) {
      const { code, out } = await person.install(site, { args });
      assert.deepEqual(person.listing(), before);
      const known = file === portable || file === compiled;
      assert.equal(code, known || args.length === 2 ? 0 : EXIT_CODES.update_failed);
      assert.equal(/would (keep the km|remove .*\/bin\/km\n)/.test(out), known, out);
    }
  }
});
