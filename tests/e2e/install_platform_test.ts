/** Which km install.sh takes for which system, and what it says where there is none. @module */
import assert from "node:assert/strict";
import type { Target } from "../../scripts/build/targets.ts";
import { testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { fakePrograms, InstallSite, Person, UNTESTABLE } from "./install.ts";

const TARGETS: readonly Target[] = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
];

/** A system, by what its programs say. */
interface System {
  readonly system: string;
  readonly machine: string;
  /** Other programs: name → body of a script. */
  readonly programs?: Readonly<Record<string, string>>;
}

const GLIBC = { ldd: 'echo "ldd (GNU libc) 2.39"', getconf: "echo 64" };
const MUSL = { ldd: 'echo "musl libc (x86_64)" >&2; echo "Version 1.2.5" >&2; exit 1' };

const TAKEN: readonly [string, System, Target, string?][] = [
  ["Linux, x86_64", { system: "Linux", machine: "x86_64", programs: GLIBC }, "x86_64-unknown-linux-gnu"],
  ["Linux, aarch64", { system: "Linux", machine: "aarch64", programs: GLIBC }, "aarch64-unknown-linux-gnu"],
  [
    "a Mac with Intel",
    { system: "Darwin", machine: "x86_64", programs: { sysctl: "exit 1" } },
    "x86_64-apple-darwin",
  ],
  ["a Mac with Apple silicon", { system: "Darwin", machine: "arm64" }, "aarch64-apple-darwin"],
  [
    "Rosetta",
    {
      system: "Darwin",
      machine: "x86_64",
      programs: { sysctl: '[ "$*" = "-n sysctl.proc_translated" ] && echo 1' },
    },
    "aarch64-apple-darwin",
    "this shell runs under Rosetta: taking the km for Apple silicon\n",
  ],
];

const REFUSED: readonly [string, System, RegExp, RegExp][] = [
  [
    "musl",
    { system: "Linux", machine: "x86_64", programs: MUSL },
    /the C library musl \(as Alpine\)/,
    /with glibc/,
  ],
  [
    "32 bits on a 64-bit kernel",
    { system: "Linux", machine: "x86_64", programs: { ...GLIBC, getconf: "echo 32" } },
    /32-bit programs on a 64-bit kernel \(x86_64\)/,
    /64-bit system/,
  ],
  [
    "an old PC",
    { system: "Linux", machine: "i686", programs: GLIBC },
    /not built for the processor i686/,
    /x86_64 and aarch64/,
  ],
  [
    "RISC-V",
    { system: "Linux", machine: "riscv64", programs: GLIBC },
    /not built for the processor riscv64/,
    /x86_64/,
  ],
  [
    "FreeBSD",
    { system: "FreeBSD", machine: "amd64" },
    /not built for FreeBSD/,
    /Linux with glibc, on macOS and on Windows/,
  ],
  [
    "Git for Windows",
    { system: "MINGW64_NT-10.0-22631", machine: "x86_64" },
    /it runs on Windows/,
    /irm http.*\/install\.ps1 \| iex/,
  ],
  ["Cygwin", { system: "CYGWIN_NT-10.0", machine: "x86_64" }, /it runs on Windows/, /install\.ps1/],
  ["MSYS2", { system: "MSYS_NT-10.0", machine: "x86_64" }, /it runs on Windows/, /install\.ps1/],
  [
    "Android",
    {
      system: "Linux",
      machine: "aarch64",
      programs: { ...GLIBC, uname: unameOf("Linux", "aarch64", "Android") },
    },
    /not built for Android/,
    /container/,
  ],
];

for (const [name, system, target, says = ""] of TAKEN) {
  testUnless(UNTESTABLE, `install.sh takes the right file on ${name}`, async () => {
    verifies("install-platform");
    await using site = await InstallSite.serve(["9.1.0"], { targets: TARGETS });
    using person = new Person();
    const { code, out, err } = await person.install(site, {
      args: ["--dry-run"],
      env: envOf(person, system),
    });
    assert.equal(code, 0, err);
    assert.ok(out.startsWith(says), out);
    assert.ok(out.includes(`would download ${site.baseUrl}/km-9.1.0-${target} `), out);
  });
}

for (const [name, system, message, hint] of REFUSED) {
  testUnless(UNTESTABLE, `install.sh says what to do on ${name}`, async () => {
    verifies("install-platform");
    await using site = await InstallSite.serve(["9.1.0"], { targets: TARGETS });
    using person = new Person();
    const { code, err } = await person.install(site, { env: envOf(person, system) });
    const [first = "", second = "", ...more] = err.split("\n");
    assert.deepEqual([code, more], [30, [""]], err);
    assert.match(first, /^km: error: Cannot install km/);
    assert.match(first, message);
    assert.match(second, /^km: hint: /);
    assert.match(second, hint);
    assert.deepEqual(person.listing(), []);
  });
}

testUnless(UNTESTABLE, "install.sh says when a release has no file for this system", async () => {
  verifies("install-platform");
  await using site = await InstallSite.serve(["9.1.0"], { targets: ["aarch64-apple-darwin"] });
  using person = new Person();
  const { code, err } = await person.install(site, {
    env: envOf(person, { system: "Linux", machine: "x86_64", programs: GLIBC }),
  });
  assert.equal(code, 30);
  assert.match(err, /km: error: Cannot install km 9\.1\.0: it has no file for x86_64-unknown-linux-gnu\n/);
});

function envOf(person: Person, { system, machine, programs = {} }: System): Record<string, string> {
  return {
    PATH: fakePrograms(`${person.temporary}/fakes`, { uname: unameOf(system, machine), ...programs }),
  };
}

function unameOf(system: string, machine: string, kind = "GNU/Linux"): string {
  return `case $1 in -m) echo ${machine} ;; -o) echo ${kind} ;; *) echo ${system} ;; esac`;
}
