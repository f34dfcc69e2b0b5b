/** install.sh runs and trusts nothing that others may have put there, and removes only what it can prove to be km's. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { testUnless, unlessRoot } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { InstallSite, Person, UNTESTABLE } from "./install.ts";

testUnless(
  UNTESTABLE ?? unlessRoot(),
  "a TMPDIR that others may write holds no manifest: /tmp does",
  async () => {
    verifies("install-verifies");
    await using site = await InstallSite.serve();
    using person = new Person(54_326);
    for (const [mode, owner] of [[0o777, 54_326], [0o1777, 54_327], [0o775, 0], [0o1777, 0]] as const) {
      const TMPDIR = `${person.temporary}/${mode}-${owner}`;
      Deno.mkdirSync(TMPDIR);
      Deno.chmodSync(TMPDIR, mode);
      Deno.chownSync(TMPDIR, owner, 54_327);
      // A folder in an open one is as open.
      for (const folder of [TMPDIR, `${TMPDIR}/inside`]) {
        if (folder !== TMPDIR) Deno.mkdirSync(folder);
        if (folder !== TMPDIR) Deno.chownSync(folder, 54_326, 54_326);
        if (folder !== TMPDIR && mode === 0o1777) continue;
        const { code, err } = await person.install(site, { env: { TMPDIR: folder } });
        assert.equal(code, 0, err);
        const closed = mode === 0o1777 && owner === 0;
        assert.match(err, closed ? /^$/ : /^km: warning: taking \/tmp for temporary files: .*\"/);
      }
    }
    const gone = await person.install(site, { env: { TMPDIR: "/nowhere" } });
    assert.deepEqual([gone.code, /cannot be entered/.test(gone.err)], [EXIT_CODES.update_failed, true]);
  },
);

testUnless(
  UNTESTABLE ?? unlessRoot(),
  "--uninstall runs no km that another user could have put there",
  async () => {
    verifies("install-options");
    await using site = await InstallSite.serve();
    using person = new Person();
    for (const [mode, owner] of [[0o777, 0], [0o755, 54_327]] as const) {
      const text =
        `#!/bin/sh\n# km 9.0.0 for ${Deno.build.target}: a stand-in\necho ran >>"${person.home}/ran"\n`;
      person.write("bin/km", text, 0o755);
      Deno.chmodSync(`${person.home}/bin`, mode);
      Deno.chownSync(`${person.home}/bin/km`, owner, owner);
      const { code, err } = await person.install(site, {
        args: ["--uninstall"],
        env: { KM_INSTALL: `${person.home}/bin` },
      });
      assert.deepEqual([code, person.files()], [0, []], err);
      assert.match(err, /^km: warning: ".*\/bin\/km" is not run, so .*(may write into|belongs to)/);
    }
  },
);
