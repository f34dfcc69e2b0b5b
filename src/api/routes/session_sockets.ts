/** `GET /api/ws` and `GET /api/sessions/:id/ws`: sessions over a WebSocket. @module */
import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { arrivalOf } from "../caller.ts";
import type { ApiDeps } from "../deps.ts";
import { ApiError } from "../errors.ts";
import { type ApiEnv, createRouter } from "../router.ts";
import { SessionSocket } from "../sessions/session_socket.ts";

const PROTOCOL =
  'The first message authenticates, within 5 s: `{type: "auth", message_id, data: {token, client_id?}}`, with a JWT of ' +
  "`POST /api/sessions/tokens`. Control messages are JSON " +
  '(`{type: "command"|"output"|"status"|"error"|"ping"|"pong"|"cancel"|"auth", session_id, data, timestamp, message_id}`), ' +
  "bytes of terminals are binary frames: u8 type (1 output, 2 snapshot, 3 input), u32 number of the session, u64 sequence number, bytes; " +
  "all big-endian. Closed with 4400 (protocol error), 4401 (not authenticated), 4403 (page of another origin), 4404 (no such session), " +
  "4408 (silent for 30 s).";

const responses = {
  101: { description: "The socket" },
  426: { description: "Not a request for a WebSocket" },
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

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function sessionSocketRoutes(deps: ApiDeps) {
  return createRouter()
    .openapi(openSocket, (context) => upgrade(context, deps, null))
    .openapi(openSessionSocket, (context) => upgrade(context, deps, context.req.valid("param").id));
}

function upgrade(context: Context<ApiEnv>, deps: ApiDeps, boundTo: string | null): Response {
  const { req } = context;
  if (req.header("Upgrade")?.toLowerCase() !== "websocket") {
    throw new ApiError(426, "upgrade_required", "This is a WebSocket", {
      headers: { "Upgrade": "websocket" },
    });
  }
  const { sessions, authenticator } = deps;
  if (!sessions) throw new ApiError(501, "unsupported", "This km has no sessions");
  const { socket, response } = Deno.upgradeWebSocket(req.raw, { idleTimeout: 0 });
  new SessionSocket(socket, { sessions, authenticator, arrival: arrivalOf(context), boundTo });
  return response;
}
