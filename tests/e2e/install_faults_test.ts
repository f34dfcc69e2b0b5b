/** Whatever goes wrong: a clear error, nothing half installed, and the km that was there still works. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../../src/core/error.ts";
import { SmallDisk, unlessTmpfs } from "../fakes/small_disk.ts";
import { missingProgram, testUnless, unlessRoot } from "../skip.ts";
import { verifies } from "../verifies.ts";
import type { Ended } from "./harness.ts";
import {
  fakePrograms,
  type InstallOptions,
  InstallSite,
  pathOf,
  Person,
  TOOLS,
  UNTESTABLE,
} from "./install.ts";

/** Nobody's number. */
const ORDINARY = 54_322;

/** Failed with this code, an error and a hint. */
function assertFailed({ code, err }: Ended, name: keyof typeof EXIT_CODES, says: RegExp): void {
  assert.equal(code, EXIT_CODES[name], err);
  assert.match(err, /^(km: warning: .*\n)*km: error: .*\nkm: hint: .*\n$/);
  assert.match(err, says);
}

/** A person with km 9.0.0, and a site with 9.1.0 beside it. */
async function withOlder(person: Person, options: InstallOptions = {}): Promise<InstallSite> {
  const site = await InstallSite.serve(["9.0.0"]);
  const { code, err } = await person.install(site, options);
  assert.equal(code, 0, err);
  await site.put("9.1.0");
  return site;
}

interface Fault {
  readonly name: string;
  readonly spoil: (site: InstallSite, person: Person) => void | Promise<void>;
  readonly env?: (site: InstallSite, person: Person) => Record<string, string>;
  readonly code: keyof typeof EXIT_CODES;
  readonly says: RegExp;
}

const FAULTS: readonly Fault[] = [
  {
    name: "a release that is not there",
    spoil: (site) => site.server.misbehave("/stable.json", { kind: "missing" }),
    code: "download_failed",
    says:
      /Cannot download ".*\/stable\.json": .*404.*\nkm: hint: nothing is there for you: check the address/,
  },
  {
    name: "a file that is not there",
    spoil: (site) => site.server.misbehave(site.file(), { kind: "missing" }),
    code: "download_failed",
    says: /Cannot download ".*\/km-9\.1\.0-.*404/,
  },
  {
    name: "a server that fails",
    spoil: (site) => site.server.misbehave(site.file(), { kind: "status", status: 503 }),
    code: "download_failed",
    says: /Cannot download ".*": .*503.*\nkm: hint: check the network and run it again; nothing was changed/,
  },
  {
    name: "a connection that is cut each time",
    spoil: (site) => site.server.misbehave(site.file(), { kind: "cut", afterBytes: 300 }),
    code: "download_failed",
    says: /Cannot download ".*": .*\nkm: hint: check the network and run it again/,
  },
  {
    name: "a shorter file",
    spoil: (site) => site.server.misbehave(site.file(), { kind: "bytes", bytes: "#!/bin/sh\n" }),
    code: "download_failed",
    says: /it has 10 bytes, not \d+/,
  },
  {
    name: "a name that cannot be resolved",
    spoil: () => {},
    env: () => ({ KM_BASE_URL: "https://km.invalid/download" }),
    code: "download_failed",
    says:
      /Cannot download "https:\/\/km\.invalid\/download\/stable\.json": .*\nkm: hint: check the network, the name and the proxy/,
  },
  {
    name: "a port where nobody listens",
    spoil: () => {},
    env: () => ({ KM_BASE_URL: "http://127.0.0.1:1" }),
    code: "download_failed",
    says: /Cannot download "http:\/\/127\.0\.0\.1:1\/stable\.json"/,
  },
  {
    name: "a new km that does not run",
    spoil: async (site, person) => {
      const file = `${person.temporary}/broken`;
      await Deno.writeTextFile(file, "#!/bin/sh\necho no library >&2\nexit 1\n");
      await site.put("9.1.0", { file });
    },
    code: "update_failed",
    says: /Cannot use the new km: it does not say "km 9\.1\.0" but "no library"/,
  },
  {
    name: "a new km of another version",
    spoil: async (site) => await site.put("9.1.0", { file: `${site.folder.path}/stand-in-9.0.0` }),
    code: "update_failed",
    says: /it does not say "km 9\.1\.0" but "km 9\.0\.0"/,
  },
  {
    name: "no folder for temporary files",
    spoil: () => {},
    env: (_, person) => ({ TMPDIR: `${person.temporary}/none` }),
    code: "update_failed",
    says: /Cannot make a folder in ".*\/none"/,
  },
  {
    name: "no HOME",
    spoil: () => {},
    env: () => ({ HOME: "" }),
    code: "usage",
    says: /HOME is not set/,
  },
  {
    name: "a HOME that is no folder",
    spoil: () => {},
    env: () => ({ HOME: "/dev/null" }),
    code: "usage",
    says: /HOME "\/dev\/null" is no folder/,
  },
  {
    name: "neither curl nor wget",
    spoil: () => {},
    env: (_, person) => ({ PATH: pathOf(`${person.temporary}/bare`, TOOLS) }),
    code: "unsupported",
    says: /there is neither curl nor wget/,
  },
];

for (const { name, spoil, env = () => ({}), code, says } of FAULTS) {
  testUnless(UNTESTABLE, `${name}: an error, and the older km still works`, async () => {
    verifies("install-faults");
    using person = new Person();
    await using site = await withOlder(person);
    const before = person.listing();
    await spoil(site, person);
    await Deno.writeTextFile(`${person.temporary}/install.sh`, site.read("/install.sh"));
    const command = ["/bin/sh", `${person.temporary}/install.sh`];
    assertFailed(await person.run(command, env(site, person)), code, says);
    assert.deepEqual(person.listing(), before);
    assert.equal((await person.run([person.km, "--version"])).out, "km 9.0.0\n");
  });
}

testUnless(UNTESTABLE, "a place that is taken by something else: an error, and it stays", async () => {
  verifies("install-faults");
  await using site = await InstallSite.serve();
  for (
    const [path, says] of [
      [".km/bin", /Cannot install km into ".*\/\.km\/bin": it is no folder/],
      [".km/bin/km/inside", /Cannot install km as ".*\/\.km\/bin\/km": it is a folder/],
    ] as const
  ) {
    using person = new Person();
    person.write(path, "mine");
    const before = person.listing();
    assertFailed(await person.install(site), "update_failed", says);
    assert.deepEqual(person.listing(), before);
  }
});

testUnless(
  UNTESTABLE ?? unlessTmpfs() ?? missingProgram("wget", "busybox"),
  "a full disk: an error, and the older km still works",
  async () => {
    verifies("install-faults");
    using disk = new SmallDisk("512k");
    Deno.chmodSync(disk.path, 0o755);
    using person = new Person();
    const env = { KM_INSTALL: disk.path };
    await using site = await withOlder(person, { env });
    const file = `${person.temporary}/large`;
    const large = await Deno.readTextFile(`${site.folder.path}/stand-in-9.1.0`) + "#".repeat(2_000_000);
    await Deno.writeTextFile(file, large);
    await site.put("9.1.0", { file });
    const before = person.listing();
    assertFailed(
      await person.install(site, { env }),
      "store_full",
      /the disk has \d+ kB left, and km takes 1954 kB/,
    );
    // Where df does not know better, the write fails.
    for (const downloader of ["curl", "wget", "busybox wget"]) {
      const PATH = `${person.temporary}/with ${downloader}`;
      pathOf(PATH, [...TOOLS.filter((tool) => tool !== "df"), downloader, "openssl"]);
      fakePrograms(PATH, { df: "exit 1" });
      const ended = await person.run(["sh", `${site.folder.path}/install.sh`], { ...env, PATH });
      assertFailed(ended, "store_full", /Cannot download ".*\nkm: hint: make room on the disk of "/);
      assert.deepEqual([...Deno.readDirSync(disk.path)].map(({ name }) => name), ["km"]);
    }
    assert.deepEqual(person.listing(), before);
    assert.equal((await person.run([`${disk.path}/km`, "--version"])).out, "km 9.0.0\n");
  },
);

testUnless(UNTESTABLE ?? unlessTmpfs(), "a read-only disk, or one without programs: an error", async () => {
  verifies("install-faults");
  using disk = new SmallDisk("1m");
  Deno.chmodSync(disk.path, 0o755);
  using person = new Person();
  const env = { KM_INSTALL: disk.path };
  await using site = await withOlder(person, { env });
  disk.remount("noexec");
  assertFailed(
    await person.install(site, { env }),
    "unsupported",
    /programs do not run there \(a disk mounted with noexec\)/,
  );
  disk.remount("exec,ro");
  assertFailed(
    await person.install(site, { env }),
    "update_failed",
    /Cannot write into ".*": Read-only file system/,
  );
  const below = { KM_INSTALL: `${disk.path}/a/b` };
  assertFailed(
    await person.install(site, { env: below }),
    "update_failed",
    /Cannot make the folder ".*": Read-only/,
  );
  assert.equal((await person.run([`${disk.path}/km`, "--version"])).out, "km 9.0.0\n");
});

testUnless(
  UNTESTABLE ?? unlessRoot(),
  "no permission for the folder or the start-up file: an error",
  async () => {
    verifies("install-faults", "install-profile");
    await using site = await InstallSite.serve();
    using person = new Person(ORDINARY);
    const theirs = await person.install(site, { env: { KM_INSTALL: "/usr/local/bin" } });
    assertFailed(theirs, "update_failed", /Cannot write into "\/usr\/local\/bin": Permission denied/);

    person.write(".bashrc", "# mine\n", 0o444);
    const before = person.listing();
    const env = { SHELL: "/bin/bash" };
    assertFailed(
      await person.install(site, { env }),
      "update_failed",
      /Cannot add PATH to ".*\/\.bashrc": it is read-only\nkm: hint: .*--no-modify-path/,
    );
    assert.deepEqual(person.listing(), before);
    const left = await person.install(site, { env, args: ["--no-modify-path"] });
    assert.equal(left.code, 0, left.err);
    assert.equal(person.read(".bashrc"), "# mine\n");
  },
);

for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
  testUnless(UNTESTABLE, `${signal} in the middle of a download leaves nothing behind`, async () => {
    verifies("install-faults");
    using person = new Person();
    await using site = await withOlder(person);
    const before = person.listing();
    site.server.misbehave(site.file(), { kind: "stall", afterBytes: 200 });
    for (const shell of ["dash", "bash"]) {
      site.server.requests.length = 0;
      await using running = person.start([shell, `${site.folder.path}/install.sh`]);
      await site.server.asked(site.file());
      running.kill(signal);
      assert.equal((await running.ended()).code, code, shell);
      await running.noneLeft();
      assert.deepEqual(person.listing(), before);
      assert.deepEqual([...Deno.readDirSync(person.temporary)], []);
    }
    assert.equal((await person.run([person.km, "--version"])).out, "km 9.0.0\n");
  });
}
