/** Reading buckets of statistics: a range of time is covered with buckets as wide as the question allows. @module */
import type { Outcome } from "../core/event.ts";
import { outcomeCode } from "./codes.ts";
import type { Database } from "./database.ts";
import type { SeriesKey } from "./dictionary.ts";
import { keptFrom } from "./retention.ts";
import type { BucketBlock } from "./rollup_block.ts";
import { rollupCache } from "./rollup_cache.ts";
import { DAY_S, floorTo, HOUR_S, MINUTE_S, QUARTER_S } from "./rollup_writer.ts";

/**
 * From `sinceUs` to before `untilUs`, in µs since the Unix epoch; exact to the minute, and to the hour or day
 * where retention has removed the minutes.
 */
export interface TimeRange {
  readonly sinceUs: number;
  readonly untilUs: number;
}

/** Which calls count. Everything given must hold. */
export interface Subject {
  readonly server?: string | undefined;
  readonly method?: string | undefined;
  readonly tool?: string | undefined;
  readonly outcome?: Outcome | undefined;
}

/** A stretch of time that is read from buckets of one width. */
export interface Piece {
  readonly span: number;
  readonly fromS: number;
  readonly toS: number;
}

/** Takes bucket `index` of `block`, which is `spanS` seconds wide. */
export type Visit = (
  block: BucketBlock,
  index: number,
  series: SeriesKey,
  seriesId: number,
  spanS: number,
) => void;

/** All widths of buckets of calls. */
export const CALL_SPANS: readonly number[] = [DAY_S, HOUR_S, QUARTER_S, MINUTE_S];
/** All widths of buckets of messages. */
export const TRAFFIC_SPANS: readonly number[] = [DAY_S, HOUR_S, MINUTE_S];

/** Shows `visit` the buckets of `pieces` that are about `subject`. */
export function visitBuckets(db: Database, pieces: readonly Piece[], subject: Subject, visit: Visit): void {
  const cache = rollupCache(db);
  const series = cache.series().map((key) => key && isAbout(key, subject) ? key : undefined);
  const firstS = firstBucketS(db);
  if (firstS === null) return;
  for (const { span, fromS, toS } of pieces) {
    for (const block of cache.blocks(span, Math.max(fromS, firstS), toS)) {
      for (let index = 0; index < block.length; index++) {
        const startS = block.startS[index] as number;
        const id = block.series[index] as number;
        const key = series[id];
        if (key !== undefined && startS >= fromS && startS < toS) visit(block, index, key, id, span);
      }
    }
  }
}

/** Covers the range with buckets as wide as possible of `spans`: days within, hours and minutes at its ends; as fine as there still are. */
export function cutRange(db: Database, range: TimeRange, spans: readonly number[]): Piece[] {
  const fromS = floorTo(range.sinceUs, MINUTE_S);
  const toS = floorTo(range.untilUs - 1, MINUTE_S) + MINUTE_S;
  const finestFirst = finestSpan(db, fromS);
  const finestLast = finestSpan(db, toS - 1);
  return cover(
    Math.floor(fromS / finestFirst) * finestFirst,
    Math.ceil(toS / finestLast) * finestLast,
    CALL_SPANS.filter((span) => spans.includes(span) || span === finestFirst || span === finestLast),
  );
}

/** Width of the finest buckets that retention has left of this time. */
export function finestSpan(db: Database, timeS: number): number {
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

/** Start of the oldest day that there is: nobody need look before it. Null: nothing was ever counted. */
function firstBucketS(db: Database): number | null {
  return db.get<{ start: number }>(
    "SELECT start FROM rollups WHERE span = ? ORDER BY start LIMIT 1",
    DAY_S,
  )?.start ?? null;
}

function isAbout(key: SeriesKey, { server, method, tool, outcome }: Subject): boolean {
  return (server === undefined || key.server === server) && (method === undefined || key.method === method) &&
    (tool === undefined || key.tool === tool) &&
    (outcome === undefined || key.outcome === outcomeCode(outcome));
}
