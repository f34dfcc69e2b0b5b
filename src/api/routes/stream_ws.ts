/** `GET /api/stream/ws`: the stream over a WebSocket, for whoever cannot read server-sent events. @module */
import { createRoute, z } from "@hono/zod-openapi";
import type { Identity } from "../../auth/identity.ts";
import { eventFilter } from "../../core/filter.ts";
import type { ApiDeps } from "../deps.ts";
import { ApiError } from "../errors.ts";
import { refuseRange } from "../filters.ts";
import { WS_PROTOCOL, WsSink } from "../stream/ws_sink.ts";
import { createRouter, requires } from "../router.ts";
import { streamParams } from "./stream.ts";

/** A peer that answers no ping for this long is gone, in s. */
const IDLE_S = 30;

const openSocket = createRoute({
  method: "get",
  path: "/api/stream/ws",
  summary: "Events as they come (WebSocket)",
  description: "Subprotocol `km.stream.v1`; a browser, which cannot send a header, adds `km.jwt.<token>` " +
    '(`POST /api/auth/tokens`). Frames: `{type: "event", cursor, event}`, `{type: "resync", reason, missed, cursor}`, ' +
    '`{type: "heartbeat", cursor}`. An event of more than 512 KiB comes with `payloadOmitted: true` and `payload: null`. ' +
    'The client may send `{type: "ping"}`, which is answered by `{type: "pong"}`. ' +
    "Closed with 4401 when the credentials that it was opened with are good no more, as after a JWT's 15 minutes.",
  middleware: [requires("read")] as const,
  request: { query: z.object(streamParams) },
  responses: {
    101: { description: "The stream" },
    426: { description: "Not a request for a WebSocket" },
    503: { description: "Too many streams are open; `Retry-After` says when to try again" },
  },
});

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function streamSocketRoutes({ streams, authenticator }: ApiDeps) {
  return createRouter().openapi(openSocket, ({ req, get }) => {
    if (req.header("Upgrade")?.toLowerCase() !== "websocket") {
      throw new ApiError(426, "upgrade_required", "This is a WebSocket", {
        hint: 'without one, read "GET /api/stream"',
        headers: { "Upgrade": "websocket" },
      });
    }
    const query = req.valid("query");
    let close = () => {};
    const sink = new WsSink(() => close());
    const identity = get("identity") as Identity; // as: requires("read") let it through
    const isAllowed = () => authenticator.stillMay(identity, "read");
    close = streams.open(
      { filter: eventFilter(query, refuseRange), after: query.after || null, isAllowed },
      sink,
    );
    const offered = req.header("Sec-WebSocket-Protocol")?.split(",").map((name) => name.trim()) ?? [];
    const protocol = offered.includes(WS_PROTOCOL) ? { protocol: WS_PROTOCOL } : {};
    try {
      const { socket, response } = Deno.upgradeWebSocket(req.raw, { ...protocol, idleTimeout: IDLE_S });
      sink.attach(socket);
      return response;
    } catch (error) {
      close();
      throw error;
    }
  });
}
