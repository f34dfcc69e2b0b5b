import assert from "node:assert/strict";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { CHANNEL, createTap, TapWriter } from "../core/tap.ts";
import { openDatabase } from "../store/database.ts";
import { listCalls } from "../store/calls.ts";
import { listEvents } from "../store/events.ts";
import { verifies } from "../../tests/verifies.ts";
import { TEST_RUN } from "./playbook_for_tests.ts";
import type { RecorderCommand } from "./recorder_worker.ts";

const encoder = new TextEncoder();

Deno.test("recorder thread writes what passes the tap, and says when all of it is stored", async () => {
  verifies("recorder-flush-on-exit", "recorder-stderr-log");
  const home = await Deno.makeTempDir({ prefix: "km-recorder-" });
  // What is recorded here is said to be of 1970.
  await Deno.writeTextFile(`${home}/config.jsonc`, '{"retention": {"days": 36500}}');
  const shared = createTap(1024 * 1024);
  const writer = new TapWriter(shared);
  const worker = new Worker(new URL("./recorder_worker.ts", import.meta.url));
  const tell = (command: RecorderCommand) => worker.postMessage(command);
  try {
    const ready = once(worker, "message");
    tell({
      type: "start",
      tap: shared,
      run: TEST_RUN,
      dbPath: `${home}/km.db`,
      maxStoredBytes: 1000,
      redact: true,
      secrets: ["held-by-km"],
      output: "none",
      color: false,
      configPath: `${home}/config.jsonc`,
      plugins: null,
      pluginSecrets: [],
    });
    tell({ type: "spawned", pid: 7 });
    assert.deepEqual(await ready, [{ type: "ready" }]);
    writer.push(CHANNEL.clientToServer, encoder.encode(`{"jsonrpc":"2.0","id":1,"method":"ping"}\n`), 1000);
    writer.push(CHANNEL.serverToClient, encoder.encode(`{"jsonrpc":"2.0","id":1,"result":{}}\n`), 1002);
    writer.push(CHANNEL.serverLog, encoder.encode("one held-by-km\ntwo"), 1003);
    writer.close();
    const flushed = once(worker, "message");
    const exit = { timeUs: 2_000_000, exitCode: 3, signal: null, reason: "server exited" };
    tell({ type: "exit", exit, saidMs: Date.now() });
    assert.deepEqual(await flushed, [{ type: "flushed", unrecorded: 0 }]);
  } finally {
    await worker.terminate();
  }
  {
    using database = openDatabase(`${home}/km.db`, { mode: "read" });
    const stored = listEvents(database, {}, 10).reverse().map(({ kind, payload }) =>
      `${kind} ${JSON.stringify(payload)}`
    );
    assert.deepEqual(stored, [
      `lifecycle {"event":"start","command":["server"],"cwd":null,"pid":7}`,
      `request {"jsonrpc":"2.0","id":1,"method":"ping"}`,
      `response {"jsonrpc":"2.0","id":1,"result":{}}`,
      `log "one [redacted:known-secret]"`,
      `log "two"`,
      `lifecycle {"event":"exit","exitCode":3,"signal":null,"reason":"server exited"}`,
    ]);
    assert.deepEqual(
      listCalls(database, {}, 10).map(({ method, outcome, durationMs }) => [method, outcome, durationMs]),
      [
        ["ping", "ok", 2],
      ],
    );
  }
  await Deno.remove(home, { recursive: true });
});
