/** Where the portable file unpacks to, who may write there, and that starts at once or killed midway leave it whole. @module */
import assert from "node:assert/strict";
import { builtKm } from "../built.ts";
import { missingProgram, testUnless, unlessOs, unlessRoot } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { type Ended, runKm, Running, TempFolder, until } from "./harness.ts";
import { namesIn, onlyUnpacked, SHELLS, writeSmallPortable } from "./portable_file.ts";

const NO_SH = unlessOs("linux", "darwin");
const NOBODY = 65534;

/** Runs a portable file with an environment of these variables alone, beside PATH and the tests' mark. */
function start(
  file: string,
  env: Readonly<Record<string, string>>,
  options: { readonly shell?: readonly string[]; readonly user?: number; readonly args?: string[] } = {},
): Promise<Ended> {
  const { shell = [], user, args = ["--version"] } = options;
  const as = user === undefined ? [] : ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
  const unset = ["HOME", "XDG_CACHE_HOME", "TMPDIR"].flatMap((name) => name in env ? [] : ["-u", name]);
  return runKm(args, { home: "/nonexistent", env, command: ["env", ...unset, ...as, ...shell, file] });
}

/** A folder in which everybody may look, with a small portable file. */
async function smallPortable(): Promise<{ folder: TempFolder; file: string }> {
  const folder = new TempFolder();
  await Deno.chmod(folder.path, 0o755);
  await writeSmallPortable(`${folder.path}/km`);
  return { folder, file: `${folder.path}/km` };
}

/** On a slow machine starts that wait long for another say so. */
function withoutWaiting(err: string): string {
  return err.replace(/^km: waiting for another start of km.*\n/, "");
}

function assertRefused({ code, out, err }: Ended, why: RegExp): void {
  assert.equal(code, 30, err);
  assert.equal(out, "");
  assert.match(err, /^km: error: Cannot .*\nkm: hint: .*\n$/);
  assert.match(err, why);
}

testUnless(
  NO_SH,
  "the first start of km unpacks into a folder of its own, mode 0700; the second starts from it",
  async () => {
    verifies("portable-cache");
    const file = await builtKm();
    using folder = new TempFolder();
    const env = { XDG_CACHE_HOME: folder.path };
    assert.match((await start(file, env)).out, /^km \d/);
    const unpacked = onlyUnpacked(`${folder.path}/km`);
    for (const path of [`${folder.path}/km`, unpacked]) {
      assert.equal((Deno.statSync(path).mode ?? 0) & 0o777, 0o700, path);
    }
    const before = Deno.statSync(`${unpacked}/deno`);
    assert.match((await start(file, env)).out, /^km \d/);
    assert.equal(Deno.statSync(`${unpacked}/deno`).ino, before.ino);
    assert.equal(onlyUnpacked(`${folder.path}/km`), unpacked);
  },
);

testUnless(NO_SH, "sixteen first starts of km at once all succeed, and unpack one folder", async () => {
  verifies("portable-cache");
  const file = await builtKm();
  using folder = new TempFolder();
  const starts = Array.from({ length: 16 }, () =>
    runKm(["--version"], {
      home: folder.path,
      env: { XDG_CACHE_HOME: folder.path },
      command: [file],
      timeoutMs: 120_000,
    }));
  for (const { code, out, err } of await Promise.all(starts)) {
    assert.deepEqual([code, withoutWaiting(err)], [0, ""]);
    assert.match(out, /^km \d/);
  }
  onlyUnpacked(`${folder.path}/km`);
});

for (const [name, shell] of Object.entries(SHELLS)) {
  testUnless(
    NO_SH ?? missingProgram(shell[0] ?? ""),
    `under ${name}, thirty first starts at once succeed, and later ones`,
    async () => {
      verifies("portable-cache");
      const { folder, file } = await smallPortable();
      using _ = folder;
      const env = { XDG_CACHE_HOME: `${folder.path}/cache` };
      for (const count of [30, 1]) {
        const starts = await Promise.all(Array.from({ length: count }, () => start(file, env, { shell })));
        for (const { code, out, err } of starts) {
          assert.deepEqual([code, withoutWaiting(err), out.split("\n").slice(0, 2)], [
            0,
            "",
            [file, "--version"],
          ]);
        }
        onlyUnpacked(`${folder.path}/cache/km`);
      }
    },
  );
}

testUnless(
  unlessOs("linux"),
  "a first start of km that is killed midway leaves nothing behind for long",
  async () => {
    verifies("portable-cache");
    const file = await builtKm();
    using folder = new TempFolder();
    const cache = `${folder.path}/km`;
    const env = { XDG_CACHE_HOME: folder.path };
    {
      await using killed = new Running(["--version"], { home: folder.path, env, command: ["setsid", file] });
      await until(() => namesIn(cache).some((name) => name.startsWith(".new-")), "the start of unpacking");
      for (const { pid } of killed.processes()) Deno.kill(pid, "SIGKILL");
      await killed.noneLeft();
    }
    assert.ok(namesIn(cache).length > 0);
    assert.match((await start(file, env)).out, /^km \d/);
    onlyUnpacked(cache);
  },
);

testUnless(NO_SH, "a first start that gets SIGTERM dies by it and leaves nothing behind", async () => {
  verifies("portable-cache");
  const file = await builtKm();
  using folder = new TempFolder();
  await using km = new Running(["--version"], {
    home: folder.path,
    env: { XDG_CACHE_HOME: folder.path },
    command: [file],
  });
  await until(() => namesIn(`${folder.path}/km`).some((name) => name.startsWith(".new-")), "unpacking");
  km.kill("SIGTERM");
  assert.equal((await km.ended()).signal, "SIGTERM");
  assert.deepEqual(namesIn(`${folder.path}/km`), []);
});

testUnless(NO_SH, "the cache is in XDG_CACHE_HOME when that is absolute, else in HOME", async () => {
  verifies("portable-cache");
  const { folder, file } = await smallPortable();
  using _ = folder;
  const home = `${folder.path}/home`;
  await Deno.mkdir(`${folder.path}/disk`);
  await Deno.mkdir(home);
  // A cache on another disk is a link of the user's own.
  await Deno.symlink(`${folder.path}/disk`, `${home}/.cache`);
  assert.equal((await start(file, { HOME: home, XDG_CACHE_HOME: "relative" })).err, "");
  onlyUnpacked(`${folder.path}/${Deno.build.os === "darwin" ? "home/Library/Caches" : "disk"}/km`);
});

testUnless(
  NO_SH,
  "without a HOME that can be used the cache is a folder of the user's own in TMPDIR",
  async () => {
    verifies("portable-cache");
    const { folder, file } = await smallPortable();
    using _ = folder;
    const cache = `${folder.path}/km-${Deno.uid()}`;
    assert.equal((await start(file, { TMPDIR: folder.path })).err, "");
    onlyUnpacked(cache);
    assert.equal((Deno.statSync(cache).mode ?? 0) & 0o777, 0o700);
    assert.equal((await start(file, { TMPDIR: folder.path, HOME: "/nonexistent" })).err, "");
    // Once there is one, that is where km unpacks to.
    const home = `${folder.path}/home`;
    await Deno.mkdir(home);
    assert.equal((await start(file, { TMPDIR: folder.path, HOME: home })).err, "");
    onlyUnpacked(`${home}/${Deno.build.os === "darwin" ? "Library/Caches" : ".cache"}/km`);
  },
);

testUnless(
  unlessOs("linux") ?? unlessRoot(),
  "an ordinary user has a cache of his own; in a HOME he cannot write, or another's, one in TMPDIR",
  async () => {
    verifies("portable-cache");
    const { folder, file } = await smallPortable();
    using _ = folder;
    const [home, temp] = [`${folder.path}/home`, `${folder.path}/tmp`];
    for (const path of [home, temp]) await Deno.mkdir(path);
    await Deno.chmod(temp, 0o1777);
    await Deno.chown(home, NOBODY, NOBODY);
    const env = { HOME: home, TMPDIR: temp };
    assert.equal((await start(file, env, { user: NOBODY })).err, "");
    onlyUnpacked(`${home}/.cache/km`);
    await Deno.remove(`${home}/.cache`, { recursive: true });

    await Deno.chmod(home, 0o500);
    assert.equal((await start(file, env, { user: NOBODY })).err, "");
    onlyUnpacked(`${temp}/km-${NOBODY}`);

    // As with sudo, which may keep HOME: root leaves nothing in another user's home that he could not write later.
    await Deno.chmod(home, 0o700);
    assert.equal((await start(file, env)).err, "");
    assert.deepEqual(namesIn(home), []);
    onlyUnpacked(`${temp}/km-0`);
  },
);

testUnless(
  unlessOs("linux") ?? unlessRoot(),
  "a cache that others own or can change is refused",
  async () => {
    verifies("portable-cache");
    const { folder, file } = await smallPortable();
    using _ = folder;
    const cache = `${folder.path}/x/km`;
    const env = { XDG_CACHE_HOME: `${folder.path}/x`, TMPDIR: "/dev/null" };
    await start(file, env);
    const unpacked = onlyUnpacked(cache);

    await Deno.chown(cache, NOBODY, NOBODY);
    assertRefused(await start(file, env), /belongs to another user/);
    await Deno.chown(cache, 0, 0);

    for (const mode of [0o770, 0o702, 0o777]) {
      await Deno.chmod(cache, mode);
      assertRefused(await start(file, env), /other users may write into it/);
    }
    await Deno.chmod(cache, 0o755);
    await Deno.chmod(`${folder.path}/x`, 0o777);
    assertRefused(await start(file, env), /may replace it/);
    await Deno.chmod(`${folder.path}/x`, 0o1777);
    assert.equal((await start(file, env)).err, "");

    // The folder inside: made anew, and nothing of the other's runs.
    await Deno.writeTextFile(`${unpacked}/deno`, "#!/bin/sh\necho planted\n");
    await Deno.chown(unpacked, NOBODY, NOBODY);
    assert.doesNotMatch((await start(file, env)).out, /planted/);
  },
);

testUnless(unlessOs("linux") ?? unlessRoot(), "what another user plants in TMPDIR is refused", async () => {
  verifies("portable-cache");
  const { folder, file } = await smallPortable();
  using _ = folder;
  const temp = `${folder.path}/tmp`;
  await Deno.mkdir(`${folder.path}/mine`, { mode: 0o700 });
  for (
    const [plant, why] of [
      [() => Deno.mkdir(`${temp}/km-0`), /belongs to another user/],
      [() => Deno.symlink(`${folder.path}/mine`, `${temp}/km-0`), /link that another user could change/],
      [() => Deno.symlink("/nonexistent/x", `${temp}/km-0`), /link that another user could change/],
    ] as const
  ) {
    await Deno.mkdir(temp);
    await Deno.chmod(temp, 0o1777);
    await plant();
    await new Deno.Command("chown", { args: ["-h", "nobody", `${temp}/km-0`] }).output();
    assertRefused(await start(file, { TMPDIR: temp }), why);
    await Deno.remove(temp, { recursive: true });
  }
  assert.deepEqual(namesIn(`${folder.path}/mine`), []);
});
