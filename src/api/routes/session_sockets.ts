/** `GET /api/ws` and `GET /api/sessions/:id/ws`: sessions over a WebSocket. @module */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { arrivalOf } from "../caller.ts";
import { ApiError } from "../errors.ts";
import { type ApiEnv, createRouter } from "../router.ts";
import type { SessionSockets } from "../sessions/session_sockets.ts";

const PROTOCOL =
  'The first message authenticates, within 5 s: `{type: "auth", message_id, data: {token, client_id?}}`, with a JWT of ' +
  "`POST /api/sessions/tokens`. Control messages are JSON " +
  '(`{type: "command"|"output"|"status"|"error"|"ping"|"pong"|"cancel"|"auth", session_id, data, timestamp, message_id}`), ' +
  "bytes of terminals are binary frames: u8 type (1 output, 2 snapshot, 3 input), u32 number of the session, u64 sequence number, bytes; " +
  "all big-endian. Closed with 4400 (protocol error), 4401 (not authenticated), 4403 (page of another origin), 4404 (no such session), " +
  "4408 (silent for 30 s, or lagging and reading nothing for 60 s), 4429 (too many connections of one user), 1009 (a frame of more than 1 MiB). " +
  "See `src/core/session_wire.ts` for every message.";

const responses = {
  101: { description: "The socket" },
  426: { description: "Not a request for a WebSocket" },
  503: { description: "Too many such sockets are open; `Retry-After` says when to try again" },
};

const openSocket = createRoute({
  method: "get",
  path: "/api/ws",
  summary: "All sessions (WebSocket)",
  description: PROTOCOL,
  responses,
});

const openSessionSocket = createRoute({
  method: "get",
  path: "/api/sessions/{id}/ws",
  summary: "One session (WebSocket)",
  description: `As \`/api/ws\`, for one session, which messages then need not name. ${PROTOCOL}`,
  request: { params: z.object({ id: z.string().max(200) }) },
  responses,
});

/** @param sockets null: this km has no sessions */
// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function sessionSocketRoutes(sockets: SessionSockets | null) {
  return createRouter()
    .openapi(openSocket, (context) => upgrade(context, sockets, null))
    .openapi(openSessionSocket, (context) => upgrade(context, sockets, context.req.valid("param").id));
}

function upgrade(context: Context<ApiEnv>, sockets: SessionSockets | null, boundTo: string | null): Response {
  const { req } = context;
  if (req.header("Upgrade")?.toLowerCase() !== "websocket") {
    throw new ApiError(426, "upgrade_required", "This is a WebSocket", {
      headers: { "Upgrade": "websocket" },
    });
  }
  if (sockets === null) throw new ApiError(501, "unsupported", "This km has no sessions");
  sockets.admit();
  try {
    const { socket, response } = Deno.upgradeWebSocket(req.raw, { idleTimeout: 0 });
    sockets.serve(socket, arrivalOf(context), boundTo);
    return response;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ApiError(400, "invalid", "This is no whole request for a WebSocket");
  }
}
