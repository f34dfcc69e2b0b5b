/** The portable file with a cache that is half there, with a disk that is full, and a file that is half there itself. @module */
import assert from "node:assert/strict";
import { builtKm } from "../built.ts";
import { SmallDisk, unlessTmpfs } from "../fakes/small_disk.ts";
import { findProgram, missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { type Ended, runKm, TempFolder } from "./harness.ts";
import {
  editHeader,
  namesIn,
  onlyUnpacked,
  readHeader,
  SHELLS,
  SMALL_FILES,
  writeSmallPortable,
} from "./portable_file.ts";

const NO_SH = unlessOs("linux", "darwin");

/** Starts a portable file with its cache in `folder`. */
function start(file: string, folder: string, shell: readonly string[] = []): Promise<Ended> {
  const env = { XDG_CACHE_HOME: folder, TMPDIR: folder };
  return runKm(["--version"], { home: "/nonexistent", env, command: [...shell, file], timeoutMs: 60_000 });
}

function assertFailed({ code: ended, out, err }: Ended, why: RegExp, code: number): void {
  assert.deepEqual([ended, out], [code, ""], err);
  assert.match(err, /^km: error: Cannot .*\nkm: hint: .*\n$/);
  assert.match(err, why);
}

/** What can be wrong with an unpacked folder. */
const DAMAGES: Readonly<Record<string, (unpacked: string) => Promise<void>>> = {
  "all is gone": (unpacked) => Deno.remove(unpacked, { recursive: true }),
  "it is empty": async (unpacked) => {
    await Deno.remove(unpacked, { recursive: true });
    await Deno.mkdir(unpacked);
  },
  "Deno is missing": (unpacked) => Deno.remove(`${unpacked}/deno`),
  "Deno is empty": (unpacked) => Deno.truncate(`${unpacked}/deno`, 0),
  "Deno is no program": (unpacked) => Deno.chmod(`${unpacked}/deno`, 0o600),
  "a chunk has other bytes since the last boot": async (unpacked) => {
    await Deno.writeTextFile(`${unpacked}/app/chunk-1.js`, "/* app/chunk-2.js */");
    await Deno.writeTextFile(`${unpacked}/used`, "");
  },
  "a chunk is missing": (unpacked) => Deno.remove(`${unpacked}/app/chunk-1.js`),
  "a chunk lacks its last byte": (unpacked) => Deno.truncate(`${unpacked}/app/chunk-1.js`, 20),
  "the dashboard is missing": (unpacked) => Deno.remove(`${unpacked}/app/static`, { recursive: true }),
  "a folder is a file": async (unpacked) => {
    await Deno.remove(`${unpacked}/app`, { recursive: true });
    await Deno.writeTextFile(`${unpacked}/app`, "");
  },
  "a file is a folder": async (unpacked) => {
    await Deno.remove(`${unpacked}/deno`);
    await Deno.mkdir(`${unpacked}/deno/deno`, { recursive: true });
  },
  "it is a link": async (unpacked) => {
    await Deno.rename(unpacked, `${unpacked}-elsewhere`);
    await Deno.symlink(`${unpacked}-elsewhere`, unpacked);
  },
  "Deno is zeros since a power cut": async (unpacked) => {
    const { size } = await Deno.stat(`${unpacked}/deno`);
    await Deno.writeFile(`${unpacked}/deno`, new Uint8Array(size));
    await Deno.writeTextFile(`${unpacked}/used`, `${crypto.randomUUID()}\n`);
  },
  "all is zeros since a power cut": async (unpacked) => {
    for (const name of [...SMALL_FILES, "sums", "used"]) {
      const { size } = await Deno.stat(`${unpacked}/${name}`);
      await Deno.writeFile(`${unpacked}/${name}`, new Uint8Array(size));
    }
  },
  "it is a file": async (unpacked) => {
    await Deno.remove(unpacked, { recursive: true });
    await Deno.writeTextFile(unpacked, "");
  },
  "a lock and a folder were left behind": async (unpacked) => {
    await Deno.remove(unpacked, { recursive: true });
    const folder = unpacked.replace(/[^/]*$/, "");
    const space = Deno.build.os === "linux" ? Deno.readLinkSync("/proc/self/ns/pid").slice(5, -1) : "";
    // More than the kernel's largest process id.
    await Deno.symlink(`99999999-${space}-1`, unpacked.replace(/[^/]*$/, ".lock-$&"));
    await Deno.mkdir(`${folder}.new-99999999-${space}-1/app`, { recursive: true });
  },
};

for (const [name, shell] of Object.entries(SHELLS)) {
  testUnless(
    NO_SH ?? missingProgram(shell[0] ?? ""),
    `under ${name}, an unpacked folder that is not whole is made anew`,
    async () => {
      verifies("portable-broken-cache");
      using folder = new TempFolder();
      const file = `${folder.path}/km`;
      await writeSmallPortable(file);
      for (const [damage, apply] of Object.entries(DAMAGES)) {
        assert.equal((await start(file, `${folder.path}/x`, shell)).err, "", damage);
        const unpacked = onlyUnpacked(`${folder.path}/x/km`);
        await apply(unpacked);
        const { code, out, err } = await start(file, `${folder.path}/x`, shell);
        assert.deepEqual([code, err], [0, ""], damage);
        assert.match(out, /--version/, damage);
        await Deno.remove(`${unpacked}-elsewhere`, { recursive: true }).catch(() => {});
        onlyUnpacked(`${folder.path}/x/km`);
        assert.deepEqual(namesIn(`${folder.path}/x`), ["km"], damage);
        for (const path of SMALL_FILES) {
          assert.notEqual(Deno.readFileSync(`${unpacked}/${path}`)[0] ?? 0, 0, `${damage}: ${path}`);
        }
        assert.match(Deno.readTextFileSync(`${unpacked}/app/chunk-1.js`), /chunk-1/, damage);
      }
    },
  );
}

testUnless(NO_SH, "km runs again after its unpacked Deno was cut and its chunks were deleted", async () => {
  verifies("portable-broken-cache");
  const file = await builtKm();
  using folder = new TempFolder();
  assert.match((await start(file, folder.path)).out, /^km \d/);
  const unpacked = onlyUnpacked(`${folder.path}/km`);
  await Deno.truncate(`${unpacked}/deno`, 1_000_000);
  for (const name of namesIn(`${unpacked}/app`)) {
    if (name.endsWith(".js")) await Deno.remove(`${unpacked}/app/${name}`);
  }
  const { code, out, err } = await start(file, folder.path);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^km \d/);
  onlyUnpacked(`${folder.path}/km`);
});

testUnless(
  unlessTmpfs(),
  "on a full disk km unpacks into TMPDIR; when that is full too it says so",
  async () => {
    verifies("portable-cache", "portable-broken-cache");
    const file = await builtKm();
    using disk = new SmallDisk("20m");
    using folder = new TempFolder();
    const run = (temp: string) =>
      runKm(["--version"], {
        home: folder.path,
        env: { XDG_CACHE_HOME: disk.path, TMPDIR: temp },
        command: [file],
        timeoutMs: 60_000,
      });
    await Deno.chmod(disk.path, 0o755);
    assertFailed(await run(disk.path), /No space left on device/, 14);
    assert.deepEqual(namesIn(disk.path).flatMap((name) => namesIn(`${disk.path}/${name}`)), []);
    const { out, err } = await run(folder.path);
    assert.equal(err, "");
    assert.match(out, /^km \d/);
    onlyUnpacked(`${folder.path}/km-0`);
    assert.deepEqual(namesIn(`${disk.path}/km`), []);
  },
);

testUnless(
  unlessTmpfs(),
  "on a disk mounted noexec km uses TMPDIR; when that is such a one too it says so",
  async () => {
    verifies("portable-cache");
    using disk = new SmallDisk("20m");
    using folder = new TempFolder();
    await Deno.chmod(disk.path, 0o755);
    await writeSmallPortable(`${folder.path}/km`);
    assert.equal((await start(`${folder.path}/km`, disk.path)).err, "");
    disk.remount("noexec");
    for (const _ of ["unpacked before", "unpacked now"]) {
      assertFailed(await start(`${folder.path}/km`, disk.path), /noexec(?:.|\n)*XDG_CACHE_HOME/, 30);
      const env = { XDG_CACHE_HOME: disk.path, TMPDIR: folder.path };
      for (const _ of ["first", "second"]) {
        const { err } = await runKm([], { home: "/nonexistent", env, command: [`${folder.path}/km`] });
        assert.equal(err, "");
      }
      assert.ok(!namesIn(`${disk.path}/km`).some((name) => name.startsWith(".new-")));
      await Deno.remove(`${disk.path}/km`, { recursive: true });
    }
  },
);

testUnless(unlessTmpfs(), "what is unpacked starts from a disk that has become read-only", async () => {
  verifies("portable-cache");
  const file = await builtKm();
  using disk = new SmallDisk("300m");
  await Deno.chmod(disk.path, 0o755);
  assert.match((await start(file, disk.path)).out, /^km \d/);
  disk.remount("ro");
  const { code, out, err } = await start(file, disk.path);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^km \d/);
});

testUnless(NO_SH, "a file that was cut off or changed runs nothing of itself", async () => {
  verifies("portable-broken-cache");
  using folder = new TempFolder();
  const [file, cut] = [`${folder.path}/km`, `${folder.path}/cut`];
  await writeSmallPortable(file);
  const whole = await Deno.readFile(file);
  for (const without of [1, 100]) {
    await Deno.writeFile(cut, whole.subarray(0, -without), { mode: 0o755 });
    assertFailed(await start(cut, folder.path), /damaged or incomplete/, 23);
  }
  const changed = whole.slice();
  changed[whole.length - 200] = (changed[whole.length - 200] ?? 0) ^ 1;
  await Deno.writeFile(cut, changed, { mode: 0o755 });
  assertFailed(await start(cut, folder.path), /damaged or incomplete/, 23);

  // Inside of the header, after any of its lines: what was unpacked does not start either.
  assert.equal((await start(file, folder.path)).err, "");
  const header = (await readHeader(file)).length;
  for (let end = whole.indexOf(10) + 1; end > 0 && end < header; end = whole.indexOf(10, end + 700) + 1) {
    await Deno.writeFile(cut, whole.subarray(0, end), { mode: 0o755 });
    const { out, code } = await start(cut, folder.path);
    assert.equal(out, "", `cut after ${end} bytes`);
    if (end > 400) assert.notEqual(code, 0, `cut after ${end} bytes`);
  }
});

testUnless(NO_SH, "a program that was killed while unpacking is no disk that cannot be written", async () => {
  verifies("portable-cache");
  using folder = new TempFolder();
  const file = `${folder.path}/km`;
  await writeSmallPortable(file);
  const tar = 'tar -xmof - -C "$km_new"';
  await editHeader(file, `(km_run ${tar})`, `(km_run ${"sh -c 'kill -9 $$'".padEnd(tar.length)})`);
  assertFailed(await start(file, `${folder.path}/x`), /was killed/, 30);
  assert.deepEqual(namesIn(`${folder.path}/x/km`), []);
});

testUnless(NO_SH, "a program that unpacking needs and that is missing is named", async () => {
  verifies("portable-cache");
  using folder = new TempFolder();
  const file = `${folder.path}/km`;
  await writeSmallPortable(file);
  // Nothing but what is on PATH, where there is no gzip.
  await editHeader(file, "km_path=/usr/bin:/bin${PATH:+:$PATH}", "km_path=$PATH".padEnd(36));
  await Deno.mkdir(`${folder.path}/bin`);
  for (const name of ["env", "tail", "ls", "rm", "mkdir", "mv", "tar", "id"]) {
    await Deno.symlink(findProgram(name) ?? "/nonexistent", `${folder.path}/bin/${name}`);
  }
  const { code, err } = await runKm(["--version"], {
    home: "/nonexistent",
    env: { PATH: `${folder.path}/bin`, XDG_CACHE_HOME: folder.path },
    command: [file],
  });
  assert.equal(code, 30, err);
  assert.match(err, /there is no "gzip" on PATH\nkm: hint: install it/);
});
