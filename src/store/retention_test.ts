import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { eraseLeftovers } from "./erase.ts";
import { listEvents } from "./events.ts";
import { type PruneOptions, pruneStep, usedBytes } from "./retention.ts";
import { indexPending } from "./search.ts";
import { readStats, readTotals } from "./stats.ts";
import { checkIntegrity, knownServers, readSummary } from "./summary.ts";
import { DAY_US, makeCall, makeEvent, makeRun, MINUTE_US, NOON_US, TempStore } from "./testing.ts";

function prune(
  store: TempStore,
  options: Omit<PruneOptions, "maxEvents">,
): { deleted: number; largestStep: number } {
  const sum = { deleted: 0, largestStep: 0 };
  for (let steps = 0; steps < 10_000; steps++) {
    const { deleted, done } = pruneStep(store.db, { ...options, maxEvents: 500 });
    sum.deleted += deleted;
    sum.largestStep = Math.max(sum.largestStep, deleted);
    if (done) return sum;
  }
  assert.fail("prune never ends");
}

function index(store: TempStore): void {
  while (indexPending(store.db, { maxEvents: 1000 }) > 0);
}

function count(store: TempStore, table: string): number {
  return Number(store.db.get(`SELECT count(*) AS n FROM ${table}`)?.n);
}

/** Calls every minute for three hours; some large. */
function fillHours(store: TempStore): void {
  for (let minute = 0; minute < 180; minute++) {
    const text = JSON.stringify({
      minute,
      word: `w${minute}`,
      large: minute % 10 === 0 ? "x".repeat(3000) + minute % 20 : "",
    });
    store.append(makeCall(NOON_US + minute * MINUTE_US, "ok", { text, rpcId: null }).batch);
  }
}

for (const indexed of [false, true]) {
  Deno.test(`pruneStep() by age removes what is older, to the event, ${indexed ? "with" : "without"} its place in the index`, () => {
    verifies("store-retention");
    using store = new TempStore();
    fillHours(store);
    if (indexed) index(store);
    const olderThanUs = NOON_US + 95 * MINUTE_US;
    assert.equal(prune(store, { olderThanUs }).deleted, 190);
    const kept = listEvents(store.db, {}, 1000);
    assert.equal(kept.length, 170);
    assert.ok(kept.every((event) => Date.parse(event.time) * 1000 >= olderThanUs - 1000));
    assert.ok(kept.every((event) => event.payload !== null));
    assert.equal(readSummary(store.db).events, 170);
    assert.equal(listEvents(store.db, { search: "w94" }, 10).length, 0);
    assert.equal(listEvents(store.db, { search: "w95" }, 10).length, 2);
    assert.equal(listEvents(store.db, { tool: "echo" }, 1000).length, 170);
    // Large payloads of two kinds; both are still in use.
    assert.equal(
      store.db.get("SELECT sum(refs) AS n FROM payloads")?.n,
      kept.filter((event) => event.sizeBytes > 2048).length,
    );
    prune(store, { olderThanUs: NOON_US + DAY_US });
    for (const table of ["events", "blocks", "payloads", "search", "shape_blocks", "shapes"]) {
      assert.equal(count(store, table), 0, table);
    }
    assert.deepEqual(checkIntegrity(store.db), []);
  });
}

Deno.test("pruneStep() removes at most about maxEvents events at once", () => {
  verifies("store-retention");
  using store = new TempStore();
  for (let i = 0; i < 60; i++) {
    store.append({ events: Array.from({ length: 50 }, (_, j) => makeEvent("log", NOON_US + i * 1000 + j)) });
  }
  const { deleted, largestStep } = prune(store, { olderThanUs: NOON_US + DAY_US });
  assert.equal(deleted, 3000);
  assert.ok(largestStep <= 550, String(largestStep));
});

Deno.test("pruneStep() by size removes the oldest, and the file shrinks", () => {
  verifies("store-retention");
  using store = new TempStore();
  for (let i = 0; i < 300; i++) {
    const noise = crypto.getRandomValues(new Uint8Array(10_000)).toBase64();
    store.append({ events: [makeEvent("log", NOON_US + i, { text: noise, format: "text" })] });
  }
  store.db.get("PRAGMA wal_checkpoint(TRUNCATE)");
  const before = Deno.statSync(store.folder.databasePath).size;
  assert.ok(before > 3e6, String(before));
  prune(store, { maxBytes: 1e6 });
  assert.ok(usedBytes(store.db) <= 1e6);
  store.db.get("PRAGMA wal_checkpoint(TRUNCATE)");
  assert.ok(Deno.statSync(store.folder.databasePath).size < 1.2e6);
  const kept = listEvents(store.db, {}, 1000);
  assert.ok(kept.length > 50 && kept.length < 150, String(kept.length));
  assert.equal(kept[0]?.time.slice(0, 13), "2026-11-21T12");
  assert.deepEqual(checkIntegrity(store.db), []);
});

Deno.test("pruneStep() that has nothing to do is done at once", () => {
  using store = new TempStore();
  fillHours(store);
  for (const options of [{}, { olderThanUs: NOON_US }, { maxBytes: 1e9 }, { maxBytes: null }]) {
    assert.deepEqual(pruneStep(store.db, { ...options, maxEvents: 100 }), { deleted: 0, done: true });
  }
});

Deno.test("pruneStep() keeps statistics by day, and readStats() still finds them", () => {
  verifies("store-retention", "store-rollups");
  using store = new TempStore();
  for (let day = 0; day < 60; day++) store.append(makeCall(NOON_US - day * DAY_US).batch);
  prune(store, { olderThanUs: NOON_US - 7 * DAY_US });
  const calls = (sinceUs: number, untilUs: number) => readTotals(store.db, { sinceUs, untilUs }).calls;
  assert.equal(calls(NOON_US - 100 * DAY_US, NOON_US + DAY_US), 60);
  assert.equal(
    readTotals(store.db, { sinceUs: NOON_US - 100 * DAY_US, untilUs: NOON_US + DAY_US }).messages,
    120,
  );
  // Seven days ago there are minutes, ten days ago hours, fifty days ago days.
  assert.equal(calls(NOON_US - 6 * DAY_US, NOON_US - 6 * DAY_US + MINUTE_US), 1);
  assert.equal(calls(NOON_US - 10 * DAY_US + 30 * MINUTE_US, NOON_US - 10 * DAY_US + 31 * MINUTE_US), 1);
  assert.equal(calls(NOON_US - 10 * DAY_US + 60 * MINUTE_US, NOON_US - 10 * DAY_US + 61 * MINUTE_US), 0);
  assert.equal(calls(NOON_US - 50 * DAY_US + 90 * MINUTE_US, NOON_US - 50 * DAY_US + 91 * MINUTE_US), 1);
  assert.equal(
    readStats(store.db, { sinceUs: NOON_US - 100 * DAY_US, untilUs: NOON_US + 1, by: "day" }).length,
    60,
  );
});

Deno.test("append() goes on after its shapes and its run were removed by another process", () => {
  verifies("store-retention");
  using store = new TempStore();
  store.append(makeCall(NOON_US).batch);
  store.append({ run: makeRun({ correlationId: "run-2" }), events: [makeEvent("log", NOON_US)] });
  prune(store, { olderThanUs: NOON_US + DAY_US });
  assert.equal(count(store, "shapes"), 0);
  const late = makeCall(NOON_US + 2 * DAY_US);
  store.append(late.batch);
  assert.deepEqual(listEvents(store.db, { server: "files" }, 9).map((event) => event.id), [
    late.response.id,
    late.request.id,
  ]);
  assert.deepEqual(knownServers(store.db).map((known) => known.server), ["files"]);
});

Deno.test("pruneStep() never lets a seq be used again, so that who follows misses nothing", () => {
  using store = new TempStore();
  store.append(makeCall(NOON_US).batch);
  prune(store, { olderThanUs: NOON_US + DAY_US });
  eraseLeftovers(store.db);
  store.append({ events: [makeEvent("log", NOON_US)] });
  assert.deepEqual(store.db.all("SELECT seq FROM events").map((row) => row.seq), [3]);
});
