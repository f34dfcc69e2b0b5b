/** Each test of this file runs real plugins on the real Deno: the whole suite takes a minute on two processors. */
import assert from "node:assert/strict";
import { TempFolder } from "../../../tests/e2e/harness.ts";
import { testUnless, unlessOs } from "../../../tests/skip.ts";
import { verifies } from "../../../tests/verifies.ts";
import type { Altered } from "../sandbox/launch.ts";
import { bootAsset } from "../boot_asset.ts";
import type { Attempt } from "./attempt.ts";
import { type HostileReport, runHostileSuite } from "./hostile_suite.ts";
import { assertPlainRunLeaks } from "./plain_leak.ts";

async function run(only?: (attempt: Attempt) => boolean, altered: Altered = {}): Promise<HostileReport> {
  using folder = new TempFolder();
  return await runHostileSuite({
    deno: Deno.execPath(),
    runtime: `${folder.path}/runtime`,
    altered,
    ...(only === undefined ? {} : { only }),
  });
}

/** Adds words to Deno's command line. */
function withFlags(...flags: string[]): Altered {
  return {
    bare: true,
    launched: ({ argv: [deno, ...words], env }) => ({
      argv: [deno, words[0] ?? "", ...flags, ...words.slice(1)],
      env,
    }),
  };
}

Deno.test("nothing of all that a hostile plugin tries gets through", async () => {
  verifies("plugin-doctor", "plugin-private-networks", "plugin-imports-refused", "plugin-never-asked");
  const { attempts, escaped, blocked, info, deno } = await run();
  assert.deepEqual(attempts.filter(({ verdict }) => verdict === "escaped"), []);
  assert.ok(attempts.length >= 150, `${attempts.length} attempts`);
  assert.equal(escaped + blocked + info, attempts.length);
  assert.equal(deno, Deno.version.deno);
  const expected = new Set(["system", "storage"]);
  assert.deepEqual(attempts.filter(({ verdict, group }) => verdict === "info" && !expected.has(group)), []);
});

/** Where something of the user's could be got at; the other groups try what the bootstrap is there for. */
const OUTSIDE = [
  "files",
  "proc",
  "links",
  "environment",
  "network",
  "addresses",
  "sockets",
  "programs",
  "workers",
  "signals",
  "imports",
];

Deno.test("behind a bootstrap that removes no globals, Deno alone keeps every secret, file, process and listener", async () => {
  verifies("plugin-doctor");
  const asIs = new TextDecoder().decode(await bootAsset());
  const spoiled = asIs.replace(/^ *removeGlobals\((createConsole.*)\);$/m, "globalThis.console = $1;");
  assert.notEqual(spoiled, asIs, "the bootstrap calls removeGlobals otherwise than this test knows");
  const { attempts, escaped } = await run(({ group }) => OUTSIDE.includes(group), {
    bootstrap: new TextEncoder().encode(spoiled),
  });
  // What it saw by itself is within its own process: that it has a process object, that it is deaf to SIGTERM.
  const outside = attempts.filter(({ verdict, evidence }) => verdict === "escaped" && evidence !== CLAIMED);
  assert.deepEqual(outside, []);
  assert.ok(escaped > 0, "without its removals, more is to be had: else this test tests nothing");
});

const CLAIMED = "it did what it set out to do";

const HOLES: readonly { readonly what: string; readonly id: string; readonly altered: Altered }[] = [
  { what: "files are allowed", id: "file-read-text", altered: withFlags("--allow-read") },
  { what: "writing is allowed", id: "file-write", altered: withFlags("--allow-write") },
  { what: "changing files is allowed", id: "file-append", altered: withFlags("--allow-write") },
  { what: "the network is allowed", id: "net-fetch-bare", altered: withFlags("--allow-net") },
  { what: "WebSockets are allowed", id: "net-websocket-bare", altered: withFlags("--allow-net") },
  { what: "code from strings is allowed", id: "reach-function", altered: withoutFlag("--v8-flags") },
  { what: "nobody looks for imports", id: "static-node-net", altered: { unlexed: true } },
];
function withoutFlag(start: string): Altered {
  return {
    launched: ({ argv: [deno, ...words], env }) => ({
      argv: [deno, ...words.filter((word) => !word.startsWith(start))],
      env,
    }),
  };
}

for (const { what, id, altered } of HOLES) {
  testUnless(unlessOs("linux", "darwin"), `the suite notices when ${what}`, async () => {
    verifies("plugin-doctor");
    const { attempts: [result], escaped } = await run((attempt) => attempt.id === id, altered);
    assert.equal(escaped, 1, JSON.stringify(result));
  });
}

Deno.test("a suite that is stopped stops", async () => {
  const stopping = new AbortController();
  using folder = new TempFolder();
  const running = runHostileSuite({
    deno: Deno.execPath(),
    runtime: `${folder.path}/runtime`,
    signal: stopping.signal,
    onAttempt: () => stopping.abort(new Error("enough")),
  });
  await assert.rejects(running, { message: "enough" });
});

Deno.test("a plain deno run, with every permission denied, does leak a file", async () => {
  verifies("plugin-doctor-leak");
  await assertPlainRunLeaks(Deno.execPath());
});
