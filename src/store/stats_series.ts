/** Statistics over time: one point for each interval of a range, empty ones included. @module */
import { formatTimeUs } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import { CallSum } from "./call_sum.ts";
import type { Database } from "./database.ts";
import {
  CALL_SPANS,
  cutRange,
  finestSpan,
  type Subject,
  type TimeRange,
  TRAFFIC_SPANS,
  visitBuckets,
} from "./rollup_reader.ts";
import { DAY_S, floorTo, HOUR_S, MINUTE_S } from "./rollup_writer.ts";

/** What a caller may ask for. */
export const INTERVALS = ["auto", "1m", "5m", "15m", "1h", "1d"] as const;
export type Interval = typeof INTERVALS[number];

/** Calls and messages of one interval. */
export interface SeriesPoint {
  /** ISO 8601. */
  readonly start: string;
  readonly calls: number;
  readonly errors: number;
  /** Null for one method or tool: only calls are counted by those. */
  readonly messages: number | null;
  readonly tokens: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

export interface Series {
  readonly intervalMs: number;
  readonly series: readonly SeriesPoint[];
}

const SECONDS: Readonly<Record<Exclude<Interval, "auto">, number>> = {
  "1m": MINUTE_S,
  "5m": 300,
  "15m": 900,
  "1h": HOUR_S,
  "1d": DAY_S,
};
/** Lengths that `auto` chooses from, in s: each a part of the next, or of a day. */
const AUTO_S = [60, 300, 900, 1800, 3600, 7200, 21_600, 43_200, 86_400, 604_800, 2_592_000, 31_536_000];
/** As many points as a plot of a page's width can show. */
const AUTO_POINTS = 120;
/** A day of minutes. More would be no plot. */
const MAX_POINTS = 1441;

/**
 * Points of the range. An interval grows to an hour or a day where retention has left nothing shorter.
 * @throws {KmError} usage when the range has too many intervals
 */
export function readSeries(
  db: Database,
  query: TimeRange & Subject & { readonly interval: Interval },
): Series {
  const intervalS = intervalOf(db, query);
  const firstS = floorTo(query.sinceUs, intervalS);
  const points = Array.from(
    { length: countPoints(query, intervalS) },
    () => ({ sum: new CallSum(), messages: 0 }),
  );
  const at = (startS: number) =>
    // A bucket wider than what its range begins with counts in the first point.
    points[Math.min(points.length - 1, Math.max(0, Math.floor((startS - firstS) / intervalS)))];
  const pieces = cutRange(db, query, CALL_SPANS.filter((span) => intervalS % span === 0));
  visitBuckets(db, pieces, query, (block, index, { outcome }) => {
    at(block.startS[index] as number)?.sum.add(block, index, outcome);
  });
  const hasMessages = query.tool === undefined && query.method === undefined;
  if (hasMessages) {
    for (const { start, events } of readTraffic(db, query, intervalS)) {
      const point = at(start);
      if (point) point.messages += events;
    }
  }
  return {
    intervalMs: intervalS * 1000,
    series: points.map(({ sum, messages }, index) => ({
      start: formatTimeUs((firstS + index * intervalS) * 1e6),
      calls: sum.calls,
      errors: sum.errors,
      messages: hasMessages ? messages : null,
      tokens: sum.tokens,
      p50Ms: sum.quantileMs(0.5),
      p95Ms: sum.quantileMs(0.95),
      p99Ms: sum.quantileMs(0.99),
    })),
  };
}

function intervalOf(db: Database, query: TimeRange & { readonly interval: Interval }): number {
  const finestS = finestSpan(db, floorTo(query.sinceUs, MINUTE_S));
  if (query.interval === "auto") {
    const fits = (seconds: number) => seconds >= finestS && countPoints(query, seconds) <= AUTO_POINTS;
    return AUTO_S.find(fits) ??
      Math.ceil((query.untilUs - query.sinceUs) / 1e6 / (AUTO_POINTS - 1) / DAY_S) * DAY_S;
  }
  const intervalS = Math.max(SECONDS[query.interval], finestS);
  if (countPoints(query, intervalS) > MAX_POINTS) {
    throw new KmError(
      "usage",
      `Cannot cut this range into intervals of ${query.interval}: there are too many`,
      {
        hint: "leave out the interval, or choose a longer one or a shorter range",
      },
    );
  }
  return intervalS;
}

function countPoints({ sinceUs, untilUs }: TimeRange, intervalS: number): number {
  return (floorTo(untilUs - 1, intervalS) - floorTo(sinceUs, intervalS)) / intervalS + 1;
}

function readTraffic(
  db: Database,
  query: TimeRange & Subject,
  intervalS: number,
): { readonly start: number; readonly events: number }[] {
  return cutRange(db, query, TRAFFIC_SPANS.filter((span) => intervalS % span === 0)).flatMap((piece) =>
    db.all<{ start: number; events: number }>(
      `SELECT start / ?1 * ?1 AS start, sum(events) AS events FROM traffic
       WHERE span = ?2 AND start >= ?3 AND start < ?4 AND server = coalesce(?5, server) GROUP BY 1`,
      intervalS,
      piece.span,
      piece.fromS,
      piece.toS,
      query.server ?? null,
    )
  );
}
