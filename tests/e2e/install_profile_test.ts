/** The lines that install.sh writes for a shell: right, once, and gone again. @module */
import assert from "node:assert/strict";
import { missingProgram, testUnless, unlessRoot } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { InstallSite, Person, UNTESTABLE } from "./install.ts";

const NO_ZSH = UNTESTABLE ?? missingProgram("zsh");
const NO_FISH = UNTESTABLE ?? missingProgram("fish");
const NO_BASH = UNTESTABLE ?? missingProgram("bash");

/** Shells: SHELL, a new shell that runs a command, files that get lines. */
const SHELLS = [
  ["bash", "/bin/bash", ["bash", "-ic"], [".bashrc", ".profile"], NO_BASH],
  ["a login bash", "/bin/bash", ["bash", "-lc"], [".bashrc", ".profile"], NO_BASH],
  ["zsh", "/bin/zsh", ["zsh", "-ic"], [".zshrc"], NO_ZSH],
  ["fish", "/usr/bin/fish", ["fish", "-c"], [".config/fish/conf.d/km.fish"], NO_FISH],
  ["dash", "/bin/dash", ["dash", "-lc"], [".profile"], UNTESTABLE],
] as const;

/** Places that need quotes, below the home and elsewhere. */
const NAMES = ["home", "a home", `it's "$HOME" \`x\` \\ ü!`] as const;

for (const [name, SHELL, login, files, missing] of SHELLS) {
  testUnless(missing, `${name} finds km by the lines of install.sh, once, wherever it is`, async () => {
    verifies("install-profile");
    await using site = await InstallSite.serve();
    for (const home of NAMES) {
      using person = new Person(null, home);
      for (const KM_INSTALL of ["", `${person.temporary}/${home}/bin`]) {
        const env = { SHELL, ...(KM_INSTALL === "" ? {} : { KM_INSTALL }) };
        const bin = KM_INSTALL === "" ? `${person.home}/.km/bin` : KM_INSTALL;
        const first = await person.install(site, { env });
        assert.deepEqual([first.code, first.err], [0, ""]);
        const found = await person.run([...login, "command -v km; km --version"], env);
        // Without a terminal, an interactive bash says so.
        const complaints = found.err.replaceAll(/^bash: (cannot set terminal|no job control).*\n/gm, "");
        assert.deepEqual([found.out, complaints], [`${bin}/km\nkm 9.1.0\n`, ""], home);
        for (const file of files) assert.equal(person.read(file).match(/^# km: begin$/gm)?.length, 1, file);
        const installed = person.listing();
        const second = await person.install(site, {
          env: { ...env, PATH: `${bin}:${Deno.env.get("PATH")}` },
        });
        assert.deepEqual([second.code, person.listing()], [0, installed], second.err);
        const gone = await person.install(site, { env, args: ["--uninstall"] });
        const ofFish = /fish/;
        const left = person.files().filter((line) => !ofFish.test(line));
        assert.deepEqual([gone.code, left], [0, []], gone.err);
      }
    }
  });
}

testUnless(NO_BASH, "files that are there keep every byte of theirs, and links stay links", async () => {
  verifies("install-profile", "install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  const env = { SHELL: "/bin/bash" };
  Deno.mkdirSync(`${person.home}/dotfiles`);
  person.write("dotfiles/bashrc", "alias a=b\n# no end");
  Deno.symlinkSync("dotfiles/bashrc", `${person.home}/.bashrc`);
  // It reads the other file, so it needs no lines.
  person.write(".bash_profile", "[ -f ~/.bashrc ] && . ~/.bashrc\n");
  person.write(".config/fish/completions/km.fish", "# somebody's own\n");
  const before = person.files();
  const { code, err } = await person.install(site, { env });
  assert.equal(code, 0);
  assert.match(err, /^km: warning: ".*\/completions\/km\.fish" is not km's: left alone\n$/);
  const text = person.read("dotfiles/bashrc");
  assert.match(text, /^alias a=b\n# no end\n# km: begin\n(.*\n)+# km: end\n$/);
  assert.equal(person.read(".bash_profile"), "[ -f ~/.bashrc ] && . ~/.bashrc\n");
  await person.install(site, { env });
  assert.equal(person.read("dotfiles/bashrc"), text, "the second time adds nothing");
  assert.match((await person.run(["bash", "-lc", "command -v km"], env)).out, /\.km\/bin\/km\n$/);
  await person.install(site, { env, args: ["--uninstall"] });
  assert.deepEqual(person.files(), before);
});

testUnless(UNTESTABLE, "lines of an earlier place are changed, others' lines stay", async () => {
  verifies("install-profile");
  await using site = await InstallSite.serve();
  using person = new Person();
  person.write(".profile", "before\n");
  await person.install(site);
  person.write(".profile", `${person.read(".profile")}after\n`);
  const { out } = await person.install(site, { env: { KM_INSTALL: `${person.home}/other` } });
  assert.match(out, /start-up file: .*\.profile \(changed\)/);
  const text = person.read(".profile");
  assert.equal(text.match(/# km: begin/g)?.length, 1);
  assert.ok(text.includes("$HOME/other") && !text.includes(".km/bin"), text);
  await person.install(site, { args: ["--uninstall"], env: { KM_INSTALL: `${person.home}/other` } });
  assert.equal(person.read(".profile"), "before\nafter\n");
});

testUnless(UNTESTABLE, "nothing is written where PATH has the folder, or with --no-modify-path", async () => {
  verifies("install-profile", "install-options");
  await using site = await InstallSite.serve();
  using person = new Person();
  const KM_INSTALL = `${person.temporary}/bin`;
  const PATH = `${KM_INSTALL}:${Deno.env.get("PATH")}`;
  const system = await person.install(site, { env: { KM_INSTALL, PATH, SHELL: "/bin/bash" } });
  assert.equal(system.code, 0, system.err);
  assert.ok(!person.listing().some((line) => /bashrc|profile/.test(line)), person.listing().join("\n"));
  assert.doesNotMatch(system.out, /export PATH/);
  const left = await person.install(site, { args: ["--no-modify-path"] });
  assert.ok(!person.listing().some((line) => /profile/.test(line)));
  assert.match(left.out, /^ {2}export PATH="\$HOME\/\.km\/bin:\$PATH" .*start-up file\)$/m);
  // What an own line in a start-up file says needs no second one.
  person.write(".profile", 'PATH="$HOME/.km/bin:$PATH"\n');
  await person.install(site, { env: { PATH: `${person.home}/.km/bin:${Deno.env.get("PATH")}` } });
  assert.equal(person.read(".profile"), 'PATH="$HOME/.km/bin:$PATH"\n');
});

testUnless(NO_ZSH, "ZDOTDIR and XDG_CONFIG_HOME say where start-up files are", async () => {
  verifies("install-profile");
  await using site = await InstallSite.serve();
  using person = new Person();
  const env = { ZDOTDIR: `${person.home}/zsh files`, XDG_CONFIG_HOME: `${person.home}/settings` };
  await person.install(site, { env: { ...env, SHELL: "/bin/zsh" } });
  assert.match(person.read("zsh files/.zshrc"), /# km: begin/);
  await person.install(site, { env: { ...env, SHELL: "/bin/fish" } });
  assert.match(person.read("settings/fish/conf.d/km.fish"), /# km: begin/);
  const { err } = await person.install(site, { env, args: ["--uninstall"] });
  assert.deepEqual([person.files(), err], [[], ""]);
});

testUnless(UNTESTABLE ?? unlessRoot(), "a start-up file of somebody else is left alone", async () => {
  verifies("install-profile");
  await using site = await InstallSite.serve();
  using person = new Person();
  person.write(".profile", "theirs\n");
  Deno.chownSync(`${person.home}/.profile`, 54_323, 54_323);
  const { code, err } = await person.install(site);
  assert.equal(code, 0);
  assert.match(err, /^km: warning: ".*\.profile" belongs to somebody else: left alone\n/);
  assert.equal(person.read(".profile"), "theirs\n");
});

testUnless(
  NO_BASH ?? missingProgram("dh_bash-completion"),
  "bash completes km, with the package bash-completion and without",
  async () => {
    verifies("install-profile");
    await using site = await InstallSite.serve();
    using person = new Person();
    const env = { SHELL: "/bin/bash" };
    await person.install(site, { env });
    const plain = await person.run(["bash", "-ic", "complete -p km"], env);
    assert.match(plain.out, /^complete .* km\n$/, plain.err);
    const load = ". /usr/share/bash-completion/bash_completion; complete -r km 2>/dev/null; " +
      "_completion_loader km; complete -p km";
    const loaded = await person.run(["bash", "--norc", "-c", load], env);
    assert.match(loaded.out, /^complete -W 'demo' km$/m, loaded.err);
  },
);

testUnless(
  NO_ZSH,
  "zsh completes km, whether its completion is switched on before our lines or behind them",
  async () => {
    verifies("install-profile");
    await using site = await InstallSite.serve();
    for (
      const [before, after] of [["", "autoload -Uz compinit && compinit\n"], [
        "autoload -Uz compinit && compinit\n",
        "",
      ]]
    ) {
      using person = new Person();
      const env = { SHELL: "/bin/zsh" };
      if (before !== "") person.write(".zshrc", before ?? "");
      const { out } = await person.install(site, { env });
      assert.equal(out.includes("autoload -Uz compinit && compinit"), before === "");
      person.write(".zshrc", person.read(".zshrc") + after);
      const zsh = await person.run([
        "zsh",
        "-ic",
        "print -r -- $_comps[km]; autoload +X _km && whence -w _km",
      ], env);
      assert.deepEqual([zsh.out, zsh.err], ["_km\n_km: function\n", ""]);
    }
  },
);

testUnless(NO_FISH, "fish completes km", async () => {
  verifies("install-profile");
  await using site = await InstallSite.serve();
  using person = new Person();
  const env = { SHELL: "/usr/bin/fish" };
  await person.install(site, { env });
  const { out, err } = await person.run(["fish", "-c", "complete -C 'km de'"], env);
  assert.match(out, /^demo/, err);
});
