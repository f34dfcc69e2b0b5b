/** Each permission of a built km is needed: without it, something that works no longer does. @module */
import assert from "node:assert/strict";
import { PERMISSIONS, RUN_FLAGS } from "../../scripts/build/permissions.ts";
import { TestBundle } from "../bundle.ts";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { runKm, TempFolder } from "./harness.ts";

type Flag = keyof typeof PERMISSIONS;
type Km = readonly string[];

/** What works with all of them, by the permission that it needs. */
const NEEDED_FOR: Readonly<
  Record<Flag, (km: Km, env: Readonly<Record<string, string>>) => Promise<boolean>>
> = {
  "--allow-read": worksWith("demo"),
  "--allow-write": worksWith("demo"),
  "--allow-env": async (command, env) => {
    using home = new TempFolder();
    const { out } = await runKm(["doctor"], { home: home.path, command, env });
    return out.includes(home.path);
  },
  "--allow-run": worksWith("demo"),
  "--allow-sys": worksWith("demo"),
  "--allow-ffi": async (command, env) => {
    using home = new TempFolder();
    const { out } = await runKm(["doctor"], { home: home.path, command, env });
    return out.includes("fast: libc answers");
  },
  "--allow-net": async (command, env) => (await metricsOf(command, env)) !== null,
};

for (const flag of Object.keys(PERMISSIONS) as Flag[]) {
  testUnless(unlessOs("linux"), `a built km needs ${flag}`, async () => {
    verifies("build-permissions");
    using bundle = await TestBundle.make();
    const km = (flags: readonly string[]) => [Deno.execPath(), "run", ...flags, `${bundle.folder}/main.js`];
    assert.equal(await NEEDED_FOR[flag](km(RUN_FLAGS), bundle.env), true, "with all of them it works");
    const without = km(RUN_FLAGS.filter((each) => each !== flag));
    assert.equal(await NEEDED_FOR[flag](without, bundle.env), false, `without ${flag} it does not`);
  });
}

testUnless(
  unlessOs("linux"),
  "a built km sees /proc, which no narrower permissions would let it",
  async () => {
    verifies("build-permissions");
    using bundle = await TestBundle.make();
    const seesOpenFiles = async (flags: readonly string[]) => {
      const command = [Deno.execPath(), "run", ...flags, `${bundle.folder}/main.js`];
      return (await metricsOf(command, bundle.env))?.includes("process_open_fds");
    };
    assert.equal(await seesOpenFiles(RUN_FLAGS), true);
    const narrower = RUN_FLAGS.map((flag) =>
      flag === "--allow-sys" ? "--allow-sys=hostname,uid,statfs" : flag
    );
    assert.equal(await seesOpenFiles(narrower), false);
  },
);

Deno.test("a built km imports nothing from the network and reads no deno.json beside it", async () => {
  verifies("build-permissions");
  using folder = new TempFolder();
  await Deno.writeTextFile(`${folder.path}/deno.json`, `{ "imports": { "node:path": "./other.js" } }`);
  await Deno.writeTextFile(
    `${folder.path}/main.js`,
    `console.log(typeof (await import("node:path")).join);
    for (const name of ["https://example.com/x.js", "npm:left-pad@1.3.0", "jsr:@std/path"]) {
      await import(name).then(() => console.log("imported"), () => console.log("refused"));
    }`,
  );
  const { code, out } = await runKm([], {
    home: folder.path,
    command: [Deno.execPath(), "run", ...RUN_FLAGS, `${folder.path}/main.js`],
    env: { DENO_DIR: `${folder.path}/deno_dir` },
    cwd: folder.path,
  });
  assert.deepEqual([code, out], [0, "function\nrefused\nrefused\nrefused\n"]);
});

function worksWith(
  ...args: string[]
): (command: Km, env: Readonly<Record<string, string>>) => Promise<boolean> {
  return async (command, env) => {
    using home = new TempFolder();
    const { code, err } = await runKm(args, { home: home.path, command, env });
    return code === 0 && err === "";
  };
}

/** What a daemon says at /metrics; null when it does not start. */
async function metricsOf(command: Km, env: Readonly<Record<string, string>>): Promise<string | null> {
  const started = RunningDaemon.start([], { command, env });
  const daemon = await started.catch(() => null);
  if (daemon === null) return null;
  await using _disposed = daemon;
  return await (await daemon.get("/metrics")).text();
}
