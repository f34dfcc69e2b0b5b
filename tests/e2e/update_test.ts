/** km update, as a user meets it: real built files, a signed release on a local server. @module */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { EXIT_CODES } from "../../src/core/error.ts";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { runKm, sha256, TempFolder } from "./harness.ts";
import { NEW, NEXT, OLD, releasedKm, UpdatableKm } from "./updatable_km.ts";

const NO_PORTABLE = unlessOs("linux", "darwin");

testUnless(NO_PORTABLE, "km update --check says what is out and changes nothing", async () => {
  verifies("update-flags");
  await using km = await UpdatableKm.create();
  await km.release();
  const before = await sha256(await Deno.readFile(km.km));
  const check = await km.run(["update", "--check"]);
  assert.deepEqual([check.code, check.err], [0, ""]);
  assert.equal(check.out, `km ${NEW} is out, this is ${OLD}; "km update" installs it\n`);
  const json = await km.run(["update", "--check", "--json"]);
  assert.deepEqual(JSON.parse(json.out), {
    status: "pending",
    version: OLD,
    latest: NEW,
    channel: "stable",
    file: km.km,
    previous: null,
    restart: false,
    warning: null,
  });
  assert.deepEqual(km.files(), ["km"]);
  assert.equal(await sha256(await Deno.readFile(km.km)), before);
});

testUnless(
  NO_PORTABLE,
  "km update installs, keeps the version before, then has nothing to do; --rollback goes back",
  async () => {
    verifies("update-swap", "update-flags", "update-proves-new");
    await using km = await UpdatableKm.create();
    await km.release();
    await Deno.chmod(km.km, 0o750);
    const update = await km.run(["update"]);
    assert.deepEqual([update.code, update.err], [0, ""]);
    assert.equal(
      update.out,
      `km ${NEW} is installed: ${km.km}\nkm ${OLD} is kept as ${km.km}.previous; "km update --rollback" goes back to it\n`,
    );
    assert.equal(await km.version(), `km ${NEW}`);
    assert.equal((Deno.statSync(km.km).mode ?? 0) & 0o777, 0o750, "the mode is that of the old one");
    assert.deepEqual(km.files(), ["km", "km.previous"]);

    const again = await km.run(["update"]);
    assert.deepEqual([again.code, again.out], [0, `km ${NEW} is the newest (stable)\n`]);

    const back = await km.run(["update", "--rollback", "--json"]);
    assert.equal(back.code, 0, back.err);
    const { status, version, previous, warning } = JSON.parse(back.out);
    assert.deepEqual([status, version, previous, warning], ["rolled-back", OLD, NEW, null]);
    assert.equal(await km.version(), `km ${OLD}`);
    assert.deepEqual(km.files(), ["km", "km.previous"]);

    const twice = await km.run(["update", "--rollback"]);
    assert.equal(
      twice.out,
      `km ${NEW} is back: ${km.km}\nkm ${OLD} is kept as ${km.km}.previous; "km update --rollback" goes back to it\n`,
    );
    const { rolledBackFrom } = JSON.parse(await Deno.readTextFile(`${km.home}/update.json`));
    assert.equal(rolledBackFrom, null);
    const third = await km.run(["update", "--rollback"]);
    assert.match(third.out, /; "km update" goes forward again\n$/);

    const forward = await km.run(["update", "--json"]);
    assert.equal(JSON.parse(forward.out).status, "updated", forward.err);
    assert.equal(await km.version(), `km ${NEW}`);
    assert.deepEqual(km.files(), ["km", "km.previous"]);
  },
);

testUnless(
  NO_PORTABLE,
  "km update renews the completions that were installed, and no file of somebody else",
  async () => {
    verifies("update-swap");
    await using km = await UpdatableKm.create();
    await km.release();
    const bash = `${km.env["HOME"]}/.local/share/bash-completion/completions/km`;
    const fish = `${km.env["HOME"]}/.config/fish/completions/km.fish`;
    for (const path of [bash, fish]) await Deno.mkdir(dirname(path), { recursive: true });
    const printed = (await km.run(["completions", "bash"])).out;
    await Deno.writeTextFile(
      bash,
      `${printed}# written by km's install.sh, removed by its --uninstall (1 2)\n`,
    );
    // Begins as any such file does.
    const mine = "# fish completion for km\ncomplete -c km -a mine\n";
    await Deno.writeTextFile(fish, mine);
    const { code, err } = await km.run(["update"], { XDG_DATA_HOME: "", XDG_CONFIG_HOME: "" });
    assert.equal(code, 0, err);
    assert.equal(await Deno.readTextFile(bash), (await km.run(["completions", "bash"])).out);
    assert.equal(await Deno.readTextFile(fish), mine);
  },
);

testUnless(NO_PORTABLE, "km update replaces the file behind a link, and the link stays", async () => {
  verifies("update-swap");
  await using km = await UpdatableKm.create();
  await km.release();
  using links = new TempFolder();
  const link = `${links.path}/km`;
  await Deno.symlink(km.km, link);
  const update = await runKm(["update"], { ...km.options({}, [link]), timeoutMs: 90_000 });
  assert.equal(update.code, 0, update.err);
  assert.equal(await Deno.readLink(link), km.km);
  assert.equal((await runKm(["--version"], km.options({}, [link]))).out, `km ${NEW}\n`);
  assert.deepEqual(Array.from(Deno.readDirSync(links.path), ({ name }) => name), ["km"]);
});

testUnless(
  NO_PORTABLE,
  "km update believes the next key too, and says what it cannot roll back to",
  async () => {
    verifies("update-signed", "update-flags");
    await using km = await UpdatableKm.create();
    await km.release({ signer: NEXT });
    const nothing = await km.run(["update", "--rollback"]);
    assert.equal(nothing.code, EXIT_CODES.not_found);
    assert.match(
      nothing.err,
      /^km: error: Cannot go back: there is no ".*km\.previous"\nkm: hint: it is there after the first km update/,
    );
    await Deno.writeTextFile(`${km.km}.previous`, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    const broken = await km.run(["update", "--rollback"]);
    assert.equal(broken.code, EXIT_CODES.update_failed);
    assert.match(
      broken.err,
      /Cannot go back: ".*km\.previous" does not say its version\nkm: hint: nothing was changed/,
    );
    await Deno.writeTextFile(`${km.km}.previous`, "#!/bin/sh\n[ $1 = --version ] && echo km 0.0.9\n");
    const idle = await km.run(["update", "--rollback"]);
    assert.equal(idle.code, EXIT_CODES.update_failed);
    assert.match(idle.err, / demo" ends with 1\nkm: hint: nothing was changed/);
    assert.deepEqual(km.files(), ["km", "km.previous"]);
    assert.match((await km.run(["update", "--check"])).out, new RegExp(`^km ${NEW} is out`));
  },
);

testUnless(
  NO_PORTABLE,
  "km update takes the channel from its flag, then from the setting; a pre-release asks for beta, which has all releases",
  async () => {
    verifies("update-flags", "update-refuses-older");
    await using km = await UpdatableKm.create({ installed: await releasedKm("0.2.0-beta.1") });
    await km.release({ version: OLD, file: await releasedKm(OLD) });
    await km.release({ version: "0.2.0-beta.2", file: await releasedKm("0.2.0-beta.1") });
    const stable = await km.run(["update", "--channel", "stable"]);
    assert.deepEqual([stable.code, stable.out], [
      0,
      `km 0.2.0-beta.1 is newer than the newest stable release, ${OLD}; nothing to do\n`,
    ]);
    assert.deepEqual(km.files(), ["km"]);
    const byItself = await km.run(["update", "--check", "--json"]);
    const { channel, latest } = JSON.parse(byItself.out);
    assert.deepEqual([channel, latest], ["beta", "0.2.0-beta.2"]);
    const bySetting = await km.run(["update", "--check", "--json"], { KM_UPDATE_CHANNEL: "stable" });
    assert.equal(JSON.parse(bySetting.out).channel, "stable");
  },
);

testUnless(
  NO_PORTABLE,
  "km update --rollback warns when the version before cannot open what was recorded",
  async () => {
    verifies("update-flags");
    await using km = await UpdatableKm.create();
    await km.release();
    assert.equal((await km.run(["update"])).code, 0);
    assert.equal((await km.run(["monitor", "--", "true"])).code, 0);
    // The schema of a km that is to come.
    using database = await Deno.open(`${km.home}/km.db`, { read: true, write: true });
    await database.seek(60, Deno.SeekMode.Start);
    await database.write(new Uint8Array([0, 0, 3, 231]));
    const back = await km.run(["update", "--rollback"]);
    assert.equal(back.code, 0, back.err);
    assert.match(
      back.err,
      new RegExp(
        `^km: warning: km ${OLD} cannot use what km ${NEW} recorded \\(.*newer.*\\): "km update" goes forward again\n$`,
      ),
    );
  },
);

Deno.test("km update in a checkout says how a checkout is updated", async () => {
  verifies("update-flags");
  using home = new TempFolder();
  const { code, err } = await runKm(["update"], { home: home.path });
  assert.equal(code, EXIT_CODES.unsupported);
  assert.match(
    err,
    /^km: error: Cannot update: this km runs from a checkout, ".*"\nkm: hint: run "git pull" there\n$/,
  );
});

testUnless(
  NO_PORTABLE,
  "km update says why a build without keys or address, or a managed one, does not update itself",
  async () => {
    verifies("update-signed", "update-flags");
    const bare = await UpdatableKm.create({ installed: await releasedKm(OLD, { releaseKeys: [] }) });
    await using _bare = bare;
    await bare.release();
    const { code, err } = await bare.run(["update"]);
    assert.equal(code, EXIT_CODES.unsupported);
    assert.match(err, /Cannot update: this km 0\.1\.0 was built without release keys\n/);
    assert.deepEqual(bare.server.requests, []);

    await using km = await UpdatableKm.create();
    await km.release();
    for (
      const [folder, hint] of [["Cellar/km/0.1.0", "brew upgrade km"], [
        "scoop/apps/km/current",
        "scoop update km",
      ]] as const
    ) {
      const path = `${km.bin}/${folder}/km`;
      await Deno.mkdir(`${km.bin}/${folder}`, { recursive: true });
      await Deno.rename(km.km, path);
      const managed = await runKm(["update"], km.options({}, [path]));
      assert.equal(managed.code, EXIT_CODES.unsupported);
      assert.match(managed.err, new RegExp(`looks after it\nkm: hint: run "${hint}"\n$`));
      assert.match(
        (await runKm(["update", "--check"], km.options({}, [path]))).out,
        new RegExp(`"${hint}" installs it`),
      );
      await Deno.rename(path, km.km);
    }
  },
);
