import { deepEqual, equal } from "node:assert/strict";
import type { Stats } from "../shell/contract.ts";
import { callsSummary, latencySummary, seriesColumns } from "./series.ts";

const POINT = {
  start: "2026-11-21T10:00:00.000000Z",
  calls: 12,
  errors: 1,
  messages: 30,
  tokens: 900,
  p50Ms: 8,
  p95Ms: 40,
  p99Ms: 90,
};
const EMPTY = {
  ...POINT,
  start: "2026-11-21T10:15:00.000000Z",
  calls: 0,
  errors: 0,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
};

// As: the parts that are read here.
const stats = {
  totals: { calls: 12, errors: 1, errorRate: 1 / 12, p50Ms: 8, p95Ms: 40, p99Ms: 90 },
  intervalMs: 900_000,
  series: [POINT, EMPTY],
} as unknown as Stats;

Deno.test("seriesColumns() turns points into columns: seconds, and gaps where nothing was measured", () => {
  deepEqual(seriesColumns(stats.series), {
    startsS: [Date.UTC(2026, 10, 21, 10) / 1000, Date.UTC(2026, 10, 21, 10, 15) / 1000],
    calls: [12, 0],
    errors: [1, 0],
    p50Ms: [8, null],
    p95Ms: [40, null],
    p99Ms: [90, null],
  });
});

Deno.test("callsSummary() says what the plot shows", () => {
  equal(
    callsSummary(stats, "the last hour"),
    "12 calls in the last hour, 1 error (8.3 %); at most 12 calls per 15 minutes.",
  );
  const none = { ...stats, totals: { ...stats.totals, calls: 0 } };
  equal(callsSummary(none, "the last hour"), "No calls in the last hour.");
});

Deno.test("latencySummary() says what the plot shows", () => {
  equal(
    latencySummary(stats, "the last hour"),
    "In the last hour, half of the calls took at most 8.0 ms, 95 of 100 at most 40 ms, 99 of 100 at most 90 ms.",
  );
});
