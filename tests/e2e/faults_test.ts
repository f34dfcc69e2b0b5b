/** What happens to the record when the world breaks: it waits, it is cut, it is given up. The bytes pass all the same. @module */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { TempFolder, until } from "./harness.ts";
import { FakeClient } from "../fakes/fake_client.ts";
import { fakeServer, testEachRelay, UNDER_KM, type Way } from "../fakes/ways.ts";
import { encode, randomBytes } from "../fakes/random.ts";
import { SmallDisk, unlessTmpfs } from "../fakes/small_disk.ts";

/** Issue "km monitor", section 4. */
const LOCKED_MS = 30_000;
/** The other relay has the same recorder: one long lock is enough. */
const BRIEFLY_LOCKED_MS = 2_000;
/** A round trip takes 0.1 ms; anything that waits for a locked database would take a hundred and more. Leaves room for a busy machine. */
const MAX_MEDIAN_MS = 20;
const MAX_MISSING_MS = 200;

testEachRelay(
  "with its database locked by another process: no byte waits, all is written afterwards",
  async (way) => {
    verifies("recorder-database-locked", "fm-23-slow-store", "store-many-writers");
    const lockedMs = way.name === "fast relay" ? LOCKED_MS : BRIEFLY_LOCKED_MS;
    await using client = new FakeClient(way, fakeServer("mcp"));
    const pings = new Pings(client);
    await pings.send(10);
    await until(() => countEvents(client.home) >= 20, "the first events");
    using other = new DatabaseSync(`${client.home}/km.db`);
    other.exec("PRAGMA busy_timeout = 5000; BEGIN EXCLUSIVE");
    const end = performance.now() + lockedMs;
    while (performance.now() < end) {
      await pings.send(20);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(pings.medianMs() < MAX_MEDIAN_MS, `a ping took ${pings.medianMs()} ms`);
    other.exec("COMMIT");
    await pings.send(10);
    assert.deepEqual(await client.finish(), { code: 0, signal: null });
    const calls = await client.calls();
    assert.equal(calls.length, pings.sent);
    assert.ok(calls.every(({ outcome }) => outcome === "ok"));
  },
);

testEachRelay("with more than its queue holds: what is not recorded is counted to the byte", async (way) => {
  verifies("recorder-gap", "fm-22-backpressure");
  const [lines, lineBytes] = [24_000, 6_000];
  await using client = new FakeClient(way, fakeServer("sink"));
  await client.send("{}\n");
  await until(() => countEvents(client.home) >= 2, "the first events");
  using other = new DatabaseSync(`${client.home}/km.db`);
  other.exec("PRAGMA busy_timeout = 5000; BEGIN EXCLUSIVE");
  const line = '{"jsonrpc":"2.0","method":"notifications/x","params":"';
  const chunk = encode((line + "x".repeat(lineBytes - line.length - 3) + '"}\n').repeat(100));
  for (let i = 0; i < lines; i += 100) await client.send(chunk);
  other.exec("COMMIT");
  await client.closeStdin();
  assert.equal((await client.readJson()).bytes, lines * lineBytes + 3);
  await client.finish();
  const kept = await client.events("--kind", "notification");
  const gaps = await client.events("--kind", "gap", "--direction", "client_to_server");
  assert.ok(kept.length > 0 && gaps.length > 0, `${kept.length} kept, ${gaps.length} gaps`);
  const missing = gaps.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  assert.equal(missing, (lines - kept.length) * lineBytes, "bytes");
  const messages = gaps.reduce((sum, { payload }) => sum + (payload as { messages: number }).messages, 0);
  assert.equal(messages, lines - kept.length, "messages");
});

testEachRelay(
  "with its database still locked at the end: ends in bounded time, with the server's code",
  async (way) => {
    verifies("recorder-flush-on-exit", "recorder-database-locked");
    await using client = new FakeClient(way, fakeServer("exit", 6));
    await client.readLine();
    await until(() => countEvents(client.home) > 0, "the first events");
    using other = new DatabaseSync(`${client.home}/km.db`);
    other.exec("PRAGMA busy_timeout = 5000; BEGIN EXCLUSIVE");
    await client.tell();
    const begin = performance.now();
    assert.deepEqual(await client.exit(), { code: 6, signal: null });
    assert.ok(performance.now() - begin < 8_000, `took ${performance.now() - begin} ms`);
  },
);

for (const way of UNDER_KM) {
  testUnless(
    unlessTmpfs(),
    `km monitor (${way.name}) with its disk full: no byte is lost, all is written once there is room`,
    async () => {
      verifies("recorder-disk-full", "fm-23-slow-store");
      using disk = new SmallDisk("2m");
      await using client = new FakeClient(way, fakeServer("cat"), { home: `${disk.path}/home` });
      await sendBlobs(client, 0, 60);
      disk.resize("64m");
      await sendBlobs(client, 60, 61);
      assert.deepEqual(await client.finish(), { code: 0, signal: null });
      const events = await client.events("--kind", "notification");
      assert.equal(events.length, 2 * 61);
      assertSound(client.home);
    },
  );

  testUnless(unlessTmpfs(), `km monitor (${way.name}) with a read-only home: every byte passes`, async () => {
    verifies("recorder-read-only-home", "fm-23-slow-store");
    using disk = new SmallDisk("1m");
    disk.remount("ro");
    await passesWithHome(way, `${disk.path}/home`);
  });
}

testEachRelay("with a home that cannot be: every byte passes", async (way) => {
  verifies("recorder-read-only-home", "fm-23-slow-store");
  using folder = new TempFolder();
  Deno.writeTextFileSync(`${folder.path}/file`, "");
  await Promise.all(["/proc/km", `${folder.path}/file/home`].map((home) => passesWithHome(way, home)));
});

testEachRelay(
  "with something else in the place of its database: every byte passes, and that is not touched",
  async (way) => {
    verifies("fm-23-slow-store");
    using folder = new TempFolder();
    const text = "not a database\n".repeat(1000);
    Deno.writeTextFileSync(`${folder.path}/km.db`, text);
    await passesWithHome(way, folder.path);
    assert.equal(Deno.readTextFileSync(`${folder.path}/km.db`), text);
  },
);

testEachRelay(
  "killed with SIGKILL in mid-traffic: at most the last 200 ms are missing, the database is sound",
  async (way) => {
    verifies("recorder-kill-9", "lifecycle-parent-death", "fm-03-km-sigkilled");
    await using client = new FakeClient(way, fakeServer("mcp"));
    const pings = new Pings(client);
    await until(async () => {
      await pings.send(50);
      // On a machine without a free processor the recorder may need a second to be there at all.
      return pings.spanMs() > 1_000 && existsSync(`${client.home}/km.db`);
    }, "a second of traffic and a database");
    const killedMs = performance.now();
    client.kill("SIGKILL");
    await client.exit();
    await client.noneLeft();
    assertSound(client.home);
    const answered = (await client.calls()).filter(({ outcome }) => outcome === "ok").length;
    const old = pings.answeredBefore(killedMs - MAX_MISSING_MS);
    assert.ok(answered >= old, `${answered} recorded, ${old} were older than 200 ms, ${pings.sent} in all`);
  },
);

testEachRelay(
  "with the server killed in mid-traffic: what was answered is recorded, the rest is hung",
  async (way) => {
    verifies("lifecycle-signal-status", "recorder-outcomes", "recorder-flush-on-exit");
    await using client = new FakeClient(way, fakeServer("mcp"));
    const pings = new Pings(client);
    await pings.send(200);
    await client.sendJson({ jsonrpc: "2.0", id: "last", method: "tools/call", params: { name: "never" } });
    await pings.send(1);
    Deno.kill(await client.serverPid(), "SIGKILL");
    assert.deepEqual(await client.exit(), { code: 137, signal: "SIGKILL" });
    await client.noneLeft();
    const calls = await client.calls();
    assert.equal(calls.filter(({ outcome }) => outcome === "ok").length, pings.sent);
    assert.deepEqual(
      calls.filter(({ outcome }) => outcome !== "ok").map(({ tool, outcome }) => [tool, outcome]),
      [
        ["never", "hung"],
      ],
    );
    const last = (await client.events("--kind", "lifecycle")).at(-1);
    assert.match(JSON.stringify(last?.payload), /137/);
  },
);

/** What one can store in a second where nothing else runs: leaves a machine that is four times as slow the 5 s that the end may take. */
const STORED_IN_A_SECOND = 10_000;

testEachRelay("writes everything that is queued before it ends", async (way) => {
  verifies("recorder-flush-on-exit", "recorder-no-drop-at-20k");
  await using client = new FakeClient(way, fakeServer("cat"));
  await echoAll(client, STORED_IN_A_SECOND);
  assert.equal((await client.events("--kind", "notification")).length, 2 * STORED_IN_A_SECOND);
});

testEachRelay("with more queued than it can write in time: the rest is counted, to the byte", async (way) => {
  verifies("recorder-flush-on-exit", "recorder-gap");
  const lines = 4 * STORED_IN_A_SECOND;
  await using client = new FakeClient(way, fakeServer("cat"));
  const bytes = await echoAll(client, lines);
  const kept = await client.events("--kind", "notification");
  const gaps = await client.events("--kind", "gap");
  const lost = gaps.reduce((sum, { payload }) => sum + (payload as { messages: number }).messages, 0);
  assert.equal(kept.length + lost, 2 * lines);
  const keptBytes = kept.reduce((sum, { sizeBytes }) => sum + sizeBytes + 1, 0);
  assert.equal(keptBytes + gaps.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0), 2 * bytes);
  assert.equal((await client.events("--kind", "lifecycle")).length, 2, "start and exit");
});

testEachRelay(
  "stopped for a second with SIGSTOP, and so the server: every byte and every event is there",
  async (way) => {
    verifies("relay-sigstop");
    await using client = new FakeClient(way, fakeServer("cat"));
    const line = '{"jsonrpc":"2.0","method":"notifications/x"}\n';
    const data = line.repeat(10_000);
    const sending = client.sendAll(encode(data));
    for (const pid of [await client.kmPid(), await client.serverPid()]) {
      Deno.kill(pid, "SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, 500));
      Deno.kill(pid, "SIGCONT");
    }
    assert.equal(new TextDecoder().decode(await client.readAll()), data);
    await sending;
    assert.deepEqual(await client.finish(), { code: 0, signal: null });
    const events = await client.events("--kind", "notification");
    assert.equal(events.length, 20_000);
  },
);

/** Round trips, one after the other, with the time each took. */
class Pings {
  readonly #client: FakeClient;
  readonly #tookMs: number[] = [];
  readonly #answeredMs: number[] = [];

  constructor(client: FakeClient) {
    this.#client = client;
  }

  get sent(): number {
    return this.#tookMs.length;
  }

  async send(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      const begin = performance.now();
      const { id } = await this.#client.ask({ jsonrpc: "2.0", id: this.sent, method: "ping" });
      assert.equal(id, this.sent);
      this.#answeredMs.push(performance.now());
      this.#tookMs.push(performance.now() - begin);
    }
  }

  medianMs(): number {
    return this.#tookMs.toSorted((a, b) => a - b)[this.sent >> 1] ?? 0;
  }

  /** From the first answer to the last. */
  spanMs(): number {
    return (this.#answeredMs.at(-1) ?? 0) - (this.#answeredMs[0] ?? 0);
  }

  answeredBefore(timeMs: number): number {
    return this.#answeredMs.filter((each) => each < timeMs).length;
  }
}

/** Sends messages of 64 KB that nothing compresses, and reads them back. */
async function sendBlobs(client: FakeClient, from: number, to: number): Promise<void> {
  for (let i = from; i < to; i++) {
    const blob = randomBytes(i, 48 * 1024).toBase64();
    const message = { jsonrpc: "2.0", method: "notifications/blob", params: { blob } };
    assert.deepEqual(await client.ask(message), message);
  }
}

/** Sends so many messages of 600 bytes through a server that repeats them, and ends. Returns how many bytes went each way. */
async function echoAll(client: FakeClient, lines: number): Promise<number> {
  const params = { pad: "x".repeat(540) };
  const line = JSON.stringify({ jsonrpc: "2.0", method: "notifications/progress", params }) + "\n";
  const sending = client.sendAll(encode(line.repeat(lines)));
  const { bytes } = await client.sumAll();
  assert.equal(bytes, line.length * lines);
  await sending;
  await client.finish();
  return bytes;
}

/** A run whose record cannot be kept must still be a run. */
async function passesWithHome(way: Way, home: string): Promise<void> {
  await using client = new FakeClient(way, fakeServer("mcp"), { home });
  await new Pings(client).send(100);
  await client.closeStdin();
  const begin = performance.now();
  assert.deepEqual(await client.finish(), { code: 0, signal: null });
  assert.ok(performance.now() - begin < 8_000, `took ${performance.now() - begin} ms to end`);
}

function countEvents(home: string): number {
  try {
    using database = new DatabaseSync(`${home}/km.db`, { readOnly: true });
    return Number(database.prepare("SELECT count(*) AS n FROM events").get()?.n);
  } catch {
    return 0; // Not there yet.
  }
}

function assertSound(home: string): void {
  using database = new DatabaseSync(`${home}/km.db`, { readOnly: true });
  assert.deepEqual({ ...database.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" });
}
