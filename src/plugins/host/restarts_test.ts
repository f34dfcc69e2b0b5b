import assert from "node:assert/strict";
import { TempFolder, until } from "../../../tests/e2e/harness.ts";
import { testUnless, unlessOs } from "../../../tests/skip.ts";
import { verifies } from "../../../tests/verifies.ts";
import { DEFAULT_LIMITS } from "../manifest.ts";
import { launchSandbox } from "../sandbox/launch.ts";
import { NO_PERMISSIONS } from "../sandbox/permissions_in_force.ts";
import { PluginSession } from "./plugin_session.ts";

const RESTARTS = 1_000;
/** At once: as many as keep two processors busy. */
const LANES = 4;
/** Programs in the bootstrap's place, which ends in each way that there is. None is a plugin, so that a start takes no longer than it must. */
const ENDS = [
  "",
  "Deno.stdout.writeSync(new Uint8Array([0, 0, 1, 0, 0, 0, 0, 1, 7]));",
  "Deno.stdout.writeSync(new Uint8Array([255, 255, 255, 255, 0]));",
  "await new Promise((resolve) => setTimeout(resolve, 1e6));",
].map((program) => new TextEncoder().encode(program));

/** Starts a process and sees its end. */
async function restart(folder: string, number: number): Promise<void> {
  const program = ENDS[number % ENDS.length] ?? new Uint8Array();
  const session = new PluginSession({
    launch: (options) => launchSandbox(options, { bootstrap: program }),
    sandbox: {
      deno: Deno.execPath(),
      code: new TextEncoder().encode("export default 1;"),
      permissions: NO_PERMISSIONS,
      limits: DEFAULT_LIMITS,
      runtime: `${folder}/runtime`,
      env: {},
      niceness: 0,
    },
    plugin: { name: "quiet", version: "1.0.0", requiredTier: "free" },
    kmVersion: "1.2.3",
    licence: { tier: "free", customerId: null, expiresAtS: null },
    configJson: "{}",
    state: new Map(),
    messageMs: 1000,
    on: { onLog() {}, onEmit() {}, onSetState() {}, onRefused() {}, onStderr() {}, onEnd() {} },
  });
  const started = session.start().catch(() => {});
  if (number % ENDS.length === 3) {
    await until(() => session.pid !== null, "its process");
    session.kill("asked", "killed while it was asked");
  }
  await session.ended;
  await started;
}

async function restartMany(folder: string, count: number): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await restart(folder, next++);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

function descriptors(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

/** Processes that this one started, ended ones that nobody asked for included. */
function children(): number {
  let count = 0;
  for (const { name } of Deno.readDirSync("/proc/self/task")) {
    const text = Deno.readTextFileSync(`/proc/self/task/${name}/children`).trim();
    count += text === "" ? 0 : text.split(" ").length;
  }
  return count;
}

testUnless(unlessOs("linux"), "1,000 restarts leak no descriptor, no process and no timer", async () => {
  verifies("abuse-restarts");
  using folder = new TempFolder();
  // What is loaded once is loaded now.
  await restartMany(folder.path, 20);
  const before = { descriptors: descriptors(), children: children() };
  await restartMany(folder.path, RESTARTS);
  await until(() => children() <= before.children, () => `the end of ${children()} processes`);
  await until(() => descriptors() <= before.descriptors, () => `${descriptors()} descriptors to be closed`);
  assert.ok(descriptors() <= before.descriptors && children() <= before.children);
});
