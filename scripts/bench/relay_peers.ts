/**
 * The proxies from npm that km is compared with. They speak MCP over HTTP on one side, so each is chained back to stdio:
 * client -> `supergateway --streamableHttp` -> HTTP -> the proxy -> server. mcp-proxy has no stdio end of its own; it borrows
 * supergateway's.
 * @module
 */
import { join } from "node:path";

const FOLDER = join(import.meta.dirname as string, "npm");
const START_LIMIT_MS = 30_000;

/** A proxy that is up: the command a client starts, and the way to end it. */
export interface Peer extends AsyncDisposable {
  readonly name: string;
  readonly command: readonly string[];
}

/** Installs the pinned packages when they are not there; says why when that is not possible. */
export async function installPeers(): Promise<string | null> {
  try {
    const installed = await Deno.stat(join(FOLDER, "node_modules/.package-lock.json")).then(
      () => true,
      () => false,
    );
    if (installed) return null;
    const { success, stderr } = await new Deno.Command("npm", {
      args: ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
      cwd: FOLDER,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    return success ? null : `npm ci failed: ${new TextDecoder().decode(stderr).trim().slice(-200)}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "npm is not installed";
    throw error;
  }
}

/** Starts supergateway in front of `server`. */
export function startSupergateway(server: readonly string[]): Promise<Peer> {
  return startPeer("supergateway (stdio-HTTP-stdio)", (port) => [
    ...["--stdio", server.join(" "), "--outputTransport", "streamableHttp", "--stateful"],
    ...["--port", String(port), "--logLevel", "none"],
  ], "supergateway");
}

/** Starts mcp-proxy in front of `server`. */
export function startMcpProxy(server: readonly string[]): Promise<Peer> {
  return startPeer(
    "mcp-proxy (stdio-HTTP-stdio)",
    (port) => ["--port", String(port), "--host", "127.0.0.1", "--server", "stream", "--", ...server],
    "mcp-proxy",
  );
}

async function startPeer(
  name: string,
  args: (port: number) => readonly string[],
  program: string,
): Promise<Peer> {
  const port = freePort();
  const child = new Deno.Command(join(FOLDER, "node_modules/.bin", program), {
    args: [...args(port)],
    stdin: "null",
    stdout: "null",
    stderr: "null",
    detached: true,
  }).spawn();
  const bridge = join(FOLDER, "node_modules/.bin/supergateway");
  const peer: Peer = {
    name,
    command: [bridge, "--streamableHttp", `http://127.0.0.1:${port}/mcp`, "--logLevel", "none"],
    async [Symbol.asyncDispose]() {
      killGroup(child.pid);
      await child.status;
    },
  };
  if (await listens(port)) return peer;
  await peer[Symbol.asyncDispose]();
  throw new Error(`Cannot start ${program}: nothing listens on port ${port} after ${START_LIMIT_MS} ms`);
}

/** These proxies leave their servers behind when only they are killed, so the whole group goes. */
function killGroup(pid: number): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function listens(port: number): Promise<boolean> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return true;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  return false;
}
