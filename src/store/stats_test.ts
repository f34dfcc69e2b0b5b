import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { formatTimeUs } from "../core/clock.ts";
import type { Outcome } from "../core/event.ts";
import { readStats, readTotals, SERIES_SLOTS, type StatsBy, type TimeRange } from "./stats.ts";
import { DAY_US, makeCall, makeRun, makeTool, MINUTE_US, NOON_US, randomFrom, TempStore } from "./testing.ts";
import { definitionWeights, unusedTools } from "./tools.ts";

interface Made {
  readonly timeUs: number;
  readonly server: string;
  readonly tool: string;
  readonly outcome: Outcome;
  readonly durationUs: number;
  readonly bytes: number;
}

/** Calls over twelve days, so that ranges need days, hours and minutes. */
function fillRandomly(store: TempStore, random: () => number): Made[] {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T;
  const made: Made[] = [];
  for (let i = 0; i < 1500; i++) {
    const call: Made = {
      timeUs: NOON_US - Math.floor(random() * 12 * DAY_US),
      server: pick(["a", "b"]),
      tool: pick(["read", "write", "list"]),
      outcome: pick(["ok", "ok", "ok", "error", "tool_error", "cancelled", "hung"]),
      durationUs: Math.floor(1000 + random() ** 4 * 1e7),
      bytes: Math.floor(random() * 500),
    };
    made.push(call);
    const text = JSON.stringify("x".repeat(call.bytes));
    store.append({
      run: makeRun({ server: call.server, correlationId: call.server }),
      ...makeCall(call.timeUs, call.outcome, { tool: call.tool, text }, call.durationUs).batch,
    });
  }
  return made;
}

function exactQuantileMs(calls: readonly Made[], quantile: number): number {
  const sorted = calls.map((call) => call.durationUs).sort((a, b) => a - b);
  return (sorted[Math.max(1, Math.ceil(quantile * sorted.length)) - 1] as number) / 1000;
}

const KEYS: Readonly<Record<StatsBy, (call: Made) => string>> = {
  server: (call) => call.server,
  tool: (call) => `${call.tool} of ${call.server}`,
  method: () => "tools/call",
  client: () => "tester",
  outcome: (call) => call.outcome,
  day: (call) => formatTimeUs(call.timeUs).slice(0, 10),
};

Deno.test("readStats() and readTotals() say what counting every call says, for random ranges and all keys", () => {
  verifies("store-rollups");
  using store = new TempStore();
  const random = randomFrom(23);
  const made = fillRandomly(store, random);
  for (let round = 0; round < 30; round++) {
    const [a, b] = [random(), random()].sort() as [number, number];
    // Whole minutes: that is what statistics are exact to.
    const toMinute = (part: number) =>
      Math.floor((NOON_US - (1 - part) * 12.5 * DAY_US) / MINUTE_US) * MINUTE_US;
    const range = { sinceUs: toMinute(a), untilUs: toMinute(b) + MINUTE_US };
    const inRange = made.filter((call) => call.timeUs >= range.sinceUs && call.timeUs < range.untilUs);
    for (const by of Object.keys(KEYS) as StatsBy[]) {
      compare(store, range, by, Map.groupBy(inRange, KEYS[by]));
    }
    const totals = readTotals(store.db, range);
    assert.deepEqual([totals.calls, totals.series.reduce((sum, n) => sum + n, 0)], [
      inRange.length,
      inRange.length,
    ]);
  }
});

function compare(
  store: TempStore,
  range: TimeRange,
  by: StatsBy,
  expected: ReadonlyMap<string, readonly Made[]>,
): void {
  const rows = readStats(store.db, { ...range, by });
  assert.equal(rows.length, expected.size);
  for (const row of rows) {
    const calls = expected.get(by === "tool" ? `${row.key} of ${row.server}` : row.key) ?? [];
    const errors = calls.filter((call) => ["error", "tool_error", "hung"].includes(call.outcome)).length;
    const bytes = calls.reduce((sum, call) => sum + call.bytes + 2, 0);
    assert.deepEqual(
      [row.calls, row.errors, row.errorRate, row.requestBytes, row.responseBytes, row.tokens],
      [calls.length, errors, errors / calls.length, bytes, bytes, calls.length * 25],
    );
    assert.equal(row.lastUsed, formatTimeUs(Math.max(...calls.map((call) => call.timeUs))));
    assert.equal(row.series.length, SERIES_SLOTS);
    for (const [quantile, ms] of [[0.5, row.p50Ms], [0.95, row.p95Ms], [0.99, row.p99Ms]] as const) {
      const exact = exactQuantileMs(calls, quantile);
      assert.ok(
        Math.abs((ms ?? 0) - exact) <= exact * 0.05,
        `${by} ${row.key} ${quantile}: ${exact}, found ${ms}`,
      );
    }
  }
}

Deno.test("readStats() puts each call into its part of the range", () => {
  using store = new TempStore();
  const sinceUs = NOON_US - DAY_US;
  for (let hour = 0; hour < 24; hour++) {
    for (let n = 0; n < hour % 3; n++) {
      store.append(makeCall(sinceUs + hour * 60 * MINUTE_US + 5 * MINUTE_US).batch);
    }
  }
  const [row] = readStats(store.db, { sinceUs, untilUs: NOON_US, by: "server" });
  assert.deepEqual(row?.series, Array.from({ length: 24 }, (_, hour) => hour % 3));
});

Deno.test("readStats() draws steady traffic steady, wherever in the hour the range begins", () => {
  using store = new TempStore();
  for (let minute = 0; minute < 25 * 60; minute += 5) {
    store.append(makeCall(NOON_US - DAY_US + minute * MINUTE_US).batch);
  }
  for (const minutes of [2, 29, 31, 58]) {
    const untilUs = NOON_US + minutes * MINUTE_US;
    const [row] = readStats(store.db, { sinceUs: untilUs - DAY_US, untilUs, by: "server" });
    const series = row?.series ?? [];
    assert.ok(Math.min(...series) >= 6 && Math.max(...series) <= 18, `${minutes}: ${series}`);
  }
});

Deno.test("readStats() filters by server, and is empty where nothing was", () => {
  using store = new TempStore();
  for (const server of ["a", "b"]) {
    store.append({ run: makeRun({ server, correlationId: server }), ...makeCall(NOON_US).batch });
  }
  const range = { sinceUs: NOON_US, untilUs: NOON_US + MINUTE_US };
  assert.deepEqual(
    readStats(store.db, { ...range, by: "tool", server: "b" }).map((row) => [row.key, row.server]),
    [["echo", "b"]],
  );
  assert.deepEqual(readStats(store.db, { sinceUs: 0, untilUs: MINUTE_US, by: "tool" }), []);
  assert.equal(readTotals(store.db, { sinceUs: 0, untilUs: MINUTE_US }).p50Ms, null);
});

Deno.test("readTotals() counts messages that belong to no call", () => {
  using store = new TempStore();
  const { request, response } = makeCall(NOON_US, "ok", { text: "12345" });
  store.append({ events: [request, response] });
  const totals = readTotals(store.db, { sinceUs: NOON_US, untilUs: NOON_US + MINUTE_US });
  assert.deepEqual([totals.messages, totals.messageBytes, totals.calls], [2, 10, 0]);
});

Deno.test("readStats() does not make a row of every resource that was read", () => {
  using store = new TempStore();
  for (let i = 0; i < 20; i++) {
    store.append(makeCall(NOON_US + i, "ok", { method: "resources/read", tool: `file:///${i}` }).batch);
  }
  const range = { sinceUs: NOON_US, untilUs: NOON_US + MINUTE_US };
  assert.deepEqual(readStats(store.db, { ...range, by: "tool" }), []);
  assert.deepEqual(readStats(store.db, { ...range, by: "method" }).map((row) => row.calls), [20]);
});

Deno.test("unusedTools() lists tools that were listed and not called since", () => {
  using store = new TempStore();
  const tools = ["echo", "never", "long_ago"].map((name) => makeTool(name, NOON_US));
  store.append({ tools });
  store.append(makeCall(NOON_US, "ok", { tool: "echo" }).batch);
  store.append(makeCall(NOON_US - 3 * DAY_US, "ok", { tool: "long_ago" }).batch);
  const names = (sinceUs: number) => unusedTools(store.db, { sinceUs }).map((tool) => tool.tool);
  assert.deepEqual(names(NOON_US - DAY_US), ["long_ago", "never"]);
  assert.deepEqual(names(NOON_US - 4 * DAY_US), ["never"]);
  assert.deepEqual(names(NOON_US + DAY_US), []);
  assert.deepEqual(definitionWeights(store.db, { sinceUs: NOON_US }).map((row) => ({ ...row })), [
    { server: "files", tools: 3, definitionBytes: 1200, definitionTokens: 300 },
  ]);
});
