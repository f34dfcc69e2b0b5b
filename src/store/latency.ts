/** How the durations of calls are spread, as few enough columns for a plot. @module */
import { CallSum } from "./call_sum.ts";
import type { Database } from "./database.ts";
import { boundsOf } from "./histogram.ts";
import { CALL_SPANS, cutRange, type Subject, type TimeRange, visitBuckets } from "./rollup_reader.ts";

/** Calls whose duration is from `fromMs` to before `toMs`. */
export interface LatencyBucket {
  readonly fromMs: number;
  readonly toMs: number;
  readonly calls: number;
}

export interface Latency {
  /** Without gaps, from the shortest to the longest duration. */
  readonly buckets: readonly LatencyBucket[];
  /** Calls that have a duration. */
  readonly calls: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

/** Most columns of one plot. */
export const MAX_LATENCY_BUCKETS = 40;

/** The latency of the calls in the range. */
export function readLatency(db: Database, query: TimeRange & Subject): Latency {
  const sum = new CallSum();
  visitBuckets(db, cutRange(db, query, CALL_SPANS), query, (block, index, { outcome }) => {
    sum.add(block, index, outcome);
  });
  const buckets = mergeBuckets(sum.latency);
  return {
    buckets,
    calls: buckets.reduce((calls, bucket) => calls + bucket.calls, 0),
    p50Ms: sum.quantileMs(0.5),
    p95Ms: sum.quantileMs(0.95),
    p99Ms: sum.quantileMs(0.99),
  };
}

/** Joins neighbours, which are logarithmic already, two by two until they are few enough. */
export function mergeBuckets(counts: Float64Array): LatencyBucket[] {
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return [];
  const last = counts.findLastIndex((count) => count > 0);
  let width = 1;
  while (Math.floor(last / width) - Math.floor(first / width) >= MAX_LATENCY_BUCKETS) width *= 2;
  const buckets: LatencyBucket[] = [];
  for (let from = Math.floor(first / width) * width; from <= last; from += width) {
    buckets.push({
      fromMs: boundsOf(from).lowUs / 1000,
      toMs: boundsOf(from + width - 1).highUs / 1000,
      calls: counts.subarray(from, from + width).reduce((sum, count) => sum + count, 0),
    });
  }
  return buckets;
}
