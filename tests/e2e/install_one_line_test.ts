/** `curl … | sh` in an empty home, with a real km, and all the way back. @module */
import assert from "node:assert/strict";
import denoJson from "../../deno.json" with { type: "json" };
import { builtKm } from "../built.ts";
import { missingProgram, testUnless, unlessRoot } from "../skip.ts";
import { verifies } from "../verifies.ts";
import type { Ended } from "./harness.ts";
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

/** The only build with no options: others use it too. */
const { version: VERSION } = denoJson;

testUnless(
  UNTESTABLE ?? missingProgram("bash"),
  "install.sh gives whoever runs the tests a km that runs km demo, and takes it away",
  async () => {
    verifies("install-one-line", "install-options");
    await using site = await InstallSite.serve([VERSION], { file: await builtKm() });
    using person = new Person();
    await installAndBack(site, person, { shell: SHELLS[1], proof: provesReal });
  },
);

testUnless(
  UNTESTABLE ?? unlessRoot() ?? missingProgram("bash"),
  "install.sh does so for an ordinary user",
  async () => {
    verifies("install-one-line", "install-options");
    await using site = await InstallSite.serve([VERSION], { file: await builtKm() });
    using person = new Person(ORDINARY);
    await installAndBack(site, person, { shell: SHELLS[0], proof: provesReal });
  },
);

testUnless(
  UNTESTABLE ?? unlessRoot() ?? missingProgram("bash", "zsh", "fish"),
  "install.sh puts km on an ordinary user's PATH in bash, zsh, fish and sh, and takes it away",
  async () => {
    verifies("install-one-line", "install-options");
    await using site = await InstallSite.serve([VERSION]);
    for (const shell of SHELLS) {
      using person = new Person(ORDINARY);
      await installAndBack(site, person, { shell, proof: provesStandIn });
    }
  },
);

type Ask = (line: string) => Promise<Ended>;

async function provesReal(ask: Ask, km: string): Promise<void> {
  const demo = await ask("command -v km; km demo");
  assert.equal(demo.code, 0, demo.err);
  assert.ok(demo.out.startsWith(`${km}\n`), demo.out);
  assert.match(demo.out, /km recorded/i);
  const doctor = await ask("km doctor");
  assert.match(doctor.out, /\nall well\n$/, doctor.out);
}

async function provesStandIn(ask: Ask, km: string): Promise<void> {
  const { out, err } = await ask("command -v km; km --version");
  assert.equal(out, `${km}\nkm ${VERSION}\n`, err);
}

async function installAndBack(
  site: InstallSite,
  person: Person,
  { shell: [name, login], proof }: {
    readonly shell: typeof SHELLS[number];
    readonly proof: (ask: Ask, km: string) => Promise<void>;
  },
): Promise<void> {
  const env = { SHELL: name };
  const before = person.files();
  const { code, out, err } = await person.install(site, { env });
  assert.equal(code, 0, err);
  assert.match(out, /^installed km [\d.]+: .*\/home\/\.km\/bin\/km$/m);
  assert.equal(out.includes("running as root"), (await person.run(["id", "-u"])).out === "0\n");
  assert.equal(err, "");
  assert.equal((Deno.statSync(`${person.home}/.km`).mode ?? 0) & 0o777, 0o700);

  // The lines may not make a new shell say anything.
  const quiet = await person.run([...login, "true"], env);
  assert.equal(quiet.out, "", login.join(" "));
  await proof((line) => person.run([...login, line], env), person.km);

  const undo = /^ {2}to undo: (.*)$/m.exec(out)?.[1] ?? assert.fail(out);
  const gone = await person.run(["sh", "-c", undo], env);
  assert.equal(gone.code, 0, gone.err);
  // What shells write about themselves is not ours.
  const ofShells = /\/fish\/|\.zcompdump/;
  assert.deepEqual(person.files().filter((line) => !ofShells.test(line)), before, gone.out);
}
