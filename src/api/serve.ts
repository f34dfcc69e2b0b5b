/** The only place that opens an HTTP socket: whatever comes through it passes the guard, and every answer gets the safe headers. @module */
import type { Arrival } from "../auth/authenticator.ts";
import { CLOSE } from "../core/session_wire.ts";
import { ApiError, errorResponse } from "./errors.ts";
import type { FailureLog } from "./failure_log.ts";
import { Guard, isSessionSocket } from "./guard.ts";
import { withSafeHeaders } from "./headers.ts";
import { IdleConnections } from "./idle_connections.ts";

export interface ListenOptions {
  readonly hostname: string;
  readonly port: number;
  /** PEM texts: HTTPS instead of HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Names besides loopback that requests may be sent to. */
  readonly allowHosts?: readonly string[] | undefined;
  /** Takes what failed before or behind the app. */
  readonly failures?: FailureLog | undefined;
}

/** Who is at the other end, and where they came in. */
export type Peer = Arrival;

export type Handler = (request: Request, peer: Peer) => Response | Promise<Response>;

export interface Listener {
  readonly port: number;
  /** Answers what is under way and refuses what comes after it (503); settles when all is sent. */
  shutdown(): Promise<void>;
}

/** Serves `handler` at `hostname:port`. @throws {Deno.errors.AddrInUse | Deno.errors.PermissionDenied} */
export function listen(handler: Handler, options: ListenOptions): Listener {
  const { hostname, port, tls, allowHosts = [], failures } = options;
  const underWay = new UnderWay();
  const secure = tls !== undefined;
  const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
    { hostname, port, onListen: () => {}, ...tls },
    async (request, { remoteAddr, completed }): Promise<Response> => {
      connections.busy(remoteAddr.port, completed);
      const cut = () => connections.end(remoteAddr.port);
      const peer = { address: remoteAddr.hostname, port: server.addr.port, secure, cut };
      const response = await underWay.run(() => answer(request, () => handler(request, peer)));
      if (response.status === 101) connections.upgraded(remoteAddr.port);
      return withSafeHeaders(response, { hsts: guard.wantsHsts(request) });
    },
  );
  const guard = new Guard({ hostname, port: server.addr.port, secure, allowHosts });
  const connections = new IdleConnections(server.addr.port);

  async function answer(request: Request, next: () => Response | Promise<Response>): Promise<Response> {
    try {
      guard.check(request);
      return await next();
    } catch (error) {
      failures?.add(error, { method: request.method, route: null });
      if (error instanceof ApiError && error.code === "foreign_origin" && isSessionSocket(request)) {
        return closeForeign(request, error);
      }
      return errorResponse(error);
    }
  }
  return {
    port: server.addr.port,
    async shutdown() {
      // First ours, then Deno's: its own shutdown breaks the bodies that are still coming in (BadResource, Deno 2.9.6,
      // 2026-11-21). It does wait for the bodies that are going out.
      await underWay.end();
      await server.shutdown();
      connections[Symbol.dispose]();
    },
  };
}

/** A browser shows a page no status of a refused WebSocket, only how one was closed. */
function closeForeign(request: Request, refusal: ApiError): Response {
  try {
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 5 });
    socket.onopen = () => socket.close(CLOSE.foreignOrigin, "a page of another origin");
    socket.onerror = () => {}; // It has gone: so much the better.
    return response;
  } catch {
    return errorResponse(refusal); // Not a whole request for a WebSocket.
  }
}

/** Requests that have no answer yet. */
class UnderWay {
  #count = 0;
  #ending = false;
  readonly #none = Promise.withResolvers<void>();

  async run(answer: () => Response | Promise<Response>): Promise<Response> {
    if (this.#ending) return stopping();
    this.#count++;
    try {
      return await answer();
    } finally {
      this.#count--;
      this.#tell();
    }
  }

  end(): Promise<void> {
    this.#ending = true;
    this.#tell();
    return this.#none.promise;
  }

  #tell(): void {
    if (this.#ending && this.#count === 0) this.#none.resolve();
  }
}

function stopping(): Response {
  return Response.json(
    { error: { code: "stopping", message: "km serve is stopping", hint: "try again in a moment" } },
    { status: 503, headers: { "Connection": "close", "Retry-After": "2" } },
  );
}
