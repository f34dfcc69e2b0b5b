/** The query parameters that choose events and calls, with the names and the meaning that the flags of the command line have. @module */
import { z } from "@hono/zod-openapi";
import { parseTime } from "../core/duration.ts";
import { DIRECTIONS, EVENT_KINDS, OUTCOMES } from "../core/event.ts";
import { KmError } from "../core/error.ts";
import { FILTER_HELP } from "../core/filter.ts";
import { MAX_PAGE_ENTRIES } from "../core/limits.ts";
import { ApiError } from "./errors.ts";
import { issueOf } from "./invalid_input.ts";

/** Entries of a page when nothing else is asked for. */
const DEFAULT_LIMIT = 50;

/** A point in time, as µs since the Unix epoch. The wall clock: a daemon outlives the sleep of a laptop, which the monotonic one does not count. */
export function timeParam(description: string): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    try {
      return parseTime(text, Date.now() * 1000);
    } catch (error) {
      if (!(error instanceof KmError)) throw error;
      context.addIssue(issueOf(error));
      return z.NEVER;
    }
  }).openapi({ type: "string", description, example: "24h" });
}

/** Now, in µs since the Unix epoch, by the same clock. */
export function nowUs(): number {
  return Date.now() * 1000;
}

/** Text that says something: an empty value is most often a variable that was not set. */
function textParam(description: string, example: string): z.ZodType<string, string> {
  return z.string().min(1, "it is empty").openapi({ description, example });
}

/** A whole number from `min` to `max`. */
export function countParam(min: number, max: number, description: string): z.ZodType<number, string> {
  return z.string().regex(/^\d{1,9}$/, `not a whole number from ${min} to ${max}`).transform(Number)
    .refine((count) => count >= min && count <= max, `not a whole number from ${min} to ${max}`)
    .openapi({ type: "integer", minimum: min, maximum: max, description });
}

export const rangeParams = {
  since: timeParam("From this time on: how long ago (`10m`, `24h`, `7d`), `today`, `yesterday`, or ISO 8601")
    .optional(),
  until: timeParam("Before this time; written as `since`").optional(),
};

/** What both events and calls can be chosen by. */
export const subjectParams = {
  ...rangeParams,
  server: textParam(FILTER_HELP.server, "filesystem").optional(),
  method: textParam(FILTER_HELP.method, "tools/call").optional(),
  tool: textParam(FILTER_HELP.tool, "read_file").optional(),
  correlation: textParam(FILTER_HELP.correlation, "019f1d2c-8a41-7000-8000-000000000001").optional(),
};

/** What events can be chosen by, apart from their text. */
export const messageParams = {
  ...subjectParams,
  kind: z.enum(EVENT_KINDS).optional().openapi({ description: FILTER_HELP.kind }),
  direction: z.enum(DIRECTIONS).optional().openapi({ description: FILTER_HELP.direction }),
};

export const eventParams = {
  ...messageParams,
  search: textParam(FILTER_HELP.search, "rate limit").optional(),
};

export const callParams = {
  ...subjectParams,
  outcome: z.enum(OUTCOMES).optional().openapi({ description: FILTER_HELP.outcome }),
};

export const pageParams = {
  limit: countParam(1, MAX_PAGE_ENTRIES, `Entries of a page; ${DEFAULT_LIMIT} when not given`).optional(),
  cursor: z.string().optional().openapi({
    description: "Where to go on: `nextCursor` of the page before. Without it, the newest",
  }),
};

/** Entries that a page may have. */
export function limitOf({ limit = DEFAULT_LIMIT }: { readonly limit?: number | undefined }): number {
  return limit;
}

/** What `parse` makes of the cursor of a request; undefined without one. @throws {ApiError} 400 for one that no answer can have given */
export function cursorOf<T>(
  { cursor }: { readonly cursor?: string | undefined },
  parse: (cursor: string) => T | null,
): T | undefined {
  if (cursor === undefined) return undefined;
  const parsed = parse(cursor);
  if (parsed !== null) return parsed;
  const shown = cursor.length > 40 ? `${cursor.slice(0, 40)}…` : cursor;
  throw new ApiError(400, "invalid", `Cannot go on from "${shown}": it is not a cursor`, {
    field: "cursor",
    hint: "send a cursor as an answer gave it, or none to begin with the newest",
  });
}

/** The failure of a range that nothing can lie in. */
export function refuseRange(message: string): ApiError {
  return new ApiError(400, "invalid", message, { field: "until", hint: "since is the earlier time" });
}
