/** km update while km runs: what runs goes on with the version that it was started as. @module */
import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { readEvents } from "./harness.ts";
import { NEW, OLD, UpdatableKm } from "./updatable_km.ts";

const NO_PORTABLE = unlessOs("linux", "darwin");

const ping = (id: number) => `{"jsonrpc":"2.0","id":${id},"method":"ping"}\n`;

testUnless(
  NO_PORTABLE,
  "a km monitor that runs during an update relays and records all of its session",
  async () => {
    verifies("update-swap");
    await using km = await UpdatableKm.create();
    await km.release();
    await using monitor = km.start(["monitor", "--name", "echo", "--", "cat"]);
    await monitor.write(ping(1));
    await monitor.stdout.lineCount(1);
    const update = await km.run(["update"]);
    assert.equal(update.code, 0, update.err);
    for (let id = 2; id <= 50; id++) await monitor.write(ping(id));
    assert.deepEqual(
      await monitor.stdout.lineCount(50),
      Array.from({ length: 50 }, (_, at) => ping(at + 1).trim()),
    );
    await monitor.closeStdin();
    const { code, err } = await monitor.ended();
    assert.deepEqual([code, err], [0, ""]);
    const requests = (await readEvents(km.home)).filter(({ direction }) => direction === "client_to_server");
    assert.equal(requests.length, 50);
    assert.deepEqual(
      km.server.requests.length,
      3,
      "stable.json, its signature, the file: the monitor asked for nothing",
    );
  },
);

testUnless(
  NO_PORTABLE,
  "a km serve that runs during an update goes on, and the command says how to restart it",
  async () => {
    verifies("update-swap", "update-flags");
    await using km = await UpdatableKm.create();
    await km.release();
    const env = { ...km.env, KM_NO_UPDATE_CHECK: "1" };
    await using daemon = await RunningDaemon.start([], { ...km.options(env) });
    assert.equal(await status(daemon, "/health"), 200);
    const update = await km.run(["update"]);
    assert.equal(update.code, 0, update.err);
    assert.match(
      update.out,
      new RegExp(`\nkm serve still runs ${OLD}: "km stop && km serve --detach" takes ${NEW}\n$`),
    );
    // The dashboard's files, a thread for the answer: all of what is loaded late is still that of the version that runs.
    assert.equal(await status(daemon, "/"), 200);
    assert.equal(await status(daemon, "/api/overview"), 200);
    assert.equal((await km.run(["stop"])).code, 0);
    await daemon.process.ended();
    await using restarted = await RunningDaemon.start([], { ...km.options(env) });
    assert.equal(restarted.record.version, NEW);
    assert.equal(JSON.parse((await km.run(["update", "--check", "--json"])).out).restart, false);
  },
);

async function status(daemon: RunningDaemon, path: string): Promise<number> {
  const response = await daemon.get(path);
  await response.bytes();
  return response.status;
}
