/** `GET /api/latency`: how the durations of calls are spread. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { checkRange } from "../../core/filter.ts";
import type { ApiDeps } from "../deps.ts";
import { nowUs, rangeParams, refuseRange, subjectParams, timeParam } from "../filters.ts";
import { createRouter, requires, sendJson } from "../router.ts";
import { LatencySchema } from "../schemas_figures.ts";

const getLatency = createRoute({
  method: "get",
  path: "/api/latency",
  summary: "How the durations of calls are spread",
  middleware: [requires("read")] as const,
  request: {
    query: z.object({
      ...rangeParams,
      since: timeParam("From this time on; the last 24 hours when not given").prefault("24h"),
      server: subjectParams.server,
      tool: subjectParams.tool,
    }),
  },
  responses: {
    200: {
      description: "A histogram on a logarithmic scale",
      content: { "application/json": { schema: LatencySchema } },
    },
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function latencyRoutes({ reader }: ApiDeps) {
  return createRouter().openapi(getLatency, async (context) => {
    const { since, until = nowUs(), ...subject } = context.req.valid("query");
    checkRange({ since, until }, refuseRange);
    return sendJson(
      context,
      LatencySchema,
      await reader.query("latency", { sinceUs: since, untilUs: until, ...subject }),
    );
  });
}
