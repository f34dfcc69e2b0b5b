/**
 * A latency histogram of a few dozen bytes: 16 buckets per power of two of µs, so that a quantile is wrong by at most 1/32 (3.2 %).
 * Merges by addition, takes away by subtraction. @see HdrHistogram, DDSketch (the same idea, larger)
 * @module
 */
import { ByteReader, ByteWriter } from "./varint.ts";

const SUB_BUCKETS = 16;
const SUB_BITS = 4;

/** Counts by bucket. Plain, so that it can be kept in maps and cleared cheaply. */
export type Histogram = Map<number, number>;

/** Adds `count` (which may be negative) durations of `valueUs`. */
export function recordDuration(histogram: Histogram, valueUs: number, count = 1): void {
  const bucket = bucketOf(valueUs);
  histogram.set(bucket, (histogram.get(bucket) ?? 0) + count);
}

export function mergeHistogram(into: Histogram, from: Histogram): void {
  for (const [bucket, count] of from) into.set(bucket, (into.get(bucket) ?? 0) + count);
}

/** Buckets that there can be: durations up to 2^53 µs. */
export const HISTOGRAM_BUCKETS = 800;

/** The value that `quantile` (0…1) of the durations do not exceed, in µs; null when there is none (nearest-rank method). `counts` by bucket. */
export function quantileUs(counts: Float64Array, quantile: number): number | null {
  let total = 0;
  for (let bucket = 0; bucket < counts.length; bucket++) total += counts[bucket] as number;
  if (total === 0) return null;
  let rank = Math.max(1, Math.ceil(quantile * total));
  for (let bucket = 0; bucket < counts.length; bucket++) {
    rank -= counts[bucket] as number;
    if (rank <= 0) return middleOf(bucket);
  }
  return null;
}

/** The durations that `bucket` counts: from `lowUs` to before `highUs`. */
export function boundsOf(bucket: number): { readonly lowUs: number; readonly highUs: number } {
  if (bucket < SUB_BUCKETS) return { lowUs: bucket, highUs: bucket + 1 };
  const step = 2 ** (Math.floor(bucket / SUB_BUCKETS) - 1);
  const lowUs = (bucket % SUB_BUCKETS + SUB_BUCKETS) * step;
  return { lowUs, highUs: lowUs + step };
}

/** Pairs of (distance from the bucket before, count), by bucket. Empty buckets are left out. */
export function encodeHistogram(histogram: Histogram): Uint8Array {
  const writer = new ByteWriter(64);
  let previous = 0;
  for (const [bucket, count] of [...histogram].sort(([a], [b]) => a - b)) {
    if (count <= 0) continue;
    writer.varint(bucket - previous);
    writer.varint(count);
    previous = bucket;
  }
  return writer.view().slice();
}

/** Adds what `encodeHistogram` wrote to `into`. */
export function decodeHistogram(bytes: Uint8Array, into: Histogram = new Map()): Histogram {
  const reader = new ByteReader(bytes);
  let bucket = 0;
  while (!reader.done) {
    bucket += reader.varint();
    into.set(bucket, (into.get(bucket) ?? 0) + reader.varint());
  }
  return into;
}

/** Values below 16 have a bucket each; above, the bucket is the power of two and the four bits after its first. */
function bucketOf(valueUs: number): number {
  const value = Math.max(0, Math.round(valueUs));
  if (value < SUB_BUCKETS) return value;
  const power = Math.floor(Math.log2(value + 0.5));
  const step = 2 ** (power - SUB_BITS);
  return (power - SUB_BITS + 1) * SUB_BUCKETS + Math.floor(value / step) - SUB_BUCKETS;
}

function middleOf(bucket: number): number {
  if (bucket < SUB_BUCKETS) return bucket;
  const step = 2 ** (Math.floor(bucket / SUB_BUCKETS) - 1);
  const low = (bucket % SUB_BUCKETS + SUB_BUCKETS) * step;
  return low + (step - 1) / 2;
}
