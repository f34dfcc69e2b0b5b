/** `GET /api/stream`: events as they are recorded, as server-sent events. @module */
import { createRoute, z } from "@hono/zod-openapi";
import type { Identity } from "../../auth/identity.ts";
import { eventFilter } from "../../core/filter.ts";
import { parseCursor } from "../cursor.ts";
import type { ApiDeps } from "../deps.ts";
import { eventParams, refuseRange } from "../filters.ts";
import { SseSink } from "../stream/sse_sink.ts";
import { createRouter, requires } from "../router.ts";

export const streamParams = {
  ...eventParams,
  after: z.string().refine((cursor) => parseCursor(cursor) !== null, "it is not a cursor").optional().openapi(
    {
      description:
        "Cursor to go on from: `streamCursor` of a list, or the `id` that came last. Without it, only what comes from now on",
    },
  ),
};

const openStream = createRoute({
  method: "get",
  path: "/api/stream",
  summary: "Events as they come (server-sent events)",
  description: "`event: event` has an Event as its data and a cursor as its id. `event: resync` " +
    "(`{reason, missed, cursor}`) says that some were left out: load the list again, the stream goes on from the cursor. " +
    "A comment and an id come every 15 s when nothing else does. `event: end`: the daemon stops, or " +
    '`{reason: "credentials"}`: the credentials that it was opened with are good no more.',
  middleware: [requires("read")] as const,
  request: {
    query: z.object(streamParams),
    headers: z.object({
      "last-event-id": z.string().optional().openapi({
        description: "As `after`, and goes before it: a browser sends it when it connects again",
      }),
    }),
  },
  responses: {
    200: { description: "The stream", content: { "text/event-stream": { schema: z.string() } } },
    503: { description: "Too many streams are open; `Retry-After` says when to try again" },
  },
});

const HEADERS = {
  "Content-Type": "text/event-stream; charset=utf-8",
  // no-transform: compressed, events would wait until a block is full.
  "Cache-Control": "no-store, no-transform",
  "X-Accel-Buffering": "no",
};

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function streamRoutes({ streams, authenticator }: ApiDeps) {
  return createRouter().openapi(openStream, (context) => {
    const query = context.req.valid("query");
    const after = context.req.valid("header")["last-event-id"] || query.after || null;
    let close = () => {};
    const sink = new SseSink(() => close());
    const identity = context.get("identity") as Identity; // as: requires("read") let it through
    const isAllowed = () => authenticator.stillMay(identity, "read");
    close = streams.open({ filter: eventFilter(query, refuseRange), after, isAllowed }, sink);
    return context.body(sink.body, 200, HEADERS);
  });
}
