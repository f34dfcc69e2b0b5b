/** Buckets of statistics in memory, column by column: a week of them is read again and again, and objects would take ten times the room. @module */
import { decodeHistogram, type Histogram, mergeHistogram } from "./histogram.ts";

/** One row of `rollups`. */
export interface RollupRow {
  readonly series: number;
  readonly start: number;
  readonly calls: number;
  readonly request_bytes: number;
  readonly response_bytes: number;
  readonly tokens: number;
  readonly last_us: number;
  readonly latency: Uint8Array;
}

interface Bucket extends Omit<RollupRow, "latency"> {
  readonly latency: Histogram;
}

const FIELDS = ["series", "start", "calls", "request_bytes", "response_bytes", "tokens", "last_us"] as const;

/** Buckets that are read and forgotten together. */
export class BucketBlock {
  readonly length: number;
  readonly series: Float64Array;
  /** In s since the Unix epoch. */
  readonly startS: Float64Array;
  readonly calls: Float64Array;
  readonly requestBytes: Float64Array;
  readonly responseBytes: Float64Array;
  readonly tokens: Float64Array;
  readonly lastUs: Float64Array;
  /** The latency of bucket `i` lies from `latencyAt[i]` to before `latencyAt[i + 1]`. */
  readonly #latencyAt: Uint32Array;
  readonly #latencyBucket: Uint16Array;
  readonly #latencyCount: Uint32Array;

  constructor(buckets: readonly Bucket[]) {
    const column = (field: typeof FIELDS[number]) => Float64Array.from(buckets, (bucket) => bucket[field]);
    this.length = buckets.length;
    this.series = column("series");
    this.startS = column("start");
    this.calls = column("calls");
    this.requestBytes = column("request_bytes");
    this.responseBytes = column("response_bytes");
    this.tokens = column("tokens");
    this.lastUs = column("last_us");
    this.#latencyAt = new Uint32Array(buckets.length + 1);
    const size = buckets.reduce((sum, { latency }) => sum + latency.size, 0);
    this.#latencyBucket = new Uint16Array(size);
    this.#latencyCount = new Uint32Array(size);
    let at = 0;
    buckets.forEach(({ latency }, index) => {
      for (const [bucket, count] of latency) {
        this.#latencyBucket[at] = bucket;
        this.#latencyCount[at++] = count;
      }
      this.#latencyAt[index + 1] = at;
    });
  }

  /** About how much memory it takes. */
  get sizeBytes(): number {
    return this.length === 0
      ? 200
      : 2000 + this.length * (FIELDS.length * 8 + 4) + this.#latencyBucket.length * 6;
  }

  /** Adds the durations of bucket `index` to `counts`, which has a place for every bucket of a histogram. */
  addLatency(index: number, counts: Float64Array): void {
    const end = this.#latencyAt[index + 1] as number;
    for (let at = this.#latencyAt[index] as number; at < end; at++) {
      const bucket = this.#latencyBucket[at] as number;
      counts[bucket] = (counts[bucket] as number) + (this.#latencyCount[at] as number);
    }
  }
}

/** Most days of a record that began long ago are like this. */
const EMPTY = new BucketBlock([]);

/** Rows as they are stored. */
export function blockOf(rows: readonly RollupRow[]): BucketBlock {
  if (rows.length === 0) return EMPTY;
  return new BucketBlock(rows.map((row) => ({ ...row, latency: decodeHistogram(row.latency) })));
}

/** Rows added up to wider buckets, of `spanS` seconds. */
export function mergedBlockOf(rows: readonly RollupRow[], spanS: number): BucketBlock {
  if (rows.length === 0) return EMPTY;
  const sums = new Map<string, { -readonly [K in keyof Bucket]: Bucket[K] }>();
  for (const row of rows) {
    const start = Math.floor(row.start / spanS) * spanS;
    const key = `${row.series} ${start}`;
    const latency = decodeHistogram(row.latency);
    const sum = sums.get(key);
    if (!sum) {
      sums.set(key, { ...row, start, latency });
      continue;
    }
    sum.calls += row.calls;
    sum.request_bytes += row.request_bytes;
    sum.response_bytes += row.response_bytes;
    sum.tokens += row.tokens;
    sum.last_us = Math.max(sum.last_us, row.last_us);
    mergeHistogram(sum.latency, latency);
  }
  return new BucketBlock([...sums.values()]);
}
