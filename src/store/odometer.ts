/** How much was recorded, by the caller's days. @module */
import { IS_FAILED } from "./call_sum.ts";
import type { Database } from "./database.ts";
import { readTraffic, type TimeRange } from "./stats.ts";
import { CALL_SPANS, cutRange, visitBuckets } from "./rollup_reader.ts";
import { DAY_S } from "./rollup_writer.ts";

/** What a stretch of time amounts to. */
export interface Odometer {
  readonly messages: number;
  readonly calls: number;
  readonly errors: number;
  readonly tokens: number;
}

export interface Days {
  readonly nowUs: number;
  /** How far the caller's clock is ahead of UTC. */
  readonly utcOffsetMinutes: number;
}

const DAY_US = DAY_S * 1e6;

/** When the caller's day began, in µs since the Unix epoch. */
export function startOfDayUs({ nowUs, utcOffsetMinutes }: Days): number {
  const offsetUs = utcOffsetMinutes * 60 * 1e6;
  return Math.floor((nowUs + offsetUs) / DAY_US) * DAY_US - offsetUs;
}

export function readOdometers(
  db: Database,
  days: Days,
): Record<"today" | "yesterday" | "week" | "all", Odometer> {
  const todayUs = startOfDayUs(days);
  // Clocks of other machines may be a little ahead.
  const untilUs = todayUs + DAY_US;
  return {
    today: readOdometer(db, { sinceUs: todayUs, untilUs }),
    yesterday: readOdometer(db, { sinceUs: todayUs - DAY_US, untilUs: todayUs }),
    week: readOdometer(db, { sinceUs: todayUs - 6 * DAY_US, untilUs }),
    all: readOdometer(db, { sinceUs: 0, untilUs: untilUs + DAY_US }),
  };
}

function readOdometer(db: Database, range: TimeRange): Odometer {
  const sum = { calls: 0, errors: 0, tokens: 0 };
  visitBuckets(db, cutRange(db, range, CALL_SPANS), {}, (block, index, { outcome }) => {
    const calls = block.calls[index] as number;
    sum.calls += calls;
    if (IS_FAILED[outcome]) sum.errors += calls;
    sum.tokens += block.tokens[index] as number;
  });
  return { messages: readTraffic(db, range).messages, ...sum };
}
