/** Whoever stops reading stalls only the direction towards him; nothing is lost, and km's memory stays flat. @module */
import assert from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { until } from "./harness.ts";
import { FakeClient, residentBytes } from "../fakes/fake_client.ts";
import { fakeServer, testEachRelay, testEveryWay } from "../fakes/ways.ts";
import { freshSeed, randomBytes, sumOf } from "../fakes/random.ts";

const MB = 1024 * 1024;
/** Far more than all pipes on the way hold. */
const MUCH_BYTES = 16 * MB;
/** How much more of km may be resident after a stall than before, beside what its queue of copies holds. */
const MAX_GROWTH_BYTES = 100 * MB;
/** Long enough that a relay which wrongly goes on reading has moved megabytes. */
const STALLED_MS = 300;

for (const sockets of [false, true]) {
  const by = sockets ? "sockets" : "pipes";

  testEveryWay(`a client that stops reading stalls only what comes to it, by ${by}`, async (way) => {
    verifies("relay-backpressure", "fm-22-backpressure");
    const seed = freshSeed();
    await using client = new FakeClient(way, fakeServer("duplex", MUCH_BYTES, seed), { sockets });
    const toServer = randomBytes(seed + 1, MUCH_BYTES);
    // All of it arrives, though nothing is read meanwhile: the server reads while its own writes wait.
    await client.send(toServer);
    await client.closeStdin();
    const { bytes, sha256 } = await client.witness.until("read");
    assert.deepEqual({ bytes, sha256 }, sumOf(toServer));
    if (way.name === "direct" || sockets) return;
    assert.ok(residentBytes(client.pid) < 250 * MB, `resident: ${residentBytes(client.pid) / MB} MB`);
  });

  testEveryWay(`a server that stops reading stalls only what goes to it, by ${by}`, async (way) => {
    verifies("relay-backpressure", "fm-22-backpressure");
    const toServer = randomBytes(freshSeed(), MUCH_BYTES);
    await using client = new FakeClient(way, fakeServer("stop-reading"), { sockets });
    await client.readLine();
    const sending = client.sendAll(toServer);
    for (let line = 1; line <= 20; line++) {
      await client.tell();
      assert.deepEqual(await client.readJson(), { line });
    }
    await client.tell("SIGUSR2");
    assert.deepEqual(await client.readJson(), sumOf(toServer));
    await sending;
    assert.deepEqual(await client.finish(), { code: 0, signal: null });
  });

  testEveryWay(`both full at once, then read: everything arrives, by ${by}`, async (way) => {
    verifies("relay-backpressure");
    const seed = freshSeed();
    await using client = new FakeClient(way, fakeServer("write-then-read", MUCH_BYTES, seed), { sockets });
    const toServer = randomBytes(seed + 1, MUCH_BYTES);
    const sending = client.sendAll(toServer);
    await client.serverPid();
    await new Promise((resolve) => setTimeout(resolve, STALLED_MS));
    assert.equal(client.witness.all("written").length, 0, "the server is stuck, as it must be");
    assert.deepEqual(await client.sumAll(), sumOf(randomBytes(seed, MUCH_BYTES)));
    await sending;
    const { bytes, sha256 } = await client.witness.until("read");
    assert.deepEqual({ bytes, sha256 }, sumOf(toServer));
    assert.deepEqual(await client.finish(), { code: 0, signal: null });
  });
}

testEachRelay(
  "takes no more from a flooding server than pipes hold while the client does not read",
  async (way) => {
    verifies("relay-backpressure", "fm-22-backpressure");
    await using client = new FakeClient(way, fakeServer("flood", "stdout", 400 * MB, 1000));
    await client.readExactly(1000);
    const before = residentBytes(client.pid);
    await new Promise((resolve) => setTimeout(resolve, STALLED_MS));
    assert.equal(client.witness.all("flooded").length, 0, "the server waits");
    const growth = residentBytes(client.pid) - before;
    assert.ok(growth < MAX_GROWTH_BYTES, `grew by ${growth / MB} MB`);
  },
);

for (const lineBytes of [100, 300_000, 0]) {
  const lines = lineBytes === 0 ? "without a line end" : `in lines of ${lineBytes} bytes`;
  testEachRelay(
    `a flood on stderr ${lines} never blocks the server, though the client does not read it`,
    async (way) => {
      verifies("relay-stderr-unchanged", "fm-10-stderr-drained", "recorder-stderr-log");
      await using client = new FakeClient(way, fakeServer("flood", "stderr", 3_000_000, lineBytes));
      client.stderr.pause();
      assert.deepEqual(await client.readJson(), { flooded: 3_000_000 });
      client.stderr.resume();
      await client.finish();
      await client.stderr.done;
      const written = "f".repeat(lineBytes === 0 ? 3_000_000 : 0);
      if (lineBytes === 0) assert.equal(new TextDecoder().decode(client.stderr.bytes()), written);
      else assert.equal(client.stderr.size, 3_000_000);
      const logs = await client.events("--kind", "log");
      const recorded = logs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      const lineEnds = client.stderr.bytes().filter((byte) => byte === 10).length;
      assert.equal(recorded + lineEnds, 3_000_000);
    },
  );
}

testEveryWay("a server that closed its stdout goes on reading", async (way) => {
  verifies("relay-backpressure");
  await using client = new FakeClient(way, fakeServer("close-stdout", 0));
  await client.readLine();
  assert.equal((await client.readAll()).length, 0, "the client sees the end of stdout at once");
  await client.send(randomBytes(1, 2 * MB));
  await client.closeStdin();
  assert.equal((await client.witness.until("eof")).bytes, 2 * MB);
  assert.deepEqual(await client.finish(), { code: 0, signal: null });
});

testEveryWay("a client that closed its reading end makes the server's writes fail", async (way) => {
  verifies("relay-backpressure");
  await using client = new FakeClient(way, fakeServer("flood", "stdout", 400 * MB, 1000));
  await client.readExactly(1000);
  await client.closeStdout();
  const { code } = await client.exit();
  assert.notEqual(code, 0);
  await client.noneLeft();
});

testEveryWay("a server that closed its stdin makes the client's writes fail", async (way) => {
  verifies("relay-backpressure");
  await using client = new FakeClient(way, fakeServer("close-stdin", 0));
  await client.readLine();
  await until(() => client.send("x".repeat(100_000)).then(() => false, isBrokenPipe), "a write to fail");
});

function isBrokenPipe(error: unknown): boolean {
  assert.ok(error instanceof Deno.errors.BrokenPipe, String(error));
  return true;
}
