/** Statistics from the rollups: their cost depends on the range and on how many tools there are, never on how many events. @module */
import { OUTCOMES } from "../core/event.ts";
import { CallSum, SERIES_SLOTS, type StatsTotals } from "./call_sum.ts";
import type { Database } from "./database.ts";
import type { SeriesKey } from "./dictionary.ts";
import {
  CALL_SPANS,
  cutRange,
  type Piece,
  type Subject,
  type TimeRange,
  TRAFFIC_SPANS,
  visitBuckets,
} from "./rollup_reader.ts";
import { DAY_S, MINUTE_S } from "./rollup_writer.ts";

export { NO_SERIES, SERIES_SLOTS, type StatsTotals } from "./call_sum.ts";
export type { Subject, TimeRange } from "./rollup_reader.ts";
export { definitionWeights, unusedTools } from "./tools.ts";

export const STATS_BY = ["server", "tool", "method", "client", "outcome", "day"] as const;
/** What a row of statistics stands for. */
export type StatsBy = typeof STATS_BY[number];

export interface StatsQuery extends TimeRange, Subject {
  readonly by: StatsBy;
  /** False: the rows' series are not wanted, so that wide buckets will do. */
  readonly series?: boolean;
}

export interface StatsRow extends StatsTotals {
  readonly key: string;
  /** The tool's server; null unless by tool. */
  readonly server: string | null;
}

/** What was recorded, calls or not. */
export interface RangeTotals extends StatsTotals {
  /** Null for one method or tool: only calls are counted by those. */
  readonly messages: number | null;
  readonly messageBytes: number | null;
}

/** Messages of a range. */
export interface Traffic {
  readonly messages: number;
  readonly messageBytes: number;
}

/** Key of calls whose client never said its name. */
const UNKNOWN_CLIENT = "unknown";

/** Statistics of the calls in the range, by `query.by`; most calls first. */
export function readStats(db: Database, query: StatsQuery): StatsRow[] {
  const rows = [...sumCalls(db, query).values()].map(({ key, server, sum }) => ({
    key,
    server,
    ...sum.totals(),
  }));
  return query.by === "day"
    ? rows.sort((a, b) => a.key.localeCompare(b.key))
    : rows.sort((a, b) => b.calls - a.calls || a.key.localeCompare(b.key));
}

/** All calls and messages of the range. */
export function readTotals(db: Database, query: TimeRange & Subject): RangeTotals {
  const sum = new CallSum();
  visitBuckets(db, callPieces(db, query), query, (block, index, { outcome }, _, spanS) => {
    sum.add(block, index, outcome, query, spanS);
  });
  const isCounted = query.tool === undefined && query.method === undefined;
  const traffic = isCounted ? readTraffic(db, query) : { messages: null, messageBytes: null };
  return { ...sum.totals(), ...traffic };
}

/** All messages of the range. */
export function readTraffic(db: Database, query: TimeRange & Pick<Subject, "server">): Traffic {
  let messages = 0;
  let messageBytes = 0;
  for (const piece of cutRange(db, query, TRAFFIC_SPANS)) {
    // total(), in REAL: the bytes are what others said, and their sum() may be no integer that can be read.
    const row = db.get<{ events: number; bytes: number }>(
      `SELECT coalesce(sum(events), 0) AS events, total(bytes) AS bytes FROM traffic
       WHERE span = ?1 AND start >= ?2 AND start < ?3 AND server = coalesce(?4, server)`,
      piece.span,
      piece.fromS,
      piece.toS,
      query.server ?? null,
    );
    messages += row?.events ?? 0;
    messageBytes += row?.bytes ?? 0;
  }
  return { messages, messageBytes };
}

interface Sum {
  readonly key: string;
  readonly server: string | null;
  readonly sum: CallSum;
}

function sumCalls(db: Database, query: StatsQuery): ReadonlyMap<string, Sum> {
  const sums = new Map<string, Sum>();
  // A series is always of one sum, and a day too: looking it up by its number saves most of the time.
  const known: (Sum | null | undefined)[] = [];
  visitBuckets(db, callPieces(db, query), query, (block, index, series, id, spanS) => {
    const startS = block.startS[index] as number;
    const number = query.by === "day" ? Math.floor(startS / DAY_S) : id;
    let sum = known[number];
    if (sum === undefined) sum = known[number] = findSum(sums, series, query.by, startS);
    sum?.sum.add(block, index, series.outcome, query, spanS);
  });
  return sums;
}

function findSum(sums: Map<string, Sum>, series: SeriesKey, by: StatsBy, startS: number): Sum | null {
  const key = keyOf(series, by, startS);
  if (key === null) return null;
  const server = by === "tool" ? series.server : null;
  const name = JSON.stringify([key, server]);
  let sum = sums.get(name);
  if (!sum) sums.set(name, sum = { key, server, sum: new CallSum() });
  return sum;
}

function keyOf(series: SeriesKey, by: StatsBy, startS: number): string | null {
  switch (by) {
    case "server":
      return series.server;
    case "tool":
      return series.tool;
    case "method":
      return series.method;
    case "client":
      return series.client ?? UNKNOWN_CLIENT;
    case "outcome":
      return OUTCOMES[series.outcome] ?? null;
    case "day":
      return new Date(startS * 1000).toISOString().slice(0, 10);
  }
}

/** A bucket wider than a slot would blur the series of a row. */
function callPieces(db: Database, range: TimeRange & { readonly series?: boolean }): Piece[] {
  if (range.series === false) return cutRange(db, range, CALL_SPANS);
  const slotS = (range.untilUs - range.sinceUs) / SERIES_SLOTS / 1e6;
  return cutRange(db, range, CALL_SPANS.filter((span) => span === MINUTE_S || span <= slotS));
}
