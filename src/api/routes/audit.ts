/** `GET /api/audit`: who did what to sessions and tasks. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { parseCursor } from "../cursor.ts";
import type { ApiDeps } from "../deps.ts";
import { cursorOf, limitOf, pageParams } from "../filters.ts";
import { createRouter, requires, sendJson } from "../router.ts";
import { failures } from "../schemas.ts";
import { AuditBody } from "../sessions/session_schemas.ts";

const auditRoute = createRoute({
  method: "get",
  path: "/api/audit",
  summary: "Who did what to sessions and tasks, newest first",
  description: "It outlives the sessions. Of what was typed it has the length, never the text.",
  middleware: [requires("admin")] as const,
  request: {
    query: z.object({
      subject: z.string().min(1).max(100).optional().openapi({
        description: "Only about this session or task, by its whole id",
      }),
      ...pageParams,
    }),
  },
  responses: {
    200: { description: "Entries", content: { "application/json": { schema: AuditBody } } },
    ...failures(400, 401, 403, 503),
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function auditRoutes({ reader }: Pick<ApiDeps, "reader">) {
  return createRouter().openapi(auditRoute, async (context) => {
    const { subject = null, ...query } = context.req.valid("query");
    const args = { limit: limitOf(query), before: cursorOf(query, parseCursor) ?? null, subject };
    return sendJson(
      context,
      AuditBody,
      await reader.query("audit", args, { signal: context.req.raw.signal }),
    );
  });
}
