/**
 * A local HTTP server for a folder, as a release's, that can be told to misbehave for a path.
 *
 * ```ts
 * await using server = new ReleaseServer(folder);        // server.baseUrl: http://127.0.0.1:<port>
 * server.misbehave("/stable.json", { kind: "missing" });  // 404 from now on
 * server.misbehave("/km-1.0.0-…", { kind: "cut", afterBytes: 1000 }, 1);  // the first answer only
 * await server.asked("/stable.json");                    // waits until somebody asked; `server.requests` lists all
 * ```
 *
 * It speaks HTTP/1.1 by hand, one answer a connection, because only so a connection can be cut at an exact byte.
 * @module
 */
import { within } from "../e2e/harness.ts";

/** What the server does instead of sending the file. */
export type Misbehaviour =
  /** 404. */
  | { readonly kind: "missing" }
  /** Any other status, with a short body. */
  | { readonly kind: "status"; readonly status: number }
  /** Announces the whole file and closes the connection after so many bytes of it. */
  | { readonly kind: "cut"; readonly afterBytes: number }
  /** Sends so many bytes of the file, then nothing more until the client leaves or `behave()` is called for the path. */
  | { readonly kind: "stall"; readonly afterBytes: number }
  /** Sends the file in pieces, one each 10 ms. */
  | { readonly kind: "slow"; readonly bytesPerPiece: number }
  /** Sends this instead of the file, which need not exist. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array | string }
  /** 302 to an address, absolute or from this server's root. */
  | { readonly kind: "redirect"; readonly to: string };

interface Told {
  readonly how: Misbehaviour;
  left: number;
  /** Ends what stalls. */
  readonly over: PromiseWithResolvers<void>;
}

/** Serves `folder` until it is disposed of. */
export class ReleaseServer {
  readonly #listener: Deno.TcpListener;
  readonly #folder: string;
  readonly #told = new Map<string, Told>();
  readonly #connections = new Set<Deno.TcpConn>();
  readonly #work = new Set<Promise<void>>();
  readonly #running: Promise<void>;
  #news = Promise.withResolvers<void>();
  /** Paths that were asked for, oldest first, without their queries. */
  readonly requests: string[] = [];

  constructor(folder: string, options: { readonly port?: number } = {}) {
    this.#folder = folder;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: options.port ?? 0 });
    this.#running = this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Address of the folder, without a slash at its end. */
  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** From now on, or for the next `times` answers, `path` ("/stable.json") is answered so. */
  misbehave(path: string, how: Misbehaviour, times = Infinity): void {
    this.behave(path);
    this.#told.set(path, { how, left: times, over: Promise.withResolvers() });
  }

  /** `path`, or every path, is served as it should be; what stalls goes on. */
  behave(path?: string): void {
    for (const [at, { over }] of this.#told) {
      if (path !== undefined && path !== at) continue;
      over.resolve();
      this.#told.delete(at);
    }
  }

  /** Waits until `path` was asked for. */
  async asked(path: string, timeoutMs = 20_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!this.requests.includes(path)) {
      await within(this.#news.promise, deadline - Date.now(), () => `a request for ${path}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.behave();
    for (const connection of this.#connections) close(connection);
    await this.#running;
    await Promise.all(this.#work);
  }

  async #accept(): Promise<void> {
    for (;;) {
      const connection = await this.#listener.accept().catch(() => null);
      if (connection === null) return;
      this.#connections.add(connection);
      // A client that leaves in the middle is the client's business.
      const work = this.#serve(connection).catch(() => {}).finally(() => {
        close(connection);
        this.#connections.delete(connection);
        this.#work.delete(work);
      });
      this.#work.add(work);
    }
  }

  async #serve(connection: Deno.TcpConn): Promise<void> {
    const request = await readHead(connection);
    const [method = "", target = "/"] = request.split(" ");
    const path = decodeURIComponent(target.split("?")[0] ?? "/");
    this.requests.push(path);
    this.#news.resolve();
    this.#news = Promise.withResolvers();
    const entry = this.#told.get(path);
    const told = entry !== undefined && entry.left-- > 0 ? entry : null;
    const how = told?.how;
    if (how?.kind === "missing") return await send(connection, 404, "no such file\n");
    if (how?.kind === "status") return await send(connection, how.status, "no\n");
    if (how?.kind === "redirect") return await send(connection, 302, "", `location: ${how.to}\r\n`);
    const bytes = how?.kind === "bytes" ? toBytes(how.bytes) : await this.#read(path);
    if (bytes === null) return await send(connection, 404, "no such file\n");
    await writeAll(connection, toBytes(head(200, bytes.length)));
    if (method !== "HEAD") await this.#sendBody(connection, bytes, told);
  }

  async #sendBody(connection: Deno.TcpConn, bytes: Uint8Array, told: Told | null): Promise<void> {
    const how = told?.how;
    if (how?.kind === "cut") return await writeAll(connection, bytes.subarray(0, how.afterBytes));
    if (how?.kind === "slow") {
      for (let at = 0; at < bytes.length; at += how.bytesPerPiece) {
        await writeAll(connection, bytes.subarray(at, at + how.bytesPerPiece));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return;
    }
    const first = how?.kind === "stall" ? how.afterBytes : bytes.length;
    await writeAll(connection, bytes.subarray(0, first));
    if (first >= bytes.length) return;
    // A client that leaves is seen as the end of what it sends.
    await Promise.race([told?.over.promise, connection.read(new Uint8Array(1))]);
    await writeAll(connection, bytes.subarray(first));
  }

  async #read(path: string): Promise<Uint8Array | null> {
    if (path.split("/").includes("..")) return null;
    return await Deno.readFile(`${this.#folder}${path}`).catch(() => null);
  }
}

/** The first line of a request, once all of its head came. */
async function readHead(connection: Deno.TcpConn): Promise<string> {
  let text = "";
  const buffer = new Uint8Array(4096);
  while (!text.includes("\r\n\r\n")) {
    const count = await connection.read(buffer);
    if (count === null) throw new Error("the client left");
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return text.slice(0, text.indexOf("\r\n"));
}

async function send(connection: Deno.TcpConn, status: number, body: string, headers = ""): Promise<void> {
  await writeAll(connection, toBytes(head(status, body.length, headers) + body));
}

function head(status: number, bytes: number, headers = ""): string {
  return `HTTP/1.1 ${status} -\r\ncontent-type: application/octet-stream\r\ncontent-length: ${bytes}\r\n${headers}connection: close\r\n\r\n`;
}

async function writeAll(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

function toBytes(text: Uint8Array | string): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // Closed already.
  }
}
