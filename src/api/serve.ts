/** The only place that opens an HTTP socket. @module */

export interface Listener {
  readonly port: number;
  /** Takes no new connections; settles when every request under way is answered. */
  shutdown(): Promise<void>;
}

/** Serves `handler` at `hostname:port`. @throws {Deno.errors.AddrInUse | Deno.errors.PermissionDenied} */
export function listen(
  handler: (request: Request) => Response | Promise<Response>,
  options: { readonly hostname: string; readonly port: number },
): Listener {
  const server = Deno.serve({ ...options, onListen: () => {} }, handler);
  return { port: server.addr.port, shutdown: () => server.shutdown() };
}
