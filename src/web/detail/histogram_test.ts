import { deepEqual, equal } from "node:assert/strict";
import { barWords, histogramBars } from "./histogram.ts";

function buckets(...calls: number[]) {
  return { buckets: calls.map((count, at) => ({ fromMs: at, toMs: at + 1, calls: count })) };
}

Deno.test("histogramBars() begins and ends where calls are", () => {
  deepEqual(histogramBars(buckets(0, 2, 0, 4, 0)), [
    { fromMs: 1, toMs: 2, calls: 2, share: 0.5 },
    { fromMs: 2, toMs: 3, calls: 0, share: 0 },
    { fromMs: 3, toMs: 4, calls: 4, share: 1 },
  ]);
  deepEqual(histogramBars(buckets(0, 0)), []);
});

Deno.test("histogramBars() joins neighbours when there are too many, and loses no call", () => {
  const bars = histogramBars(buckets(...Array.from({ length: 100 }, () => 3)));
  equal(bars.length <= 40, true);
  equal(bars.reduce((sum, { calls }) => sum + calls, 0), 300);
  equal(bars[0]?.fromMs, 0);
  equal(bars.at(-1)?.toMs, 100);
});

Deno.test("barWords() names the durations, the calls and their part of all", () => {
  equal(barWords({ fromMs: 10, toMs: 14, calls: 5, share: 1 }, 50), "10 ms to 14 ms: 5 calls, 10 %");
});
