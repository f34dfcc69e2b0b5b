/** `GET /api/stats`: calls by server, tool, method, client, outcome or day, and over time. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { STATS_BY } from "../../store/stats.ts";
import { INTERVALS } from "../../store/stats_series.ts";
import { KmError } from "../../core/error.ts";
import { checkRange } from "../../core/filter.ts";
import type { ApiDeps } from "../deps.ts";
import { ApiError } from "../errors.ts";
import { nowUs, rangeParams, refuseRange, subjectParams, timeParam } from "../filters.ts";
import { createRouter, requires, sendJson } from "../router.ts";
import { StatsSchema } from "../schemas_figures.ts";

const getStats = createRoute({
  method: "get",
  path: "/api/stats",
  summary: "How often, how slow, how big; what is paid for nothing",
  middleware: [requires("read")] as const,
  request: {
    query: z.object({
      ...rangeParams,
      since: timeParam("From this time on; the last 24 hours when not given").prefault("24h"),
      by: z.enum(STATS_BY).default("tool").openapi({ description: "One row for each of these" }),
      server: subjectParams.server,
      tool: subjectParams.tool,
      interval: z.enum(INTERVALS).default("auto").openapi({
        description: "Length of the series' intervals; auto: as short as 120 of them allow",
      }),
    }),
  },
  responses: { 200: { description: "Statistics", content: { "application/json": { schema: StatsSchema } } } },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function statsRoutes({ reader }: ApiDeps) {
  return createRouter().openapi(getStats, async (context) => {
    const { since, until = nowUs(), ...choice } = context.req.valid("query");
    checkRange({ since, until }, refuseRange);
    const answer = reader.query("stats", { sinceUs: since, untilUs: until, ...choice });
    return sendJson(context, StatsSchema, await answer.catch(nameInterval));
  });
}

/** How many intervals a range has is known only to who knows how fine the statistics of that time still are. */
function nameInterval(error: unknown): never {
  if (!(error instanceof KmError) || error.code !== "usage") throw error;
  throw new ApiError(400, "invalid", error.message, {
    field: "interval",
    ...(error.hint !== undefined && { hint: error.hint }),
  });
}
