/** Ranges of time as requests name them. @module */
import { systemClock } from "../core/clock.ts";
import { parseTime } from "../core/duration.ts";
import { KmError } from "../core/error.ts";
import type { TimeRange } from "../store/stats.ts";
import { ApiError } from "./errors.ts";

/** The range from `since` to `until` (now, when it is not given). @throws {ApiError} 400 that names the field */
export function timeRange(
  { since, until }: { readonly since: string; readonly until?: string | undefined },
  nowUs: number = systemClock.nowUs(),
): TimeRange {
  const sinceUs = timeField("since", since, nowUs);
  const untilUs = until === undefined ? nowUs : timeField("until", until, nowUs);
  if (sinceUs >= untilUs) {
    throw new ApiError(
      400,
      "invalid",
      `Cannot look from "${since}" until "${until ?? "now"}": nothing lies between`,
      {
        hint: "since is the earlier time: since=20m&until=10m",
        field: until === undefined ? "since" : "until",
      },
    );
  }
  return { sinceUs, untilUs };
}

function timeField(field: string, text: string, nowUs: number): number {
  try {
    return parseTime(text, nowUs);
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    throw new ApiError(400, "invalid", error.message, {
      field,
      ...(error.hint !== undefined && { hint: error.hint }),
    });
  }
}
