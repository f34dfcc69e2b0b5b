import assert from "node:assert/strict";
import { listCalls } from "./calls.ts";
import { endLostRuns } from "./lost_runs.ts";
import { thisProcess } from "./process_mark.ts";
import { indexPending } from "./search.ts";
import { readStats } from "./stats.ts";
import { DAY_US, makeCall, makeChange, makeEvent, makeRun, NOON_US, TempStore } from "./testing.ts";

/** Linux gives none so large. */
const NO_PID = 2 ** 22 + 1;
const RANGE = { sinceUs: NOON_US - DAY_US, untilUs: NOON_US + DAY_US };

/** A store with a run that has one answered and two open calls, recorded by the process that `mark` says. */
function storeOf(mark: { pid?: number; start?: string; host?: string }, indexed = true): TempStore {
  const store = new TempStore();
  const opened = [makeEvent("request", NOON_US + 1), makeEvent("request", NOON_US + 2, { method: "listen" })];
  store.append(makeCall(NOON_US).batch);
  store.append({ events: opened, calls: opened.map((event) => makeChange(event, "open")) });
  const { pid, start, host } = { ...thisProcess(), ...mark };
  store.db.run("UPDATE runs SET km_pid = ?, km_start = ?, km_host = ?", pid, start, host);
  if (indexed) indexPending(store.db, { maxEvents: 100 });
  return store;
}

function endAll(store: TempStore): number {
  return endLostRuns(store.db, (method) => method === "listen" ? "cancelled" : "hung");
}

function endedUs(store: TempStore): number | null | undefined {
  return store.db.get<{ ended_us: number | null }>("SELECT ended_us FROM runs")?.ended_us;
}

for (
  const [what, mark] of [
    ["has ended", { pid: NO_PID }],
    ["has ended and whose pid is another's now", { start: "an earlier boot 1" }],
  ] as const
) {
  Deno.test(`endLostRuns() ends a run whose km ${what}, and its calls, and counts them`, () => {
    using store = storeOf(mark);
    assert.equal(endAll(store), 1);
    assert.equal(endedUs(store), NOON_US + 1000);
    assert.deepEqual(listCalls(store.db, {}, 10).map((call) => call.outcome), ["cancelled", "hung", "ok"]);
    const counted = readStats(store.db, { ...RANGE, by: "outcome" }).map(({ key, calls }) => [key, calls]);
    assert.deepEqual(counted.sort(), [["cancelled", 1], ["hung", 1], ["ok", 1]]);
    assert.equal(endAll(store), 0);
  });
}

Deno.test("endLostRuns() knows the time of a last event that is not indexed", () => {
  using store = storeOf({ pid: NO_PID }, false);
  endAll(store);
  assert.equal(endedUs(store), NOON_US + 1000);
});

for (
  const [what, mark] of [["still runs", {}], ["is on another host", {
    pid: NO_PID,
    host: "elsewhere",
  }]] as const
) {
  Deno.test(`endLostRuns() leaves a run alone whose km ${what}`, () => {
    using store = storeOf(mark);
    assert.equal(endAll(store), 0);
    assert.equal(endedUs(store), null);
    assert.equal(listCalls(store.db, { outcome: "open" }, 10).length, 2);
  });
}

Deno.test("endLostRuns() leaves runs alone that came over the API", () => {
  using store = new TempStore();
  const { batch } = makeCall(NOON_US, "open");
  store.writer.appendAll(
    [],
    () => [{ run: makeRun(), tools: [], events: [], calls: [], ...batch, origin: "api:laptop" }],
  );
  assert.equal(endAll(store), 0);
  assert.equal(listCalls(store.db, {}, 10)[0]?.outcome, "open");
  // Nor are they looked through, however many there are.
  const plan = store.db.all<{ detail: string }>(
    "EXPLAIN QUERY PLAN SELECT id FROM runs WHERE ended_us IS NULL AND km_pid <> 0",
  );
  assert.match(plan[0]?.detail ?? "", /USING .*INDEX runs_not_ended/);
});
