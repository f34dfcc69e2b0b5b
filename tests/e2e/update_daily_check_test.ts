/** The quiet line about a newer release: who says it, who never does. @module */
import assert from "node:assert/strict";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { decode, ROOT, Running } from "./harness.ts";
import { NEW, OLD, releasedKm, STRANGER, UpdatableKm } from "./updatable_km.ts";

const NO_PORTABLE = unlessOs("linux", "darwin");
const LOOK = ["/stable.json", "/stable.json.sig"];
const NOTICE = `km: ${NEW} is out; "km update" installs it`;

testUnless(
  NO_PORTABLE,
  "km serve says once in 24 hours, in one line of its log, that a release is out",
  async () => {
    verifies("update-daily-check");
    await using km = await UpdatableKm.create();
    await km.release();
    {
      await using daemon = await RunningDaemon.start([], km.options());
      await daemon.process.stderr.text(`${NOTICE}\n`);
      assert.deepEqual(km.server.requests, LOOK);
    }
    await using again = await RunningDaemon.start([], km.options());
    await stop(again);
    assert.doesNotMatch(decode(again.process.stderr.bytes()), /is out/);
    assert.deepEqual(km.server.requests, LOOK);
  },
);

testUnless(NO_PORTABLE, "km serve of a pre-release looks for pre-releases", async () => {
  verifies("update-daily-check", "update-flags");
  await using km = await UpdatableKm.create({ installed: await releasedKm("0.2.0-beta.1") });
  await km.release({ version: "0.2.0-beta.2", file: await releasedKm("0.2.0-beta.1") });
  await using daemon = await RunningDaemon.start([], km.options());
  await daemon.process.stderr.text(`km: 0.2.0-beta.2 is out; "km update" installs it\n`);
  assert.deepEqual(km.server.requests, ["/beta.json", "/beta.json.sig"]);
});

testUnless(
  NO_PORTABLE ?? unlessOs("linux") ?? missingProgram("script"),
  "km events --follow says it at a terminal, also what a daemon found, and once a day",
  async () => {
    verifies("update-daily-check");
    await using km = await UpdatableKm.create();
    await km.release();
    {
      await using daemon = await RunningDaemon.start([], km.options());
      await daemon.process.stderr.text(NOTICE);
    }
    const follow = () =>
      new Running(["-qec", `'${km.km}' events --follow >/dev/null`, "/dev/null"], km.options({}, ["script"]));
    {
      await using first = follow();
      await first.stdout.text(`${NOTICE}\r\n`);
    }
    assert.deepEqual(km.server.requests, LOOK);
    const { toldAt } = JSON.parse(await Deno.readTextFile(`${km.home}/update.json`));
    assert.ok(Date.parse(toldAt) > 0);
  },
);

testUnless(
  NO_PORTABLE,
  "km serve does not look where that is not wanted, and believes no forged release",
  async () => {
    verifies("update-daily-check", "update-signed");
    await using km = await UpdatableKm.create();
    await km.release();
    await Deno.mkdir(km.home, { recursive: true });
    const state = `${km.home}/update.json`;
    for (const env of [{ KM_NO_UPDATE_CHECK: "1" }, { CI: "1" }, { KM_UPDATE_CHECK: "off" }]) {
      await stop(await RunningDaemon.start([], km.options(env)));
      assert.deepEqual(km.server.requests, [], JSON.stringify(env));
      await assert.rejects(Deno.stat(state), Deno.errors.NotFound);
    }
    await Deno.writeTextFile(`${km.home}/config.jsonc`, '{ "update": { "check": false } }');
    await stop(await RunningDaemon.start([], km.options()));
    await Deno.remove(`${km.home}/config.jsonc`);
    await stop(await RunningDaemon.start([], km.options({}, [await releasedKm(OLD, { releaseKeys: [] })])));
    await stop(await RunningDaemon.start([], { home: km.home, env: km.env }), "a checkout");
    assert.deepEqual(km.server.requests, []);
    await assert.rejects(Deno.stat(state), Deno.errors.NotFound);

    await km.release({ signer: STRANGER });
    const daemon = await RunningDaemon.start([], km.options());
    await km.server.asked("/stable.json.sig");
    await stop(daemon);
    assert.doesNotMatch(decode(daemon.process.stderr.bytes()), /is out/);
  },
);

testUnless(
  NO_PORTABLE,
  "km monitor asks for nothing, and leaves no trace of having thought of it",
  async () => {
    verifies("update-daily-check");
    await using km = await UpdatableKm.create();
    await km.release();
    assert.equal((await km.run(["monitor", "--", "true"])).code, 0);
    assert.equal((await km.run(["--", "true"])).code, 0);
    assert.deepEqual(km.server.requests, []);
    assert.ok(!Array.from(Deno.readDirSync(km.home), ({ name }) => name).includes("update.json"));
  },
);

Deno.test("nothing of updates is loaded by km monitor, nor at the start of any command", async () => {
  verifies("update-daily-check");
  for (
    const entry of [
      "main.ts",
      "src/cli/commands/monitor.ts",
      "src/recorder/recorder_worker.ts",
      "src/proc/relay_thread.ts",
    ]
  ) {
    const loaded = await loadedBy(entry);
    assert.ok(loaded.length > 3, entry);
    assert.deepEqual(loaded.filter((path) => /\/update\//.test(path)), [], entry);
  }
});

/** Ends it gracefully, after an answer. */
async function stop(daemon: RunningDaemon, what = "the daemon"): Promise<void> {
  try {
    assert.equal(await status(daemon, "/health"), 200, what);
    daemon.process.kill("SIGTERM");
    await daemon.process.ended();
  } finally {
    await daemon[Symbol.asyncDispose]();
  }
}

interface Graph {
  readonly roots: readonly string[];
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly code?: { readonly specifier?: string };
      readonly isDynamic?: boolean;
    }[];
  }[];
}

/** What an entry imports by `import … from`, and so on, types left out. */
async function loadedBy(entry: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: ROOT,
    stderr: "null",
  })
    .output();
  const { roots, modules } = JSON.parse(decode(stdout)) as Graph;
  const bySpecifier = new Map(modules.map((module) => [module.specifier, module]));
  const found = new Set<string>();
  const waiting = [...roots];
  for (let specifier = waiting.pop(); specifier !== undefined; specifier = waiting.pop()) {
    if (found.has(specifier)) continue;
    found.add(specifier);
    for (const { code, isDynamic } of bySpecifier.get(specifier)?.dependencies ?? []) {
      if (code?.specifier !== undefined && isDynamic !== true) waiting.push(code.specifier);
    }
  }
  return [...found];
}

async function status(daemon: RunningDaemon, path: string): Promise<number> {
  const response = await daemon.get(path);
  await response.bytes();
  return response.status;
}
