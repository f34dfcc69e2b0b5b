/** `GET /api/tools`: the tools that servers listed or that were called. @module */
import { createRoute, z } from "@hono/zod-openapi";
import type { ApiDeps } from "../deps.ts";
import { createRouter, requires, sendJson } from "../router.ts";
import { ToolsSchema } from "../schemas_figures.ts";
import { timeRange } from "../time_range.ts";

const listTools = createRoute({
  method: "get",
  path: "/api/tools",
  summary: "The tools that servers listed or that were called",
  middleware: [requires("read")] as const,
  request: {
    query: z.object({
      since: z.string().default("7d").openapi({
        description: "Figures are of the time since",
        example: "24h",
      }),
      server: z.string().optional(),
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
    return sendJson(context, ToolsSchema, await reader.query("tools", { ...timeRange({ since }), server }));
  });
}
