/** The portable file under any path, in any working directory, however it is started. @module */
import assert from "node:assert/strict";
import { builtKm } from "../built.ts";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { ROOT, runKm, TempFolder } from "./harness.ts";
import { onlyUnpacked, SHELLS, writeSmallPortable } from "./portable_file.ts";

const NO_SH = unlessOs("linux", "darwin");
const ODD = 'a  b/ünïcödé/it\'s "$x"/#%3F?*/-\\/new\nline';

testUnless(NO_SH, "km runs under an odd path, unpacked into one, and records", async () => {
  verifies("portable-anywhere");
  using folder = new TempFolder();
  const place = `${folder.path}/${ODD}`;
  await Deno.mkdir(place, { recursive: true });
  const file = `${place}/km`;
  await Deno.copyFile(await builtKm(), file);
  const options = { home: `${folder.path}/home`, env: { XDG_CACHE_HOME: `${place}/x` }, cwd: place };
  const monitored = await runKm(["monitor", "--", "cat"], {
    ...options,
    command: [file],
    stdin: '{"jsonrpc":"2.0","id":1,"method":"ping"}\n',
    timeoutMs: 60_000,
  });
  assert.deepEqual([monitored.code, monitored.err], [0, ""]);
  onlyUnpacked(`${place}/x/km`);
  const { out } = await runKm(["events", "--json"], { ...options, command: ["./km"] });
  assert.match(out, /"method":"ping"/);
});

testUnless(NO_SH, "km starts itself again by the path it was started by", async () => {
  verifies("portable-anywhere");
  using folder = new TempFolder();
  await Deno.mkdir(`${folder.path}/my bin`);
  await Deno.copyFile(await builtKm(), `${folder.path}/my bin/km`);
  const env = { XDG_CACHE_HOME: `${ROOT}.cache/tests/xdg`, XDG_CONFIG_HOME: `${folder.path}/config` };
  const demo = await runKm(["demo"], {
    home: `${folder.path}/home`,
    env,
    cwd: folder.path,
    command: ["my bin/km"],
    timeoutMs: 60_000,
  });
  assert.equal(demo.code, 0, demo.err);
  const { out } = await runKm(["service", "install", "--print"], {
    home: `${folder.path}/home`,
    env,
    cwd: `${folder.path}/my bin`,
    command: ["./km"],
  });
  if (Deno.build.os === "linux") {
    assert.ok(out.includes(`ExecStart="${Deno.realPathSync(folder.path)}/my bin/km" "serve"`), out);
  }
});

for (const [name, shell] of Object.entries(SHELLS)) {
  testUnless(
    NO_SH ?? missingProgram(shell[0] ?? ""),
    `under ${name}, the header finds its file however it is started`,
    async () => {
      verifies("portable-anywhere");
      using folder = new TempFolder();
      const place = `${folder.path}/${ODD}`;
      await Deno.mkdir(place, { recursive: true });
      for (const path of [`${place}/km`, `${place}/-km`]) await writeSmallPortable(path);
      await Deno.symlink(`${place}/km`, `${folder.path}/link`);
      await Deno.symlink("link", `${folder.path}/link of link`);
      const first = async (command: readonly string[], cwd: string, path?: string) => {
        const { code, out, err } = await runKm([], {
          home: folder.path,
          env: { XDG_CACHE_HOME: `${folder.path}/x`, PATH: path ?? Deno.env.get("PATH") ?? "" },
          cwd,
          command,
        });
        assert.deepEqual([code, err], [0, ""], command.join(" "));
        return out.slice(0, out.indexOf("\ndir="));
      };
      assert.equal(await first([...shell, "km"], place), "./km");
      assert.equal(await first([...shell, "./km"], place), "./km");
      assert.equal(await first([...shell, "--", "-km"], place), "./-km");
      assert.equal(await first([...shell, `${place}/km`], "/"), `${place}/km`);
      assert.equal(
        await first([...shell, `${folder.path}/link of link`], "/"),
        `${folder.path}/link of link`,
      );
      // The kernel starts sh with the path that was found.
      assert.equal(await first(["sh", "-c", "exec km"], "/", `${place}:/usr/bin:/bin`), `${place}/km`);
      assert.equal(await first(["bash", "-c", "exec -a other ./km"], place), `${place}/km`);
      onlyUnpacked(`${folder.path}/x/km`);
    },
  );
}

testUnless(NO_SH, "km runs without PATH, HOME or anything else in its environment", async () => {
  verifies("portable-anywhere");
  using folder = new TempFolder();
  const command = ["env", "-i", `XDG_CACHE_HOME=${folder.path}`, await builtKm()];
  const { code, out, err } = await runKm(["--version"], { home: folder.path, command, timeoutMs: 60_000 });
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^km \d/);
});

testUnless(NO_SH, "no file in the user's folders changes what km runs", async () => {
  verifies("portable-anywhere");
  using folder = new TempFolder();
  for (const place of [folder.path, `${folder.path}/.cache/km`]) {
    await Deno.mkdir(place, { recursive: true, mode: 0o700 });
    for (const name of ["deno.json", "package.json", ".npmrc", "deno.lock", "import_map.json", ".env"]) {
      await Deno.writeTextFile(`${place}/${name}`, "{ broken");
    }
  }
  const unset = ["env", "-u", "XDG_CACHE_HOME", `HOME=${folder.path}`];
  const { code, out, err } = await runKm(["--version"], {
    home: folder.path,
    cwd: folder.path,
    command: [...unset, await builtKm()],
    timeoutMs: 60_000,
  });
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /^km \d/);
});
