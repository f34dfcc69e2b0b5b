/** A km that is there already: older, the same, newer, a checkout's, somebody else's. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { unixCommand } from "../../scripts/install_from_source.ts";
import { testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { ROOT } from "./harness.ts";
import { fakePrograms, InstallSite, Person, UNTESTABLE } from "./install.ts";

testUnless(UNTESTABLE, "an older km is replaced and kept as km.previous", async () => {
  verifies("install-older");
  await using site = await InstallSite.serve(["9.0.0"]);
  using person = new Person();
  await person.install(site);
  await site.put("9.1.0");
  const { code, out } = await person.install(site);
  assert.equal(code, 0);
  assert.match(out, /^ {2}replaced: km 9\.0\.0, kept as .*\/\.km\/bin\/km\.previous$/m);
  assert.equal((await person.run([person.km, "--version"])).out, "km 9.1.0\n");
  assert.equal((await person.run([`${person.km}.previous`, "--version"])).out, "km 9.0.0\n");
  await site.put("9.2.0");
  await person.install(site);
  assert.equal((await person.run([`${person.km}.previous`, "--version"])).out, "km 9.1.0\n");
  assert.deepEqual([...Deno.readDirSync(`${person.home}/.km/bin`)].length, 2);
});

testUnless(UNTESTABLE, "the same km stays, and what is missing around it is mended", async () => {
  verifies("install-older", "install-profile");
  await using site = await InstallSite.serve();
  using person = new Person();
  await person.install(site);
  const installed = person.listing();
  const completions = `${person.home}/.local/share/bash-completion/completions/km`;
  Deno.removeSync(`${person.home}/.profile`);
  Deno.removeSync(completions);
  site.server.requests.length = 0;
  const { code, out } = await person.install(site);
  assert.equal(code, 0);
  assert.match(out, /^km 9\.1\.0 is already installed: /m);
  assert.ok(!site.server.requests.includes(site.file()), "nothing is downloaded");
  assert.deepEqual(person.listing(), installed);

  Deno.writeTextFileSync(person.km, `${Deno.readTextFileSync(person.km)}# damaged\n`);
  const mended = await person.install(site);
  assert.match(mended.out, /replaced: a km 9\.1\.0 that was not the released file/);
  assert.deepEqual(person.listing(), installed);
});

// Old, new, and whether the old one is newer. Semantic Versioning 2.0.0, section 11.
const VERSIONS = [
  ["9.1.0", "9.0.9", true],
  ["9.10.0", "9.9.0", true],
  ["9.9.0", "9.10.0", false],
  ["10.0.0", "9.99.99", true],
  ["9.1.0", "9.1.0-beta.1", true],
  ["9.1.0-beta.1", "9.1.0", false],
  ["9.1.0-beta.10", "9.1.0-beta.9", true],
  ["9.1.0-beta.2", "9.1.0-beta.10", false],
  ["9.1.0-rc.1", "9.1.0-beta.2", true],
  ["9.1.0-beta", "9.1.0-beta.1", false],
  ["9.1.0-beta.x", "9.1.0-beta.1", true],
] as const;

for (const [old, version, newer] of VERSIONS) {
  testUnless(
    UNTESTABLE,
    `km ${old} in place, ${version} released: ${newer ? "refused" : "replaced"}`,
    async () => {
      verifies("install-older");
      await using site = await InstallSite.serve([old]);
      using person = new Person();
      const env = { KM_CHANNEL: "beta" };
      await person.install(site, { env });
      const before = person.listing();
      await site.put(version);
      const { code, err } = await person.install(site, { env });
      assert.equal(code, newer ? EXIT_CODES.update_failed : 0, err);
      if (!newer) return;
      const says = `km: error: Cannot install km ${version}: km ${old} is there, which is newer\nkm: hint: `;
      assert.ok(err.startsWith(says), err);
      assert.deepEqual(person.listing(), before);
      const named = await person.install(site, { env: { ...env, KM_VERSION: version } });
      assert.equal(named.code, 0, named.err);
      assert.equal((await person.run([person.km, "--version"])).out, `km ${version}\n`);
    },
  );
}

testUnless(UNTESTABLE, "the command of a checkout is replaced, kept, and told", async () => {
  verifies("install-older");
  await using site = await InstallSite.serve();
  using person = new Person();
  person.write(".km/bin/km", unixCommand({ deno: Deno.execPath(), version: "2.9.6", root: ROOT }), 0o755);
  const { code, out, err } = await person.install(site);
  assert.equal(code, 0, err);
  assert.match(out, /replaced: the command of a checkout \(deno task install\), kept as .*km\.previous/);
  assert.equal((await person.run([person.km, "--version"])).out, "km 9.1.0\n");
  assert.ok(person.read(".km/bin/km.previous").includes(`${ROOT}main.ts`));
});

testUnless(UNTESTABLE, "the command of a checkout is not uninstalled", async () => {
  verifies("install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  person.write(".km/bin/km", unixCommand({ deno: Deno.execPath(), version: "2.9.6", root: ROOT }), 0o755);
  const { code, out } = await person.install(site, { args: ["--uninstall"] });
  assert.equal(code, 0);
  assert.match(out, /^left .*: it is the command of a checkout/);
  assert.ok(Deno.statSync(person.km).isFile);
});

testUnless(
  UNTESTABLE,
  "an empty km is replaced; another program called km is neither run nor touched",
  async () => {
    verifies("install-older", "install-options");
    await using site = await InstallSite.serve();
    using person = new Person();
    person.write(".km/bin/km", "", 0o755);
    const mended = await person.install(site);
    assert.match(mended.out, /replaced: a km that did not run/);
    const KM_INSTALL = `${person.home}/bin`;
    person.write("bin/km", `#!/bin/sh\necho ran >"${person.home}/ran"\necho km 1.0.0\n`, 0o755);
    person.write("bin/km.previous", "somebody's");
    const before = person.listing();
    for (const args of [[], ["--dry-run"]]) {
      const { code, err } = await person.install(site, { env: { KM_INSTALL }, args });
      assert.deepEqual([code, person.listing()], [EXIT_CODES.update_failed, before]);
      assert.match(err, /^km: error: Cannot install km as ".*\/bin\/km": another program is there/);
    }
    const gone = await person.install(site, { env: { KM_INSTALL }, args: ["--uninstall"] });
    assert.match(gone.err, /^km: warning: left ".*\/bin\/km": it is not km.*\n.*left ".*km\.previous"/);
    assert.deepEqual(person.listing(), before, "the other km keeps its lines and completions");
  },
);

for (const taken of ["folder", "file"]) {
  testUnless(UNTESTABLE, `a ${taken} called km.previous that is not km's stops the install`, async () => {
    verifies("install-older");
    await using site = await InstallSite.serve(["9.0.0"]);
    using person = new Person();
    await person.install(site);
    person.write(`.km/bin/km.previous${taken === "folder" ? "/mine" : ""}`, "mine");
    await site.put("9.1.0");
    const before = person.listing();
    const { code, err } = await person.install(site);
    assert.deepEqual([code, person.listing()], [EXIT_CODES.update_failed, before]);
    assert.match(err, /^km: error: Cannot keep the km that is there as ".*km\.previous": something else/);
  });
}

testUnless(UNTESTABLE, "another km on PATH that hides the new one is told", async () => {
  verifies("install-older");
  await using site = await InstallSite.serve();
  using person = new Person();
  const PATH = fakePrograms(`${person.temporary}/other`, { km: "echo other" });
  const other = `${person.temporary}/other/km`;
  const first = await person.install(site, { env: { PATH } });
  assert.equal(
    first.err,
    `km: warning: "${other}" is another km; in new shells "${person.km}" comes first\n`,
  );
  const hidden = await person.install(site, { env: { PATH: `${PATH}:${person.home}/.km/bin` } });
  assert.equal(hidden.err, `km: warning: "${other}" comes first on PATH and hides "${person.km}"\n`);
  const first2 = await person.install(site, { env: { PATH: `${person.home}/.km/bin:${PATH}` } });
  assert.equal(first2.err, "");
});
