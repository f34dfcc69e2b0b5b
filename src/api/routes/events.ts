/** `GET /api/events/:id`: one message with its counterpart. (`POST /api/events` is in ingest.ts.) @module */
import { createRoute, z } from "@hono/zod-openapi";
import type { ApiDeps } from "../deps.ts";
import { createRouter, requires, sendJson } from "../router.ts";
import { EventDetailSchema, failures, idParam } from "../schemas.ts";

const getEvent = createRoute({
  method: "get",
  path: "/api/events/{id}",
  summary: "One message, whole, with its counterpart and its call",
  middleware: [requires("read")] as const,
  request: { params: z.object({ id: idParam }) },
  responses: {
    200: { description: "The event", content: { "application/json": { schema: EventDetailSchema } } },
    ...failures(401, 403, 404, 409, 503),
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function eventRoutes({ reader }: Pick<ApiDeps, "reader">) {
  return createRouter().openapi(getEvent, async (context) => {
    const { id } = context.req.valid("param");
    const text = await reader.query("event", { id }, { signal: context.req.raw.signal });
    return sendJson(context, EventDetailSchema, text);
  });
}
