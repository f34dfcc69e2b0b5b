/** `GET /api/activity`: recent events, newest first. @module */
import { createRoute, z } from "@hono/zod-openapi";
import type { ApiDeps } from "../deps.ts";
import { createRouter, requires, sendJson } from "../router.ts";
import { EventSchema } from "../schemas.ts";

const Activity = z.object({
  events: z.array(EventSchema),
  nextCursor: z.string().nullable(),
  streamCursor: z.string(),
}).openapi("Activity");

const listActivity = createRoute({
  method: "get",
  path: "/api/activity",
  summary: "Recent events, newest first",
  middleware: [requires("read")] as const,
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(1000).optional(),
      server: z.string().optional(),
    }),
  },
  responses: { 200: { description: "Events", content: { "application/json": { schema: Activity } } } },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function activityRoutes({ reader }: ApiDeps) {
  return createRouter().openapi(listActivity, async (context) => {
    const { limit = 50, server } = context.req.valid("query");
    const filter = { ...(server !== undefined && { server }) };
    return sendJson(context, Activity, await reader.query("activity", { filter, limit }));
  });
}
