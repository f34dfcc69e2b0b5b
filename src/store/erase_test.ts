import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { openDatabase } from "./database.ts";
import { eraseLeftovers, wipeFreePages } from "./erase.ts";
import { EventWriter } from "./event_writer.ts";
import { listEvents } from "./events.ts";
import { pruneStep } from "./retention.ts";
import { indexPending } from "./search.ts";
import { checkIntegrity } from "./summary.ts";
import { DAY_US, makeCall, makeRun, makeTool, NOON_US, TempStore } from "./testing.ts";

const MARKERS = ["argvmarker", "cwdmarker", "clientmarker", "toolmarker", "payloadmarker", "servermarker"];
const RUN = makeRun({
  server: "servermarker",
  command: '["node","--token=argvmarker"]',
  cwd: "/home/cwdmarker",
  client: "clientmarker",
});

/** Calls small and large, with every marker. */
function fill(store: TempStore, index: boolean): void {
  for (let i = 0; i < 400; i++) {
    const text = JSON.stringify({ word: `payloadmarker${i}`, pad: i % 7 === 0 ? "x".repeat(3000) + i : "" });
    const { batch } = makeCall(NOON_US + i, "ok", { tool: "toolmarker", text });
    store.append({ run: RUN, ...batch, tools: [makeTool("toolmarker", NOON_US)] });
  }
  while (index && indexPending(store.db, { maxEvents: 1000 }) > 0);
}

function pruneAll(store: TempStore): void {
  while (!pruneStep(store.db, { olderThanUs: NOON_US + DAY_US, maxEvents: 500 }).done);
  eraseLeftovers(store.db);
}

/** Markers that can be read in the files of the store, as strings(1) would find them. */
function readable(store: TempStore): string[] {
  const files = ["km.db", "km.db-wal"].map((name) => {
    const bytes = Deno.readFileSync(`${store.folder.path}/${name}`);
    return new TextDecoder("latin1").decode(bytes).toLowerCase();
  });
  return MARKERS.filter((marker) => files.some((file) => file.includes(marker)));
}

for (const index of [false, true]) {
  Deno.test(`wipeFreePages() after eraseLeftovers() leaves nothing readable in the files, ${index ? "" : "not "}indexed`, () => {
    verifies("store-retention");
    using store = new TempStore();
    fill(store, index);
    assert.ok(readable(store).length > 3, "they were readable before");
    pruneAll(store);
    assert.equal(wipeFreePages(store.db), true);
    assert.deepEqual(readable(store), []);
    assert.deepEqual(checkIntegrity(store.db), []);
  });
}

Deno.test("wipeFreePages() says when another process keeps removed bytes in the file", () => {
  using store = new TempStore();
  fill(store, false);
  using reader = openDatabase(store.folder.databasePath, { mode: "read" });
  reader.snapshot(() => {
    reader.get("SELECT count(*) FROM events");
    pruneAll(store);
    assert.equal(wipeFreePages(store.db), false);
  });
  assert.equal(wipeFreePages(store.db), true);
  assert.deepEqual(readable(store), []);
});

Deno.test("EventWriter records on in a store that another process has emptied", () => {
  using store = new TempStore();
  using other = openDatabase(store.folder.databasePath, { mode: "write" });
  const writer = new EventWriter(other);
  const batch = (timeUs: number) => ({
    run: RUN,
    events: [],
    calls: [],
    tools: [],
    ...makeCall(timeUs).batch,
  });
  writer.append(batch(NOON_US));
  pruneAll(store);
  assert.equal(wipeFreePages(store.db), true);
  writer.append(batch(NOON_US + 2 * DAY_US));
  const events = listEvents(store.db, { server: "servermarker", search: "call" }, 10);
  assert.equal(events.length, 2);
  while (indexPending(other, { maxEvents: 1000 }) > 0);
  assert.deepEqual(checkIntegrity(store.db), []);
});
