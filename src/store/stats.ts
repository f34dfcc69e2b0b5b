/** Statistics from the rollups: their cost depends on the range and on how many tools there are, never on how many events. @module */
import { formatTimeUs } from "../core/clock.ts";
import { FAILED_OUTCOMES, OUTCOMES } from "../core/event.ts";
import type { Database } from "./database.ts";
import { decodeHistogram, type Histogram, quantileUs } from "./histogram.ts";
import { keptFrom } from "./retention.ts";
import { DAY_S, floorTo, HOUR_S, MINUTE_S } from "./rollup_writer.ts";

export { definitionWeights, unusedTools } from "./tools.ts";

/** What a row of statistics stands for. */
export type StatsBy = "server" | "tool" | "method" | "client" | "outcome" | "day";

/**
 * From `sinceUs` to before `untilUs`, in µs since the Unix epoch; exact to the minute, and to the hour or day
 * where retention has removed the minutes.
 */
export interface TimeRange {
  readonly sinceUs: number;
  readonly untilUs: number;
}

export interface StatsQuery extends TimeRange {
  readonly by: StatsBy;
  readonly server?: string | undefined;
}

/** Calls of one key. */
export interface StatsTotals {
  readonly calls: number;
  /** Calls that failed: error, tool error, hung. */
  readonly errors: number;
  /** 0…1. */
  readonly errorRate: number;
  /** Quantiles of the durations, at most 3.2 % off; null when no call has one. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly tokens: number;
  /** ISO 8601; null when there is no call. */
  readonly lastUsed: string | null;
  /** Calls in 24 equal parts of the range. */
  readonly series: readonly number[];
}

export interface StatsRow extends StatsTotals {
  readonly key: string;
  /** The tool's server; null unless by tool. */
  readonly server: string | null;
}

/** What was recorded, calls or not. */
export interface RangeTotals extends StatsTotals {
  readonly messages: number;
  readonly messageBytes: number;
}

/** Parts of a row's series. */
export const SERIES_SLOTS = 24;
const FAILED = new Set(FAILED_OUTCOMES.map((outcome) => OUTCOMES.indexOf(outcome)));
/** Key of calls whose client never said its name. */
const UNKNOWN_CLIENT = "unknown";

/** Statistics of the calls in the range, by `query.by`; most calls first. */
export function readStats(db: Database, query: StatsQuery): StatsRow[] {
  const sums = new Map<string, Sum>();
  for (const bucket of readBuckets(db, query, query.server)) {
    const key = keyOf(bucket, query.by);
    if (key === null) continue;
    const server = query.by === "tool" ? bucket.server : null;
    const name = JSON.stringify([key, server]);
    let sum = sums.get(name);
    if (!sum) sums.set(name, sum = new Sum(key, server));
    sum.add(bucket, query);
  }
  const rows = [...sums.values()].map((sum) => ({ key: sum.key, server: sum.server, ...sum.totals() }));
  return query.by === "day"
    ? rows.sort((a, b) => a.key.localeCompare(b.key))
    : rows.sort((a, b) => b.calls - a.calls || a.key.localeCompare(b.key));
}

/** All calls and messages of the range. */
export function readTotals(db: Database, range: TimeRange): RangeTotals {
  const sum = new Sum("", null);
  for (const bucket of readBuckets(db, range)) sum.add(bucket, range);
  let messages = 0;
  let messageBytes = 0;
  for (const piece of cutRange(db, range, [DAY_S, HOUR_S, MINUTE_S])) {
    const row = db.get<{ events: number; bytes: number }>(
      `SELECT coalesce(sum(events), 0) AS events, coalesce(sum(bytes), 0) AS bytes FROM traffic
       WHERE span = ? AND start >= ? AND start < ?`,
      piece.span,
      piece.fromS,
      piece.toS,
    );
    messages += row?.events ?? 0;
    messageBytes += row?.bytes ?? 0;
  }
  return { ...sum.totals(), messages, messageBytes };
}

interface Bucket {
  readonly server: string;
  readonly client: string | null;
  readonly method: string;
  readonly tool: string | null;
  readonly outcome: number;
  readonly start: number;
  readonly calls: number;
  readonly request_bytes: number;
  readonly response_bytes: number;
  readonly tokens: number;
  readonly last_us: number;
  readonly latency: Uint8Array;
}

/** A stretch of time that is read from buckets of one width. */
interface Piece {
  readonly span: number;
  readonly fromS: number;
  readonly toS: number;
}

function* readBuckets(db: Database, range: TimeRange, server?: string): Generator<Bucket> {
  const slotS = (range.untilUs - range.sinceUs) / SERIES_SLOTS / 1e6;
  // A bucket wider than a slot would blur the series.
  const spans = [DAY_S, HOUR_S, MINUTE_S].filter((span) => span === MINUTE_S || span <= slotS);
  for (const piece of cutRange(db, range, spans)) {
    yield* db.all<Bucket>(
      `SELECT s.server, s.client, s.method, s.tool, s.outcome, r.start, r.calls, r.request_bytes, r.response_bytes,
         r.tokens, r.last_us, r.latency
       FROM rollups r CROSS JOIN series s ON s.id = r.series
       WHERE r.span = ? AND r.start >= ? AND r.start < ? AND r.calls > 0 ${
        server === undefined ? "" : "AND s.server = ?"
      }`,
      piece.span,
      piece.fromS,
      piece.toS,
      ...(server === undefined ? [] : [server]),
    );
  }
}

/** Covers the range with buckets as wide as possible: days within, hours and minutes at its ends; as fine as there still are. */
function cutRange(db: Database, range: TimeRange, spans: readonly number[]): Piece[] {
  const fromS = floorTo(range.sinceUs, MINUTE_S);
  const toS = floorTo(range.untilUs - 1, MINUTE_S) + MINUTE_S;
  const finestFirst = finestSpan(db, fromS);
  const finestLast = finestSpan(db, toS - 1);
  return cover(
    Math.floor(fromS / finestFirst) * finestFirst,
    Math.ceil(toS / finestLast) * finestLast,
    [DAY_S, HOUR_S, MINUTE_S].filter((span) =>
      spans.includes(span) || span === finestFirst || span === finestLast
    ),
  );
}

/** Width of the finest buckets that retention has left of this time. */
function finestSpan(db: Database, timeS: number): number {
  if (timeS >= keptFrom(db, MINUTE_S)) return MINUTE_S;
  return timeS >= keptFrom(db, HOUR_S) ? HOUR_S : DAY_S;
}

function cover(fromS: number, toS: number, [span, ...finer]: readonly number[]): Piece[] {
  if (span === undefined || fromS >= toS) return [];
  const firstS = Math.ceil(fromS / span) * span;
  const lastS = Math.floor(toS / span) * span;
  if (firstS >= lastS) return cover(fromS, toS, finer);
  return [...cover(fromS, firstS, finer), { span, fromS: firstS, toS: lastS }, ...cover(lastS, toS, finer)];
}

function keyOf(bucket: Bucket, by: StatsBy): string | null {
  switch (by) {
    case "server":
      return bucket.server;
    case "tool":
      return bucket.tool;
    case "method":
      return bucket.method;
    case "client":
      return bucket.client ?? UNKNOWN_CLIENT;
    case "outcome":
      return OUTCOMES[bucket.outcome] ?? null;
    case "day":
      return new Date(bucket.start * 1000).toISOString().slice(0, 10);
  }
}

/** Adds buckets up. */
class Sum {
  readonly key: string;
  readonly server: string | null;
  readonly #latency: Histogram = new Map();
  readonly #series = new Array<number>(SERIES_SLOTS).fill(0);
  #calls = 0;
  #errors = 0;
  #requestBytes = 0;
  #responseBytes = 0;
  #tokens = 0;
  #lastUs = 0;

  constructor(key: string, server: string | null) {
    this.key = key;
    this.server = server;
  }

  add(bucket: Bucket, range: TimeRange): void {
    this.#calls += bucket.calls;
    if (FAILED.has(bucket.outcome)) this.#errors += bucket.calls;
    this.#requestBytes += bucket.request_bytes;
    this.#responseBytes += bucket.response_bytes;
    this.#tokens += bucket.tokens;
    this.#lastUs = Math.max(this.#lastUs, bucket.last_us);
    decodeHistogram(bucket.latency, this.#latency);
    const part = (bucket.start * 1e6 - range.sinceUs) / (range.untilUs - range.sinceUs);
    const slot = Math.min(SERIES_SLOTS - 1, Math.max(0, Math.floor(part * SERIES_SLOTS)));
    this.#series[slot] = (this.#series[slot] ?? 0) + bucket.calls;
  }

  totals(): StatsTotals {
    const ms = (quantile: number) => {
      const us = quantileUs(this.#latency, quantile);
      return us === null ? null : us / 1000;
    };
    return {
      calls: this.#calls,
      errors: this.#errors,
      errorRate: this.#calls === 0 ? 0 : this.#errors / this.#calls,
      p50Ms: ms(0.5),
      p95Ms: ms(0.95),
      p99Ms: ms(0.99),
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
      tokens: this.#tokens,
      lastUsed: this.#lastUs === 0 ? null : formatTimeUs(this.#lastUs),
      series: this.#series,
    };
  }
}
