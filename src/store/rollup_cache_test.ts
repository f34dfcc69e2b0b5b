import assert from "node:assert/strict";
import { openDatabase } from "./database.ts";
import { eraseLeftovers } from "./erase.ts";
import { pruneStep } from "./retention.ts";
import { readStats, readTotals, type TimeRange } from "./stats.ts";
import { readSeries } from "./stats_series.ts";
import {
  DAY_US,
  makeCall,
  makeChange,
  makeEvent,
  makeRun,
  MINUTE_US,
  NOON_US,
  randomFrom,
  TempStore,
} from "./testing.ts";

const WEEK: TimeRange = { sinceUs: NOON_US - 7 * DAY_US, untilUs: NOON_US + 60 * MINUTE_US };
const DAY: TimeRange = { sinceUs: NOON_US - DAY_US, untilUs: NOON_US + 60 * MINUTE_US };

Deno.test("a reader that keeps what it has read says the same as one that begins anew, whatever was written meanwhile", () => {
  using store = new TempStore();
  using warm = openDatabase(store.folder.databasePath, { mode: "read" });
  const random = randomFrom(5);
  for (let round = 0; round < 25; round++) {
    for (let n = 0; n < 4; n++) {
      const timeUs = NOON_US - Math.floor(random() ** 3 * 7 * DAY_US);
      const outcome = random() < 0.3 ? "error" : "ok";
      const server = random() < 0.5 ? "a" : "b";
      store.append({
        run: makeRun({ server, correlationId: server }),
        ...makeCall(timeUs, outcome, { tool: `tool-${Math.floor(random() * 3)}` }, Math.floor(random() * 1e6))
          .batch,
      });
    }
    using cold = openDatabase(store.folder.databasePath, { mode: "read" });
    for (const range of [WEEK, DAY]) {
      assert.deepEqual(readStats(warm, { ...range, by: "tool" }), readStats(cold, { ...range, by: "tool" }));
      assert.deepEqual(readTotals(warm, range), readTotals(cold, range));
      const series = { ...range, interval: "auto" } as const;
      assert.deepEqual(readSeries(warm, series), readSeries(cold, series));
    }
  }
});

Deno.test("a call of an old hour that ends now is counted, though that hour was read before", () => {
  using store = new TempStore();
  using reader = openDatabase(store.folder.databasePath, { mode: "read" });
  const request = makeEvent("request", NOON_US - 300 * MINUTE_US);
  store.append(makeCall(NOON_US - 300 * MINUTE_US).batch);
  store.append({ events: [request], calls: [makeChange(request, "open")] });
  assert.equal(readTotals(reader, DAY).calls, 1);
  store.append({ calls: [makeChange(request, "hung", { previous: "open" })] });
  assert.deepEqual([readTotals(reader, DAY).calls, readTotals(reader, DAY).errors], [2, 1]);
  store.append({ calls: [makeChange(request, "late", { previous: "hung" })] });
  assert.deepEqual([readTotals(reader, DAY).calls, readTotals(reader, DAY).errors], [2, 0]);
});

Deno.test("what was deleted is not remembered, and new names are not taken for old ones", () => {
  using store = new TempStore();
  using reader = openDatabase(store.folder.databasePath, { mode: "read" });
  store.append(makeCall(NOON_US, "ok", { tool: "old" }).batch);
  assert.deepEqual(readStats(reader, { ...DAY, by: "tool" }).map(({ key }) => key), ["old"]);
  while (!pruneStep(store.db, { olderThanUs: NOON_US + DAY_US, maxEvents: 1000 }).done);
  eraseLeftovers(store.db);
  assert.deepEqual(readStats(reader, { ...DAY, by: "tool" }), []);
  store.append(makeCall(NOON_US, "ok", { tool: "new" }).batch);
  assert.deepEqual(readStats(reader, { ...DAY, by: "tool" }).map(({ key, calls }) => [key, calls]), [[
    "new",
    1,
  ]]);
});

Deno.test("readSeries() widens its intervals where retention has left only hours", () => {
  using store = new TempStore();
  store.append(makeCall(NOON_US - 20 * 60 * MINUTE_US).batch);
  store.append(makeCall(NOON_US).batch);
  const query = { ...DAY, interval: "5m" } as const;
  assert.equal(readSeries(store.db, query).intervalMs, 300_000);
  while (!pruneStep(store.db, { olderThanUs: NOON_US - 60 * MINUTE_US, maxEvents: 1000 }).done);
  const { intervalMs, series } = readSeries(store.db, query);
  assert.equal(intervalMs, 3_600_000);
  assert.equal(series.reduce((sum, point) => sum + point.calls, 0), 2);
});
