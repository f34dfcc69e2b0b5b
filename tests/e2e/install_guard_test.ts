/** install.sh runs and trusts nothing that others may have put there, and removes only what it can prove to be km's. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { missingProgram, testUnless, unlessRoot } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { fakePrograms, InstallSite, pathOf, Person, TOOLS, UNTESTABLE } from "./install.ts";

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

testUnless(UNTESTABLE, "relative folders in variables are ignored, and nothing loops", async () => {
  verifies("install-profile");
  await using site = await InstallSite.serve();
  for (const SHELL of ["/bin/bash", "/bin/zsh", "/usr/bin/fish"]) {
    using person = new Person();
    const env = { XDG_DATA_HOME: "~/.local/share", XDG_CONFIG_HOME: "~/.config", ZDOTDIR: "zd", SHELL };
    const { code, err } = await person.install(site, { env });
    assert.deepEqual([code, err], [0, ""]);
    assert.deepEqual(person.listing().filter((line) => /^(~|zd)/.test(line)), []);
    assert.equal((await person.install(site, { env, args: ["--uninstall"] })).code, 0);
    assert.deepEqual(person.files(), []);
  }
});

testUnless(UNTESTABLE, "without a tool that a check needs, nothing is done", async () => {
  verifies("install-shells");
  await using site = await InstallSite.serve();
  using person = new Person();
  await person.install(site);
  const before = person.listing();
  for (const missing of ["awk", "grep", "ls", "find", "sed", "cat", "mktemp", "id"]) {
    const PATH = pathOf(`${person.temporary}/without-${missing}`, [
      ...TOOLS.filter((tool) => tool !== missing),
      "curl",
      "openssl",
    ]);
    for (const args of [[], ["--uninstall"]]) {
      const { code, err } = await person.install(site, { args, env: { PATH } });
      assert.deepEqual([code, person.listing()], [EXIT_CODES.unsupported, before], err);
      assert.match(err, new RegExp(`: there is no "${missing}" on PATH\nkm: hint: `));
    }
  }
});

testUnless(UNTESTABLE, "a start-up file that is no text keeps its lines, and that is said", async () => {
  verifies("install-profile");
  await using site = await InstallSite.serve();
  using person = new Person();
  await person.install(site);
  person.write(".profile", `${person.read(".profile")}\0`);
  const { err } = await person.install(site, { args: ["--uninstall"] });
  assert.match(err, /^km: warning: km's lines in ".*\.profile" stay: it is no text\n$/);
});

testUnless(
  UNTESTABLE ?? missingProgram("zsh"),
  "zsh is asked for a ZDOTDIR that .zshenv does not export",
  async () => {
    verifies("install-profile");
    await using site = await InstallSite.serve();
    using person = new Person();
    person.write("dot/zshenv", "ZDOTDIR=$HOME/dot\n");
    Deno.symlinkSync("dot/zshenv", `${person.home}/.zshenv`);
    const before = person.files();
    await person.install(site, { env: { SHELL: "/bin/zsh" } });
    assert.match(person.read("dot/.zshrc"), /# km: begin/);
    assert.match((await person.run(["zsh", "-ic", "command -v km"])).out, /\.km\/bin\/km\n/);
    await person.install(site, { args: ["--uninstall"] });
    assert.deepEqual(person.files(), before);
  },
);

testUnless(UNTESTABLE, "what only looks like km's stays: unpacked, completions, database", async () => {
  verifies("install-options", "install-faults");
  await using site = await InstallSite.serve();
  using person = new Person();
  const bash = ".local/share/bash-completion/completions/km";
  person.write(bash, "# bash completion for km\nmine\n");
  person.write(`.cache/km/${"0123456789abcdef".repeat(2)}/notes`, "mine");
  person.write(".cache/km/.new-1-mine/notes", "mine");
  person.write(`.cache/km/.lock-${"0".repeat(32)}`, "mine");
  person.write(".km/bin/.km-new-mine/notes", "mine");
  person.write(".km/bin/.km-new-AbCdEf/notes", "mine");
  for (const name of ["mine", "AbCdEf"]) {
    for (const path of ["/notes", ""]) {
      const whole = `${person.home}/.km/bin/.km-new-${name}${path}`;
      Deno.chmodSync(whole, 0o700);
      Deno.utimeSync(whole, 1, 1);
    }
  }
  person.write(".km/km.db", "my own text");
  person.write(".profile", "mine\n");
  Deno.mkdirSync(`${person.home}/.config/fish/completions`, { recursive: true });
  Deno.symlinkSync("../nowhere", `${person.home}/.config/fish/completions/km.fish`);
  const before = person.files();
  const [old, fresh] = ["AbCdEf", "GhIjKl"].map((end) => `.profile.km-unfinished-${end}`);
  for (const path of [old, fresh]) person.write(path ?? "", "half");
  Deno.utimeSync(`${person.home}/${old}`, 1, 1);
  const { err } = await person.install(site);
  assert.equal(err.match(/is not km's: left alone$/gm)?.length, missingProgram("fish") === null ? 2 : 1, err);
  assert.deepEqual(person.files().filter((line) => line.includes("unfinished")).length, 1);
  Deno.removeSync(`${person.home}/${fresh}`);
  assert.equal((await person.install(site, { args: ["--uninstall", "--purge", "--yes"] })).code, 0);
  assert.deepEqual(person.files(), before);
});

testUnless(UNTESTABLE, "completions that km itself has written anew go with it", async () => {
  verifies("install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  await person.install(site);
  const printed = (await person.run([person.km, "completions", "bash"])).out;
  person.write(".local/share/bash-completion/completions/km", printed);
  assert.equal((await person.install(site, { args: ["--uninstall"] })).code, 0);
  assert.deepEqual(person.files(), []);
});

testUnless(UNTESTABLE, "a signal while a folder is made leaves none", async () => {
  verifies("install-faults");
  await using site = await InstallSite.serve();
  using person = new Person();
  const body = 'made=$(/usr/bin/mktemp "$@") || exit\nkill -HUP 0\necho "$made"';
  const PATH = fakePrograms(`${person.home}/fakes`, { mktemp: body });
  const before = person.listing();
  const script = `${site.folder.path}/install.sh`;
  const { code, err } = await person.run(["setsid", "-w", "sh", script], { PATH });
  assert.deepEqual([code, err, person.listing()], [129, "", before]);
  assert.deepEqual([...Deno.readDirSync(person.temporary)], []);
});
