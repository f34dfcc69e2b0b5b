/** `curl … | sh` in an empty home, with a real km, and all the way back. @module */
import assert from "node:assert/strict";
import { missingProgram, testUnless, unlessRoot } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { InstallSite, Person, UNTESTABLE } from "./install.ts";

/** Nobody's number. */
const ORDINARY = 54_321;

/** `SHELL`, and what starts a new shell of that kind that runs a command. */
const SHELLS = [
  ["/bin/bash", ["bash", "-ic"]],
  ["/bin/bash", ["bash", "-lic"]],
  ["/usr/bin/zsh", ["zsh", "-ic"]],
  ["/usr/bin/fish", ["fish", "-c"]],
  ["/bin/sh", ["sh", "-lc"]],
] as const;

const MISSING = UNTESTABLE ?? unlessRoot() ?? missingProgram("bash", "zsh", "fish");

testUnless(
  UNTESTABLE ?? missingProgram("bash"),
  "install.sh gives whoever runs the tests a km that runs km demo, and takes it away",
  async () => {
    verifies("install-one-line", "install-options");
    await using site = await InstallSite.serve(["9.1.0"], { real: true });
    using person = new Person();
    await installAndBack(site, person, SHELLS[1]);
  },
);

testUnless(MISSING, "install.sh does so for an ordinary user, in bash, zsh, fish and sh", async () => {
  verifies("install-one-line", "install-options");
  await using site = await InstallSite.serve(["9.1.0"], { real: true });
  for (const shell of SHELLS) {
    using person = new Person(ORDINARY);
    await installAndBack(site, person, shell);
  }
});

async function installAndBack(
  site: InstallSite,
  person: Person,
  shell: typeof SHELLS[number],
): Promise<void> {
  const [name, login] = shell;
  const env = { SHELL: name };
  const before = person.listing();
  const { code, out, err } = await person.install(site, { env });
  assert.equal(code, 0, err);
  assert.match(out, /^installed km 9\.1\.0: .*\/home\/\.km\/bin\/km$/m);
  assert.equal(out.includes("running as root"), (await person.run(["id", "-u"])).out === "0\n");
  assert.equal(err, "");
  assert.equal((Deno.statSync(`${person.home}/.km`).mode ?? 0) & 0o777, 0o700);

  // The lines may not make a new shell say anything.
  const quiet = await person.run([...login, "true"], env);
  assert.equal(quiet.out, "", login.join(" "));
  const demo = await person.run([...login, "command -v km; km demo"], env);
  assert.equal(demo.code, 0, demo.err);
  assert.ok(demo.out.startsWith(`${person.km}\n`), demo.out);
  assert.match(demo.out, /km recorded/i);
  const doctor = await person.run([...login, "km doctor"], env);
  assert.match(doctor.out, /\nall well\n$/, doctor.out);

  const undo = /^ {2}to undo: (.*)$/m.exec(out)?.[1] ?? assert.fail(out);
  const gone = await person.run(["sh", "-c", undo], env);
  assert.equal(gone.code, 0, gone.err);
  // What shells write about themselves is not ours.
  const ofShells = /^\.(config|cache|local)\/$|fish\/|fish$|^\.local\/share\/$|\.zcompdump/;
  assert.deepEqual(person.listing().filter((line) => !ofShells.test(line)), before, gone.out);
}
