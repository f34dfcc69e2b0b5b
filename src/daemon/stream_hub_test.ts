import type { EventFilter } from "../core/filter.ts";
import assert from "node:assert/strict";
import { until } from "../../tests/e2e/harness.ts";
import { verifies } from "../../tests/verifies.ts";
import { ApiError } from "../api/errors.ts";
import type { StreamFormat } from "../api/stream/frames.ts";
import { eventsAfter, lastSeq } from "../store/events.ts";
import { openDatabase } from "../store/database.ts";
import { eraseLeftovers } from "../store/erase.ts";
import { pruneStep } from "../store/retention.ts";
import { EventWriter } from "../store/event_writer.ts";
import { makeEvent, makeRun, NOON_US, randomFrom } from "../store/testing.ts";
import { MAX_QUEUED_BYTES } from "./stream.ts";
import { FakeSink, HubOnStore } from "./stream_testing.ts";

function open(
  { hub }: HubOnStore,
  { filter = {}, after = null, format = "sse", isAllowed = () => Promise.resolve(true) }: {
    readonly filter?: EventFilter;
    readonly after?: string | null;
    readonly format?: StreamFormat;
    readonly isAllowed?: () => Promise<boolean>;
  } = {},
): FakeSink & { readonly leave: () => void } {
  const sink = new FakeSink(format);
  const leave = hub.open({ filter, after, isAllowed }, sink);
  return Object.assign(sink, { leave });
}

async function isLive(sink: FakeSink): Promise<void> {
  await until(() => sink.text.includes("heartbeat"), "the stream to be live");
}

async function events(sink: FakeSink, count: number): Promise<void> {
  await until(
    () => sink.of("event").length >= count,
    () => `${count} events, ${sink.of("event").length} came`,
  );
}

for (const format of ["sse", "ws"] as const) {
  Deno.test(`StreamHub sends events as they are recorded, in order, filtered (${format})`, async () => {
    verifies("api-stream");
    using store = new HubOnStore();
    const all = open(store, { format });
    const some = open(store, { format, filter: { server: "github", search: '"n":4' } });
    await Promise.all([isLive(all), isLive(some)]);
    store.record(2, 20, "files");
    store.record(2, 20, "github");
    store.record(1, 20, "files");
    await events(all, 5);
    await events(some, 1);
    const stored = eventsAfter(store.db, 0, {}, 100).events;
    assert.deepEqual(all.events(), stored);
    assert.deepEqual(all.of("event").map(({ cursor }) => cursor), ["1", "2", "3", "4", "5"]);
    assert.deepEqual(
      some.events(),
      stored.filter((event) => JSON.stringify(event.payload).includes('"n":4')),
    );
  });
}

Deno.test("StreamHub sends what was recorded after the cursor, and nothing twice, while a writer runs at full speed", async () => {
  verifies("api-stream-resume");
  using store = new HubOnStore();
  const random = randomFrom(11);
  const filters: EventFilter[] = [{}, {}, { server: "github" }, { search: "x" }, { server: "gone" }];
  const opened: { sink: FakeSink; after: number; filter: EventFilter; leave: () => void }[] = [];
  store.record(2500);
  for (let round = 0; round < 70; round++) {
    store.record(1 + Math.floor(random() * 100), 20, random() < 0.5 ? "files" : "github");
    const after = Math.floor(random() * (lastSeq(store.db) + 1));
    const filter = filters[round % filters.length] as EventFilter;
    const format = random() < 0.3 ? "ws" : "sse";
    opened.push({ ...openAt(store, filter, after, format), after, filter });
    const gone = random() < 0.3 ? opened.splice(Math.floor(random() * opened.length), 1)[0] : undefined;
    gone?.leave();
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  const end = lastSeq(store.db);
  for (const { sink, after, filter } of opened) {
    const expected = eventsAfter(store.db, after, filter, Infinity).events.map(({ id }) => id);
    await events(sink, expected.length);
    assert.deepEqual(sink.events().map(({ id }) => id), expected, `${JSON.stringify(filter)} after ${after}`);
    assert.equal(sink.of("resync").length, 0);
  }
  assert.ok(end > 4000);
});

function openAt(store: HubOnStore, filter: EventFilter, after: number, format: StreamFormat) {
  const sink = open(store, { filter, after: String(after), format });
  return { sink, leave: sink.leave };
}

Deno.test("StreamHub goes on from a cursor that is newer than what the tail has read", async () => {
  using store = new HubOnStore({ pollMs: 1e6 });
  const early = open(store);
  await isLive(early);
  store.record(5);
  const late = open(store, { after: "5" });
  await isLive(late);
  await events(early, 5);
  assert.equal(late.of("event").length, 0);
  assert.equal(late.of("resync").length, 0);
});

Deno.test("StreamHub keeps streams with equal filters as one group", async () => {
  using store = new HubOnStore();
  const sinks = [{ server: "a", tool: "b" }, { tool: "b", server: "a", kind: undefined }, { server: "a" }]
    .map((filter) => open(store, { filter }));
  await Promise.all(sinks.map(isLive));
  assert.equal(store.hub.counters().filters, 2);
});

for (const format of ["sse", "ws"] as const) {
  Deno.test(`StreamHub queues little for a client that does not read, and brings it back by a resync (${format})`, async () => {
    verifies("api-stream-resync");
    using store = new HubOnStore();
    const [slow, quick] = [open(store, { format }), open(store, { format })];
    await Promise.all([isLive(slow), isLive(quick)]);
    slow.hold();
    for (let i = 0; i < 50; i++) {
      store.record(20, 2000);
      await events(quick, (i + 1) * 20);
    }
    assert.equal(store.hub.counters().slow, 1);
    assert.ok(slow.mostQueuedBytes <= MAX_QUEUED_BYTES, `${slow.mostQueuedBytes} bytes`);
    const got = slow.of("event").length;
    assert.ok(got < 1000);
    slow.release();
    const [resync] = slow.of("resync");
    const { reason, missed, cursor } = JSON.parse(resync?.data ?? "{}");
    assert.deepEqual({ reason, missed, cursor }, { reason: "slow", missed: 1000 - got, cursor: "1000" });
    store.record(1);
    await events(slow, got + 1);
    assert.equal(slow.of("event").at(-1)?.cursor, "1001");
    assert.equal(quick.of("resync").length, 0);
  });
}

Deno.test("StreamHub skips what is too much, and says so", async () => {
  using store = new HubOnStore({ maxBehind: 100, pollMs: 1e6 });
  const [all, some] = [open(store), open(store, { filter: { server: "files" } })];
  await Promise.all([isLive(all), isLive(some)]);
  store.record(101);
  // A stream that joins at the end makes the tail look.
  open(store, { after: "101" });
  await until(() => all.of("resync").length > 0 && some.of("resync").length > 0, "a resync");
  assert.deepEqual(JSON.parse(all.of("resync")[0]?.data ?? ""), {
    reason: "behind",
    missed: 101,
    cursor: "101",
  });
  assert.equal(JSON.parse(some.of("resync")[0]?.data ?? "").missed, null);
  assert.equal(all.of("event").length, 0);
});

for (const after of ["9", "no cursor", "9007199254740993", "-1"]) {
  Deno.test(`StreamHub answers the cursor "${after}", which is none of this store, by a resync`, async () => {
    using store = new HubOnStore();
    store.record(3);
    const sink = open(store, { after });
    await until(() => sink.of("resync").length > 0, "a resync");
    assert.deepEqual(JSON.parse(sink.of("resync")[0]?.data ?? ""), {
      reason: "unknown_cursor",
      missed: null,
      cursor: "3",
    });
    store.record(1);
    await events(sink, 1);
    assert.deepEqual(sink.of("event").map(({ cursor }) => cursor), ["4"]);
  });
}

Deno.test("StreamHub answers a cursor before what the retention removed by a resync", async () => {
  using store = new HubOnStore();
  store.record(5);
  while (!pruneStep(store.db, { olderThanUs: NOON_US + 4, maxEvents: 100 }).done);
  const [expired, fine] = [open(store, { after: "1" }), open(store, { after: "3" })];
  await until(() => expired.of("resync").length > 0, "a resync");
  assert.deepEqual(JSON.parse(expired.of("resync")[0]?.data ?? ""), {
    reason: "expired",
    missed: 2,
    cursor: "5",
  });
  await events(fine, 2);
  assert.deepEqual(fine.of("event").map(({ cursor }) => cursor), ["4", "5"]);
});

Deno.test("StreamHub sends a resync when the store is emptied", async () => {
  using store = new HubOnStore();
  store.record(5);
  const sink = open(store);
  await isLive(sink);
  while (!pruneStep(store.db, { olderThanUs: NOON_US * 2, maxEvents: 100 }).done);
  eraseLeftovers(store.db);
  await until(() => sink.of("resync").length > 0, "a resync");
  assert.equal(JSON.parse(sink.of("resync")[0]?.data ?? "").reason, "replaced");
  store.record(1);
  await events(sink, 1);
  assert.equal(sink.of("resync").length, 1);
});

Deno.test("StreamHub sends a resync when another file is in the store's place, and follows that", async () => {
  using store = new HubOnStore();
  store.record(5);
  const sink = open(store);
  await isLive(sink);
  const path = store.folder.databasePath;
  using other = new HubOnStore();
  other.record(2);
  other.db.get("PRAGMA wal_checkpoint(TRUNCATE)");
  for (const suffix of ["-wal", "-shm"]) Deno.removeSync(path + suffix);
  Deno.copyFileSync(other.folder.databasePath, `${path}.new`);
  Deno.renameSync(`${path}.new`, path);
  await until(() => sink.of("resync").length > 0, "a resync");
  assert.deepEqual(JSON.parse(sink.of("resync")[0]?.data ?? ""), {
    reason: "replaced",
    missed: null,
    cursor: "2",
  });
  using writer = openDatabase(path, { mode: "write" });
  const run = makeRun();
  new EventWriter(writer).append({ run, events: [makeEvent("log", NOON_US)], calls: [], tools: [] });
  await events(sink, 1);
  assert.equal(sink.of("event")[0]?.cursor, "3");
});

Deno.test("StreamHub sends a large event whole, in slices, and does not hold it for a client that does not read", async () => {
  verifies("api-stream-resync");
  using store = new HubOnStore();
  const [held, quick] = [open(store), open(store)];
  const back = open(store, { format: "ws" });
  await Promise.all([isLive(held), isLive(quick), isLive(back)]);
  held.hold();
  store.record(1);
  store.record(1, 1_500_000);
  store.record(1);
  await events(quick, 3);
  assert.ok(held.mostQueuedBytes < 100_000, `${held.mostQueuedBytes} bytes`);
  held.release();
  await events(held, 3);
  const stored = eventsAfter(store.db, 0, {}, 10).events;
  assert.deepEqual(quick.events(), stored);
  assert.deepEqual(held.events(), stored);
  const resumed = open(store, { after: "0" });
  await events(resumed, 3);
  assert.deepEqual(resumed.events(), stored);
  // A WebSocket's frame cannot be sliced.
  await events(back, 3);
  assert.match(back.text, /"payloadOmitted":true,"event":\{[^}]*"payload":null\}/);
});

Deno.test("StreamHub refuses more streams than it may have, and takes new ones when some went", async () => {
  using store = new HubOnStore({ maxStreams: () => 2 });
  const [first] = [open(store), open(store)];
  assert.throws(
    () => open(store),
    (error: ApiError) => error.status === 503 && "Retry-After" in error.headers,
  );
  first.leave();
  await isLive(open(store));
});

Deno.test("StreamHub moves the cursor of a stream whose filter finds nothing", async () => {
  using store = new HubOnStore({ heartbeatMs: 5 });
  const sink = open(store, { filter: { server: "github" } });
  await isLive(sink);
  store.record(3);
  await until(() => sink.text.includes(": heartbeat 3\nid: 3\n\n"), "a heartbeat");
  assert.equal(sink.of("event").length, 0);
});

Deno.test("StreamHub ends its streams when it stops, and takes no more", async () => {
  using store = new HubOnStore();
  const sink = open(store);
  await isLive(sink);
  store.hub[Symbol.dispose]();
  assert.ok(sink.text.endsWith("event: end\ndata: {}\n\n"));
  assert.ok(sink.isClosed);
  assert.throws(() => open(store), ApiError);
  assert.equal(store.hub.counters().streams, 0);
});

for (const trigger of ["heartbeat", "recheck()"]) {
  Deno.test(`StreamHub ends the streams whose credentials are good no more, and no others, at a ${trigger}`, async () => {
    using store = new HubOnStore(trigger === "heartbeat" ? { heartbeatMs: 5 } : {});
    let isGood = true;
    const isAllowed = () => isGood ? Promise.resolve(true) : Promise.reject(new Error("Nobody knows"));
    const [sink, socket] = [open(store, { isAllowed }), open(store, { isAllowed, format: "ws" })];
    const other = open(store);
    await Promise.all([isLive(sink), isLive(socket), isLive(other)]);
    store.hub.recheck();
    store.record(1);
    await events(sink, 1);
    isGood = false;
    if (trigger !== "heartbeat") store.hub.recheck();
    await until(() => sink.isClosed && socket.isClosed, "the streams to end");
    assert.ok(sink.text.endsWith('event: end\ndata: {"reason":"credentials"}\n\n'));
    assert.equal(socket.endReason, "credentials");
    assert.equal(other.isClosed, false);
    store.record(1);
    await events(other, 2);
    assert.equal(sink.of("event").length, 1);
    assert.equal(store.hub.counters().streams, 1);
  });
}

Deno.test("StreamHub keeps nothing of clients that are gone", async () => {
  using store = new HubOnStore();
  for (let i = 0; i < 1000; i++) {
    const sink = open(store, { filter: { tool: `t${i}` }, after: i % 2 === 0 ? null : "0" });
    if (i % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    sink.leave();
  }
  assert.deepEqual(store.hub.counters(), { streams: 0, filters: 0, slow: 0, queuedBytes: 0, resyncs: 0 });
});
