/** `GET /api/servers`: the servers that were recorded, what they are and what they cost. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { checkRange } from "../../core/filter.ts";
import type { ApiDeps } from "../deps.ts";
import { nowUs, refuseRange, timeParam } from "../filters.ts";
import { createRouter, requires, sendJson } from "../router.ts";
import { ServersSchema } from "../schemas_figures.ts";

const listServers = createRoute({
  method: "get",
  path: "/api/servers",
  summary: "The servers that were recorded",
  middleware: [requires("read")] as const,
  request: {
    query: z.object({
      since: timeParam("Figures are of the time since; the last 7 days when not given").prefault("7d"),
    }),
  },
  responses: {
    200: { description: "Servers, latest first", content: { "application/json": { schema: ServersSchema } } },
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function serversRoutes({ reader }: ApiDeps) {
  return createRouter().openapi(listServers, async (context) => {
    const range = { sinceUs: context.req.valid("query").since, untilUs: nowUs() };
    checkRange({ since: range.sinceUs, until: range.untilUs }, refuseRange);
    return sendJson(context, ServersSchema, await reader.query("servers", range));
  });
}
