/** `GET /api/activity`: recent events, newest first. @module */
import { createRoute, z } from "@hono/zod-openapi";
import { parsePosition } from "../cursor.ts";
import { eventFilter } from "../../core/filter.ts";
import type { ApiDeps } from "../deps.ts";
import { cursorOf, eventParams, limitOf, pageParams, refuseRange } from "../filters.ts";
import { listFormat, sendList } from "../ndjson.ts";
import { createRouter, requires } from "../router.ts";
import { ActivitySchema, listContent, READ_FAILURES } from "../schemas.ts";

const listActivity = createRoute({
  method: "get",
  path: "/api/activity",
  summary: "Recent events, newest first",
  description:
    "What was recorded last comes first, which is the order of `/api/stream` turned round; `time` is the sender's, and may be older than that " +
    "of the event below it. Pages are stable while events arrive: follow `nextCursor` until it is null, and each event comes once. A page may have fewer events " +
    "than `limit` and still not be the last: it ends when its messages have 4 MiB.",
  middleware: [requires("read")] as const,
  request: { query: z.object({ ...eventParams, ...pageParams }) },
  responses: { 200: listContent("Events", ActivitySchema, "km events --json"), ...READ_FAILURES },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function activityRoutes({ reader }: Pick<ApiDeps, "reader">) {
  return createRouter().openapi(listActivity, async (context) => {
    const query = context.req.valid("query");
    const format = listFormat(context);
    const text = await reader.query("activity", {
      filter: eventFilter(query, refuseRange),
      limit: limitOf(query),
      from: cursorOf(query, parsePosition),
      format,
    }, { signal: context.req.raw.signal });
    return sendList(context, ActivitySchema, format, text);
  });
}
