/** `GET /api/tools`: the tools that servers listed or that were called. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { checkRange } from "../../core/filter.ts";
import type { ApiDeps } from "../deps.ts";
import { nowUs, refuseRange, subjectParams, timeParam } from "../filters.ts";
import { createRouter, requires, sendJson } from "../router.ts";
import { ToolsSchema } from "../schemas_figures.ts";

const listTools = createRoute({
  method: "get",
  path: "/api/tools",
  summary: "The tools that servers listed or that were called",
  middleware: [requires("read")] as const,
  request: {
    query: z.object({
      since: timeParam("Figures are of the time since; the last 7 days when not given").prefault("7d"),
      server: subjectParams.server,
    }),
  },
  responses: {
    200: {
      description: "Tools, most calls first",
      content: { "application/json": { schema: ToolsSchema } },
    },
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function toolsRoutes({ reader }: ApiDeps) {
  return createRouter().openapi(listTools, async (context) => {
    const { since, server } = context.req.valid("query");
    const range = { sinceUs: since, untilUs: nowUs() };
    checkRange({ since: range.sinceUs, until: range.untilUs }, refuseRange);
    return sendJson(context, ToolsSchema, await reader.query("tools", { ...range, server }));
  });
}
