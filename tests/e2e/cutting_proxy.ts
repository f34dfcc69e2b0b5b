/** A TCP proxy that cuts connections in mid-stream: without a close of any kind, after so many bytes. @module */
import { writeAll } from "./raw_http.ts";

export class CuttingProxy implements Disposable {
  readonly #listener: Deno.TcpListener;
  readonly #target: number;
  readonly #afterBytes: () => number;
  readonly #open = new Set<Deno.Conn>();
  #isCutting = true;
  cuts = 0;

  /** `afterBytes`: how many bytes, both ways together, the next connection lives. */
  constructor(target: number, afterBytes: () => number) {
    this.#target = target;
    this.#afterBytes = afterBytes;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    void this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  stopCutting(): void {
    this.#isCutting = false;
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#open) end(connection);
  }

  /** A request is for this port, which km does not serve: it becomes one for km's. */
  #rename(buffer: Uint8Array, count: number): number {
    const text = new TextDecoder("latin1").decode(buffer.subarray(0, count));
    if (!text.startsWith("GET ")) return count;
    const renamed = text.replace(`:${this.port}\r\n`, `:${this.#target}\r\n`);
    for (let at = 0; at < renamed.length; at++) buffer[at] = renamed.charCodeAt(at);
    return renamed.length;
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
      const life = { bytes: this.#afterBytes() };
      this.#open.add(client).add(server);
      void this.#pipe(client, server, life);
      void this.#pipe(server, client, life);
    }
  }

  async #pipe(from: Deno.Conn, to: Deno.Conn, life: { bytes: number }): Promise<void> {
    const buffer = new Uint8Array(16 * 1024);
    try {
      for (;;) {
        let count = await from.read(buffer);
        if (count === null) break;
        count = this.#rename(buffer, count);
        const isLast = this.#isCutting && count >= life.bytes;
        // The cut goes through a frame: its beginning arrives.
        await writeAll(to, buffer.subarray(0, isLast ? life.bytes : count));
        life.bytes -= count;
        if (!isLast) continue;
        if (this.#open.has(from)) this.cuts++;
        break;
      }
    } catch {
      // Cut from the other side.
    }
    for (const connection of [from, to]) {
      this.#open.delete(connection);
      end(connection);
    }
  }
}

function end(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed.
  }
}
