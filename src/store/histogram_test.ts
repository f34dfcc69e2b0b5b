import assert from "node:assert/strict";
import {
  boundsOf,
  decodeHistogram,
  encodeHistogram,
  type Histogram,
  HISTOGRAM_BUCKETS,
  mergeHistogram,
  quantileUs,
  recordDuration,
} from "./histogram.ts";
import { randomFrom } from "./testing.ts";

function countsOf(histogram: Histogram): Float64Array {
  const counts = new Float64Array(HISTOGRAM_BUCKETS);
  for (const [bucket, count] of histogram) counts[bucket] = count;
  return counts;
}

function exactQuantile(values: readonly number[], quantile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(1, Math.ceil(quantile * sorted.length)) - 1] as number;
}

function histogramOf(values: readonly number[]): Histogram {
  const histogram: Histogram = new Map();
  for (const value of values) recordDuration(histogram, value);
  return histogram;
}

Deno.test("quantileUs() is within 5 % of the exact value, for values of any size", () => {
  const random = randomFrom(7);
  for (let round = 0; round < 200; round++) {
    const largest = 10 ** (1 + random() * 10);
    const values = Array.from(
      { length: 1 + Math.floor(random() * 300) },
      () => Math.floor(random() ** 3 * largest),
    );
    for (const quantile of [0, 0.5, 0.95, 0.99, 1]) {
      const exact = exactQuantile(values, quantile);
      const found = quantileUs(countsOf(histogramOf(values)), quantile) as number;
      assert.ok(
        Math.abs(found - exact) <= exact * 0.05,
        `round ${round}: ${quantile} is ${exact}, found ${found}`,
      );
    }
  }
});

Deno.test("quantileUs() of nothing is null", () => assert.equal(quantileUs(countsOf(new Map()), 0.5), null));

Deno.test("recordDuration() keeps powers of two and their neighbours apart from the bucket below", () => {
  for (let power = 4; power < 45; power++) {
    for (const value of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
      const found = quantileUs(countsOf(histogramOf([value])), 0.5) as number;
      assert.ok(Math.abs(found - value) <= value / 32 + 0.5, `${value} became ${found}`);
    }
  }
});

Deno.test("encodeHistogram() and decodeHistogram() give back the same counts", () => {
  const random = randomFrom(3);
  for (let round = 0; round < 100; round++) {
    const histogram = histogramOf(
      Array.from({ length: round }, () => Math.floor(random() * 10 ** (round % 12))),
    );
    assert.deepEqual(
      decodeHistogram(encodeHistogram(histogram)),
      new Map([...histogram].sort(([a], [b]) => a - b)),
    );
  }
});

Deno.test("mergeHistogram() of a histogram and its negative leaves nothing", () => {
  const histogram = histogramOf([5, 500, 50_000]);
  const negative: Histogram = new Map();
  for (const value of [5, 500, 50_000]) recordDuration(negative, value, -1);
  mergeHistogram(histogram, negative);
  assert.equal(encodeHistogram(histogram).length, 0);
});

Deno.test("encodeHistogram() takes a few bytes for a thousand similar durations", () => {
  const random = randomFrom(1);
  const bytes = encodeHistogram(histogramOf(Array.from({ length: 1000 }, () => 1000 + random() * 1000)));
  assert.ok(bytes.length <= 40, `${bytes.length} bytes`);
});

Deno.test("boundsOf() of neighbours adjoin, and hold the durations that their bucket counts", () => {
  for (let bucket = 0; bucket < HISTOGRAM_BUCKETS - 1; bucket++) {
    const { lowUs, highUs } = boundsOf(bucket);
    assert.equal(boundsOf(bucket + 1).lowUs, highUs);
    for (const valueUs of [lowUs, highUs - 1]) {
      const histogram: Histogram = new Map();
      recordDuration(histogram, valueUs);
      assert.deepEqual([...histogram.keys()], [bucket]);
    }
  }
});
