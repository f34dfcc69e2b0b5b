/** The portable file in an environment that was made to harm it, and where other users own or can change the folders around its cache. @module */
import assert from "node:assert/strict";
import { variablesOf } from "../../scripts/build/portable.ts";
import { missingProgram, testUnless, unlessOs, unlessRoot } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { runKm, Running, TempFolder } from "./harness.ts";
import { namesIn, onlyUnpacked, readHeader, SHELLS, writeSmallPortable } from "./portable_file.ts";

const NO_SH = unlessOs("linux", "darwin");
const NOBODY = 65534;
const AS_NOBODY = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];

/** A folder in which everybody may look, with a small portable file and a cache beside it. */
async function place() {
  const folder = new TempFolder();
  await Deno.chmod(folder.path, 0o755);
  const file = `${folder.path}/km`;
  await writeSmallPortable(file);
  const cache = `${folder.path}/x`;
  const start = (env: Record<string, string>, ...shell: string[]) =>
    runKm(["--version"], {
      home: "/nonexistent",
      env: { XDG_CACHE_HOME: cache, TMPDIR: "/dev/null", ...env },
      command: [...shell, file],
    });
  return { folder, file, cache, start, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

type Place = Awaited<ReturnType<typeof place>>;

/** Runs the small km, unpacked before or not, and expects nothing but its words. */
async function assertStarts({ cache, start }: Place, env: Record<string, string>, shell: readonly string[]) {
  for (const _ of ["first", "later"]) {
    const { code, out, err } = await start(env, ...shell);
    const about = JSON.stringify(env);
    assert.deepEqual([code, err, out.split("\n")[1]], [0, "", "--version"], about);
    onlyUnpacked(`${cache}/km`);
  }
  await Deno.remove(cache, { recursive: true });
}

/** How the header names a process in its locks. */
function identity(pid: number, start?: string): string {
  if (Deno.build.os !== "linux") return `${pid}--`;
  const started = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ").at(-1)?.split(" ")[19];
  return `${pid}-${Deno.readLinkSync("/proc/self/ns/pid").slice(5, -1)}-${start ?? started}`;
}

async function lock({ cache }: Place, holder: string): Promise<void> {
  const path = `${onlyUnpacked(`${cache}/km`)}`;
  await Deno.remove(path, { recursive: true });
  await Deno.symlink(holder, path.replace(/[^/]*$/, ".lock-$&"));
}

for (const [name, shell] of Object.entries(SHELLS)) {
  const missing = NO_SH ?? missingProgram(shell[0] ?? "");

  testUnless(
    missing,
    `under ${name}, no variable of the header's names makes it touch anything`,
    async () => {
      verifies("portable-cache");
      using km = await place();
      const victim = `${km.folder.path}/victim`;
      await Deno.mkdir(`${victim}/inside`, { recursive: true });
      const names = variablesOf(await readHeader(km.file));
      assert.ok(names.includes("km_new") && names.includes("km_lock"), names.join());
      const preset = Object.fromEntries(names.map((each) => [each, victim]));
      const untouched = () => assert.deepEqual(namesIn(victim), ["inside"]);
      await assertStarts(km, preset, shell);
      untouched();

      // A start that waits for another, which ends without having unpacked.
      await km.start({}, ...shell);
      await using holder = new Running([], { home: "/nonexistent", command: ["sleep", "1"] });
      await lock(km, identity(holder.pid));
      assert.equal((await km.start(preset, ...shell)).err, "");
      untouched();

      await Deno.truncate(km.file, (await Deno.stat(km.file)).size - 1);
      await Deno.remove(km.cache, { recursive: true });
      assert.equal((await km.start(preset, ...shell)).code, 23);
      untouched();
    },
  );

  testUnless(
    missing,
    `under ${name}, variables that change what programs print or do change nothing`,
    async () => {
      verifies("portable-cache", "portable-anywhere");
      using km = await place();
      for (
        const env of [
          { BLOCK_SIZE: "human", BLOCKSIZE: "K", LS_BLOCK_SIZE: "K", POSIXLY_CORRECT: "1" },
          { QUOTING_STYLE: "c", TIME_STYLE: "+%s %N x", LS_COLORS: "x", CLICOLOR_FORCE: "1", COLUMNS: "1" },
          { TAR_OPTIONS: "--exclude=*", GZIP: "-v", TAPE: "/dev/null", BUSYBOX_APPLET: "x", LC_TIME: "xx" },
          { GLOBIGNORE: "*", EXECIGNORE: "*", CDPATH: "/", FPATH: km.folder.path, OLDPWD: "x", ENV: km.file },
          { BASHOPTS: "failglob:nocasematch:execfail:nullglob:dotglob", IFS: "/-=", TMOUT: "1" },
          { SHELLOPTS: "allexport:errexit:noclobber:noglob:nounset:keyword:pipefail:posix:physical" },
          { PS4: "$(exit 3)", NULLCMD: "false", ZDOTDIR: km.folder.path, ZSH_VERSION: "", KSH_VERSION: "x" },
        ]
      ) await assertStarts(km, env, shell);
    },
  );
}

for (const shell of [["bash"], ["bash", "--posix"]]) {
  testUnless(
    NO_SH ?? missingProgram("bash"),
    `under ${shell.join(" ")}, functions in the environment hide no program`,
    async () => {
      verifies("portable-anywhere");
      using km = await place();
      // Under --posix bash itself ends when one has the name of a special builtin, such as `eval`.
      const names =
        "test ls cd env id tar printf true kill read umask command shopt echo sleep km_run km_die";
      const env = Object.fromEntries(
        names.split(" ").map((each) => [`BASH_FUNC_${each}%%`, "() { /bin/echo hidden; /bin/false; }"]),
      );
      await assertStarts(km, env, shell);
    },
  );
}

testUnless(
  unlessOs("linux"),
  "the lock of a process that has ended is nobody's, whoever has its id now",
  async () => {
    verifies("portable-cache");
    using km = await place();
    for (
      const holder of [identity(Deno.pid, "1"), identity(1, "2"), "99999999--", `99999999-${identity(1)}`]
    ) {
      await km.start({});
      await lock(km, holder);
      const before = performance.now();
      assert.equal((await km.start({})).err.replace(/^km: waiting.*\n/, ""), "");
      assert.ok(performance.now() - before < 15_000, holder);
      onlyUnpacked(`${km.cache}/km`);
    }
  },
);

testUnless(unlessOs("linux"), "a start that waits long says for what", async () => {
  verifies("portable-cache");
  using km = await place();
  await km.start({});
  await lock(km, "1-1-1");
  const { code, err } = await km.start({});
  assert.equal(code, 0);
  assert.match(err, /^km: waiting for another start of km, which unpacks into ".*\/x\/km"\n$/);
  onlyUnpacked(`${km.cache}/km`);
});

testUnless(
  unlessOs("linux") ?? unlessRoot(),
  "root uses nothing below a folder of another user, whatever was unpacked there",
  async () => {
    verifies("portable-cache");
    using km = await place();
    const temp = `${km.folder.path}/tmp`;
    const home = `${km.folder.path}/home`;
    for (const path of [temp, `${home}/.cache`]) await Deno.mkdir(path, { recursive: true });
    const env = { XDG_CACHE_HOME: `${home}/.cache`, TMPDIR: temp };
    assert.equal((await km.start(env)).err, "");
    const unpacked = onlyUnpacked(`${home}/.cache/km`);
    // What root unpacked is as it was; only the way to it is another user's now, at the folder above and further up.
    for (const owned of [`${home}/.cache`, home]) {
      await Deno.chown(home, 0, 0);
      await Deno.chown(`${home}/.cache`, 0, 0);
      await Deno.chown(owned, NOBODY, NOBODY);
      const { err, out } = await km.start(env);
      assert.equal(err, "");
      assert.match(out, new RegExp(`\ndir=${temp}/km-0/`));
    }
    // As with `sudo -E`: nothing of root's is left there.
    await Deno.remove(`${home}/.cache/km`, { recursive: true });
    await Deno.remove(`${temp}/km-0`, { recursive: true });
    assert.equal((await km.start(env)).err, "");
    assert.deepEqual(namesIn(`${home}/.cache`), []);
    assert.equal(onlyUnpacked(`${temp}/km-0`).split("/").at(-1), unpacked.split("/").at(-1));
    // And TMPDIR may be that user's too.
    await Deno.remove(`${temp}/km-0`, { recursive: true });
    await Deno.chown(temp, NOBODY, NOBODY);
    const refused = await km.start(env);
    assert.deepEqual([refused.code, refused.out], [30, ""]);
    assert.match(
      refused.err,
      /^km: error: Cannot unpack km into .*belongs to another user.*\nkm: hint: .*\n$/,
    );
    assert.deepEqual([namesIn(temp), namesIn(`${home}/.cache`)], [[], []]);
  },
);

testUnless(
  unlessOs("linux") ?? unlessRoot(),
  "a folder above the cache that a group may write is used only when the group is the user's own",
  async () => {
    verifies("portable-cache");
    using km = await place();
    const home = `${km.folder.path}/home`;
    await Deno.mkdir(home);
    const start = () => km.start({ XDG_CACHE_HOME: home }, ...AS_NOBODY);
    for (
      const [group, mode, code] of [[NOBODY, 0o775, 0], [NOBODY, 0o777, 30], [7, 0o775, 30], [
        7,
        0o755,
        0,
      ]] as const
    ) {
      await Deno.chown(home, NOBODY, group);
      await Deno.chmod(home, mode);
      assert.equal((await start()).code, code, `${group} ${mode.toString(8)}`);
      await Deno.remove(`${home}/km`, { recursive: true }).catch(() => {});
    }
  },
);

testUnless(NO_SH, "what km unpacks can be used later, whatever the umask was", async () => {
  verifies("portable-cache");
  using km = await place();
  assert.equal((await km.start({}, "sh", "-c", 'umask 0777; exec "$@"', "sh")).err, "");
  const unpacked = onlyUnpacked(`${km.cache}/km`);
  for (const name of ["deno_dir", "used", "app", "deno"]) {
    assert.equal((Deno.statSync(`${unpacked}/${name}`).mode ?? 0) & 0o600, 0o600, name);
  }
});
