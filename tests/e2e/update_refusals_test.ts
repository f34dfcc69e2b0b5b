/** km update when something is wrong: a clear error, nothing left behind, and the old km works. @module */
import assert from "node:assert/strict";
import { copyFile } from "node:fs/promises";
import { type ErrorCode, EXIT_CODES } from "../../src/core/error.ts";
import { SmallDisk, unlessTmpfs } from "../fakes/small_disk.ts";
import { testUnless, unlessOs, unlessRoot } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { runKm, TempFolder, until } from "./harness.ts";
import { IN_USE, NEW, OLD, releasedKm, STRANGER, UpdatableKm } from "./updatable_km.ts";

const NO_PORTABLE = unlessOs("linux", "darwin");
const FILE = `/km-${NEW}-${Deno.build.target}`;

/** Updates, and checks that it failed as it should and that all is as before. */
async function refused(
  km: UpdatableKm,
  code: ErrorCode,
  said: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const before = await Deno.stat(km.km);
  const update = await km.run(["update"], env);
  assert.equal(update.code, EXIT_CODES[code], update.err);
  assert.match(update.err, said);
  assert.match(update.err, /^km: hint: /m);
  assert.equal(update.out, "");
  assert.deepEqual(km.files(), ["km"], "nothing is left behind");
  assert.equal((await Deno.stat(km.km)).ino, before.ino);
}

testUnless(
  NO_PORTABLE,
  "km update believes only what a key of its build signed, of its channel, not expired",
  async () => {
    verifies("update-signed");
    await using km = await UpdatableKm.create();
    await km.release({ signer: STRANGER });
    await refused(km, "not_trusted", new RegExp(`key "${STRANGER.key.id}" is unknown`));
    await km.release({ now: new Date("2020-01-01T00:00:00Z"), expires: new Date("2020-06-01T00:00:00Z") });
    await refused(
      km,
      "not_trusted",
      /it expired on 2020-06-01T00:00:00Z, and the clock here says 20.*\nkm: hint: set the clock if it is wrong/,
    );
    await km.release({ now: new Date("2999-01-01T00:00:00Z") });
    await refused(
      km,
      "not_trusted",
      /it is of 2999-01-01T00:00:00Z, and the clock here says 20.*\nkm: hint: set the clock/,
    );
    await km.release();
    // One letter after it was signed.
    const path = `${km.releases}/stable.json`;
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace('"version": "0.2.0"', '"version": "0.9.0"'));
    await refused(km, "not_trusted", /it is not one of these bytes by key/);
    // Another signed manifest in its place.
    for (const end of ["", ".sig"]) await Deno.copyFile(`${km.releases}/beta.json${end}`, `${path}${end}`);
    await refused(km, "not_trusted", /it is of channel "beta", not of channel "stable"/);
    assert.equal(await km.version(), `km ${OLD}`);
  },
);

testUnless(NO_PORTABLE, "km update refuses a signed manifest that is older than one it saw", async () => {
  verifies("update-refuses-older");
  await using km = await UpdatableKm.create();
  const day = (number: number) => new Date(Date.now() - number * 86_400_000);
  await km.release({ version: "0.3.0", file: await releasedKm(NEW), now: day(1) });
  assert.equal((await km.run(["update", "--check"])).code, 0);
  await km.release({ now: day(5) });
  await refused(km, "not_trusted", /it offers 0\.2\.0 of .*, and 0\.3\.0 of .* was offered before/);
  // A release that was withdrawn: the older version, published anew.
  await km.release({ now: day(0) });
  assert.match((await km.run(["update", "--check"])).out, /^km 0\.2\.0 is out/);
  // Older than what is installed.
  await km.release({ version: "0.0.9", file: await releasedKm(NEW) });
  assert.equal(
    (await km.run(["update"])).out,
    `km ${OLD} is newer than the newest stable release, 0.0.9; nothing to do\n`,
  );
  assert.deepEqual(km.files(), ["km"]);
});

testUnless(NO_PORTABLE, "km update believes no file but the one that the manifest names", async () => {
  verifies("update-signed");
  await using km = await UpdatableKm.create();
  await km.release();
  const bytes = await Deno.readFile(`${km.releases}${FILE}`);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  km.server.misbehave(FILE, { kind: "bytes", bytes });
  await refused(
    km,
    "not_trusted",
    /Cannot believe "km-0\.2\.0-.*": its SHA-256 is [0-9a-f]{64}, the manifest says/,
  );
  km.server.misbehave(FILE, { kind: "bytes", bytes: new Uint8Array([...bytes.subarray(0, 1000), 1]) });
  await refused(km, "download_failed", /the server sent 1001 of its \d+ bytes/);
  km.server.misbehave(FILE, { kind: "bytes", bytes: new Uint8Array(bytes.length + 1) });
  await refused(km, "not_trusted", /has more than the \d+ bytes that the manifest says/);
});

testUnless(
  NO_PORTABLE,
  "km update says what the network did: 404, an error, a cut, a file that is too large, nobody there",
  async () => {
    verifies("update-signed");
    await using km = await UpdatableKm.create();
    await refused(
      km,
      "download_failed",
      /^km: error: Cannot download "http:.*\/stable\.json": there is no such file \(404\)\n/,
    );
    await km.release();
    km.server.misbehave(FILE, { kind: "missing" });
    await refused(
      km,
      "download_failed",
      /Cannot download ".*\/km-0\.2\.0-.*": there is no such file \(404\)/,
    );
    km.server.misbehave(FILE, { kind: "status", status: 503 });
    await refused(km, "download_failed", /the server answers with status 503/);
    km.server.misbehave(FILE, { kind: "cut", afterBytes: 100_000 });
    await refused(km, "download_failed", /Cannot download ".*\/km-0\.2\.0-.*": /);
    km.server.misbehave("/stable.json", { kind: "bytes", bytes: " ".repeat(100_000) });
    await refused(km, "download_failed", /it is larger than/);
    km.server.misbehave("/stable.json", { kind: "redirect", to: "http://km.example/stable.json" });
    await refused(
      km,
      "download_failed",
      /it leads to http:\/\/km\.example\/stable\.json, which is no https address/,
    );
    km.server.behave();
    const nobody = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const base = `http://127.0.0.1:${nobody.addr.port}`;
    nobody.close();
    const said = new RegExp(`^km: error: Cannot download "${base}/stable\\.json": .*refused`);
    await refused(km, "download_failed", said, { KM_BASE_URL: base });
    for (const address of ["http://km.example", "ftp://127.0.0.1/", "releases", "https://km.example/?x=1"]) {
      const { code, err } = await km.run(["update"], { KM_BASE_URL: address });
      assert.equal(code, EXIT_CODES.usage);
      assert.match(err, /it is no https address\nkm: hint: KM_BASE_URL is/);
    }
  },
);

testUnless(
  NO_PORTABLE ?? unlessTmpfs(),
  "km update on a full disk, and in a folder that may not be written, leaves the old km",
  async () => {
    verifies("update-swap");
    await using km = await UpdatableKm.create();
    await km.release();
    const { size } = await Deno.stat(km.km);
    using disk = new SmallDisk(`${Math.ceil(size * 1.5)}`);
    await Deno.chmod(disk.path, 0o755);
    const file = `${disk.path}/km`;
    await Deno.copyFile(km.km, file);
    const names = () => Array.from(Deno.readDirSync(disk.path), ({ name }) => name);
    const full = await runKm(["update"], { ...km.options({}, [file]), timeoutMs: 90_000 });
    assert.equal(full.code, EXIT_CODES.update_failed);
    assert.match(
      full.err,
      /^km: error: Cannot write ".*\.km-new-[0-9a-f]{8}\/km": no space left on device\nkm: hint: free some space/,
    );
    assert.deepEqual(names(), ["km"]);
    disk.remount("ro");
    const readOnly = await runKm(["update"], km.options({}, [file]));
    assert.equal(readOnly.code, EXIT_CODES.update_failed);
    assert.match(
      readOnly.err,
      /^km: error: Cannot write into ".*": .*[Rr]ead-only.*\nkm: hint: update as the user who installed km there/,
    );
    disk.remount("rw");
    assert.deepEqual(names(), ["km"]);
    assert.equal((await runKm(["--version"], km.options({}, [file]))).out, `km ${OLD}\n`);
  },
);

testUnless(
  NO_PORTABLE,
  "km update keeps the old km when the new one does not run, is another, or does not do its work",
  async () => {
    verifies("update-proves-new");
    await using km = await UpdatableKm.create();
    await km.releaseScript("#!/bin/sh\necho broken >&2\nexit 7\n");
    await refused(
      km,
      "update_failed",
      /^km: error: ".*\.km-new-[0-9a-f]{8}\/km --version" ends with 7: broken\nkm: hint: nothing was changed: ".*km" is still km 0\.1\.0\n/,
    );
    await km.releaseScript("#!/bin/sh\necho km 0.1.9\n");
    await refused(km, "update_failed", /is not km 0\.2\.0: it says "km 0\.1\.9"/);
    await km.releaseScript('#!/bin/sh\n[ "$1" = demo ] && kill -9 $$\necho km 0.2.0\n');
    await refused(km, "update_failed", / demo" was killed/);
    await km.releaseScript("\x7fELF no program");
    await refused(km, "update_failed", /cannot be started|ends with/);
  },
);

testUnless(
  NO_PORTABLE,
  "km update puts the old km back when the new one does not run in its place",
  async () => {
    verifies("update-proves-new", "update-swap");
    await using km = await UpdatableKm.create();
    // Runs in the private folder, and in no other.
    await km.releaseScript('#!/bin/sh\ncase "$0" in */.km-new-*) echo km 0.2.0 ;; *) exit 9 ;; esac\n');
    const before = await Deno.stat(km.km);
    const update = await km.run(["update"]);
    assert.equal(update.code, EXIT_CODES.update_failed);
    assert.match(
      update.err,
      /^km: error: ".*\/km --version" ends with 9\nkm: hint: nothing was changed: ".*km" is still km 0\.1\.0\n$/,
    );
    assert.deepEqual(km.files(), ["km"]);
    assert.equal((await Deno.stat(km.km)).ino, before.ino);
    assert.equal(await km.version(), `km ${OLD}`);
  },
);

testUnless(
  NO_PORTABLE,
  "km update stopped by Ctrl-C leaves nothing; killed, it leaves a file that the next one removes",
  async () => {
    verifies("update-swap");
    await using km = await UpdatableKm.create();
    await km.release();
    km.server.misbehave(FILE, { kind: "stall", afterBytes: 100_000 });
    const isUnderWay = () => workFolders(km).length > 0;
    {
      await using update = km.start(["update"]);
      await until(isUnderWay, "the download");
      const second = await km.run(["update"]);
      assert.equal(second.code, EXIT_CODES.update_failed);
      assert.match(second.err, /Another update of ".*km" is at work\nkm: hint: wait until it has ended/);
      update.kill("SIGINT");
      const { code, err } = await update.ended();
      assert.deepEqual([code, err], [130, "km: stopped, nothing was changed\n"]);
      assert.deepEqual(km.files(), ["km"]);
    }
    {
      await using update = km.start(["update"]);
      await until(isUnderWay, "the download");
      update.kill("SIGKILL");
      await update.ended();
      assert.equal(workFolders(km).length, 1);
    }
    km.server.behave();
    assert.equal(await km.version(), `km ${OLD}`);
    const [left = ""] = workFolders(km);
    age(left);
    // Somebody else's, who is at work; and what is none.
    await Deno.mkdir(`${km.bin}/.km-new-other`);
    await Deno.writeTextFile(`${km.bin}/.km-new-file`, "");
    const { code, err } = await km.run(["update"]);
    assert.equal(code, 0, err);
    assert.deepEqual(km.files(), [".km-new-file", ".km-new-other", "km", "km.previous"]);
    assert.equal(await km.version(), `km ${NEW}`);
  },
);

function workFolders(km: UpdatableKm): string[] {
  return km.files().filter((name) => name.startsWith(".km-new-")).map((name) => `${km.bin}/${name}`);
}

/** As if its maker had died two hours ago. */
function age(folder: string): void {
  const then = new Date(Date.now() - 2 * 3_600_000);
  for (const { name } of Deno.readDirSync(folder)) Deno.utimeSync(`${folder}/${name}`, then, then);
  Deno.utimeSync(folder, then, then);
}

testUnless(
  NO_PORTABLE,
  "km update that is refused, killed or undone leaves nothing in the user's home, cache and temporary folder",
  async () => {
    verifies("update-proves-new");
    await using km = await UpdatableKm.create();
    using own = new TempFolder();
    const [home, cache, tmp] = ["home", "cache", "tmp"].map((name) => `${own.path}/${name}`);
    for (const path of [home, cache, tmp]) await Deno.mkdir(path ?? "");
    const env = { HOME: home ?? "", XDG_CACHE_HOME: cache ?? "", TMPDIR: tmp ?? "" };
    const all = () => tree(own.path).filter((path) => !/\/used$/.test(path));
    assert.equal((await km.run(["--version"], env)).code, 0);
    const before = all();
    // A km that unpacks and starts, and is not the one that was said: refused after its proof began.
    await km.release({ version: NEW, file: await releasedKm("0.3.0") });
    const refused = await km.run(["update"], env);
    assert.match(refused.err, /is not km 0\.2\.0: it says "km 0\.3\.0"/);
    assert.deepEqual(all(), before);
    assert.deepEqual(km.files(), ["km"]);
    // Killed in the middle of its proof.
    await km.releaseScript(
      '#!/bin/sh\n[ "$1" = demo ] && { echo x >"$KM_HOME/x"; mktemp; touch "$XDG_CACHE_HOME/x"; sleep 60; }\necho km 0.2.0\n',
    );
    await using update = km.start(["update"], env);
    await until(() => workFolders(km).some((path) => exists(`${path}/cache/x`)), "the proof");
    update.kill("SIGKILL");
    await update.ended();
    assert.deepEqual(all(), before);
    assert.equal(workFolders(km).length, 1);
  },
);

function exists(path: string): boolean {
  try {
    return Deno.lstatSync(path).isFile;
  } catch {
    return false;
  }
}

function tree(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder)).flatMap((
    { name, isDirectory },
  ) => [`${folder}/${name}`, ...isDirectory ? tree(`${folder}/${name}`) : []]).sort();
}

testUnless(
  NO_PORTABLE,
  "km update refuses a folder that others may write, before it asks for a file",
  async () => {
    verifies("update-swap");
    await using km = await UpdatableKm.create();
    await km.release();
    for (const mode of [0o757, 0o1777]) {
      await Deno.chmod(km.bin, mode);
      await refused(
        km,
        "not_trusted",
        /^km: error: Cannot update km in ".*": the folder may be written by other users.*\nkm: hint: close it to them: chmod go-w /,
      );
    }
    await Deno.chmod(km.bin, 0o755);
    assert.ok(!km.server.requests.includes(FILE));
  },
);

testUnless(
  NO_PORTABLE ?? unlessRoot(),
  "km update refuses the folder of another user, and one of a group with others in it",
  async () => {
    verifies("update-swap");
    await using km = await UpdatableKm.create();
    await km.release();
    await Deno.chown(km.bin, 65534, 65534);
    await refused(km, "not_trusted", /the folder belongs to another user.*\nkm: hint: update as that user/);
    await Deno.chown(km.bin, 0, 65534);
    await Deno.chmod(km.bin, 0o775);
    await refused(km, "not_trusted", /the folder may be written by other users/);
    await Deno.chown(km.bin, 0, 0);
    assert.equal((await km.run(["update"])).code, 0);
  },
);

testUnless(
  NO_PORTABLE,
  "km update says so when something else is in the way of the previous version",
  async () => {
    verifies("update-swap");
    await using km = await UpdatableKm.create();
    await km.release();
    await Deno.mkdir(`${km.km}.previous`);
    const { code, err } = await km.run(["update"]);
    assert.equal(code, EXIT_CODES.update_failed);
    assert.match(
      err,
      /^km: error: Cannot keep this version as ".*km\.previous": that is a folder\nkm: hint: nothing was changed; move that away/,
    );
    assert.equal((await km.run(["update", "--rollback"])).code, EXIT_CODES.update_failed);
    assert.deepEqual(km.files(), ["km", "km.previous"]);

    await Deno.remove(`${km.km}.previous`);
    await Deno.writeTextFile(`${km.km}.previous`, "notes");
    const kept = await km.run(["update"]);
    assert.equal(kept.code, EXIT_CODES.update_failed);
    assert.match(kept.err, /km\.previous": that is no program, so no km\nkm: hint: nothing was changed/);
    assert.equal(await Deno.readTextFile(`${km.km}.previous`), "notes");
  },
);

testUnless(
  NO_PORTABLE,
  "km update says so when km was replaced since it started, or is removed during the proof",
  async () => {
    verifies("update-swap");
    await using km = await UpdatableKm.create();
    await km.release();
    const gone = `#!/bin/sh\n[ "$1" = demo ] && rm '${km.km}'\necho km 0.2.0\n`;
    await km.releaseScript(gone);
    const removed = await km.run(["update"]);
    assert.equal(removed.code, EXIT_CODES.update_failed, removed.err);
    assert.match(
      removed.err,
      /^km: error: Cannot put the new km in place: .*\nkm: hint: ".*km" was removed meanwhile: install km anew/,
    );
    assert.deepEqual(km.files(), []);

    await copyFile(await releasedKm(OLD), km.km);
    km.server.misbehave("/stable.json", { kind: "stall", afterBytes: 1 });
    km.server.requests.length = 0;
    await using update = km.start(["update"]);
    await km.server.asked("/stable.json");
    await Deno.remove(km.km);
    await Deno.writeTextFile(km.km, "#!/bin/sh\necho km 0.1.5\n", { mode: 0o755 });
    km.server.behave();
    const { code, err } = await update.ended();
    assert.equal(code, EXIT_CODES.update_failed, err);
    assert.match(
      err,
      /^km: error: ".*km" was replaced or removed since this command started\nkm: hint: run it again\n$/,
    );
    assert.deepEqual(km.files(), ["km"]);
  },
);

testUnless(NO_PORTABLE ?? unlessRoot(), "km update keeps the owner of the file", async () => {
  verifies("update-swap");
  await using km = await UpdatableKm.create();
  await km.release({ signer: IN_USE });
  await Deno.chown(km.km, 65534, 65534);
  assert.equal((await km.run(["update"])).code, 0);
  const { uid, gid } = await Deno.stat(km.km);
  assert.deepEqual([uid, gid], [65534, 65534]);
});
