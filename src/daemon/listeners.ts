/** The daemon's sockets: the port that was asked for, and 42 beside it where the system allows that. @module */
import { type Handler, listen, type Listener, type ListenOptions } from "../api/serve.ts";
import { KmError } from "../core/error.ts";
import { type PortOwner, portOwner } from "../proc/port_owner.ts";
import { howToAllow } from "./low_port.ts";

/** Opens the port that must be had. @throws {KmError} port_taken, says by whom; unsupported when the system refuses it */
export async function listenOrSay(handler: Handler, options: ListenOptions): Promise<Listener> {
  const { hostname, port } = options;
  try {
    return listen(handler, options);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new KmError(
        "port_taken",
        `Cannot listen on port ${port}: ${await takenBy(hostname, port)} has it`,
        {
          hint: "stop that, or choose another port with --port; --port 0 takes any free one",
          cause: error,
        },
      );
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new KmError("unsupported", `Cannot listen on port ${port}: the system keeps ports below 1024`, {
        hint: howToAllow(port, hostname),
        cause: error,
      });
    }
    const reason = error instanceof Error ? error.message : String(error);
    if (options.tls && !isOfTheSystem(error)) {
      throw new KmError("unsupported", `Cannot use the certificate and key: ${reason}`, {
        hint: "--tls-cert and --tls-key must be PEM files that belong together: a certificate, and its key",
        cause: error,
      });
    }
    throw new KmError("unsupported", `Cannot listen on ${hostname} port ${port}: ${reason}`, {
      hint: "--host must be an address of this machine",
      cause: error,
    });
  }
}

/** True when the system refused the socket; what is wrong with a certificate or key is said before it is asked, and has no code. */
function isOfTheSystem(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code !== undefined;
}

/** Opens a port that is welcome but not needed; without it, one sentence says why and what would help. */
export async function listenIfAllowed(
  handler: Handler,
  options: ListenOptions,
): Promise<{ readonly listener: Listener } | { readonly refusal: string }> {
  const { hostname, port } = options;
  try {
    return { listener: listen(handler, options) };
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) {
      return {
        refusal: `port ${port} is not served: the system keeps ports below 1024; ${
          howToAllow(port, hostname)
        }`,
      };
    }
    const reason = error instanceof Deno.errors.AddrInUse
      ? `${await takenBy(hostname, port)} has it`
      : error instanceof Error
      ? error.message
      : String(error);
    return { refusal: `port ${port} is not served: ${reason}` };
  }
}

/** Names what listens on a port, as well as the system tells. */
async function takenBy(hostname: string, port: number): Promise<string> {
  const owner = portOwner(port);
  const home = owner && kmHomeOf(owner);
  const pid = owner ? ` (pid ${owner.pid})` : "";
  if (home) return `the km of another home, ${home}${pid},`;
  if (await isKm(hostname, port)) return `the km of another home${pid}`;
  return owner ? `${owner.program}${pid}` : "another program";
}

/** A daemon holds its lock open all its life. */
function kmHomeOf({ files }: PortOwner): string | undefined {
  return files.find((file) => file.endsWith("/daemon.lock"))?.slice(0, -"/daemon.lock".length);
}

/** Asks whatever listens there; some ports `fetch` does not go to. */
async function isKm(hostname: string, port: number): Promise<boolean> {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  try {
    const response = await fetch(`http://${host}:${port}/health`, { signal: AbortSignal.timeout(1000) });
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null && "status" in body && "version" in body &&
      "uptimeMs" in body;
  } catch {
    return false;
  }
}
