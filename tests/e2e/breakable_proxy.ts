/** A TCP proxy in front of km serve whose connections can be broken, and that can be down for a while. @module */
import { writeAll } from "./raw_http.ts";

export class BreakableProxy implements Disposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #target: number;
  readonly #open = new Set<Deno.Conn>();
  /** Whoever connects is sent away at once. */
  isDown = false;

  constructor(target: number) {
    this.#target = target;
    void this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  breakAll(): void {
    for (const connection of this.#open) close(connection);
    this.#open.clear();
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    this.breakAll();
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      if (this.isDown) {
        close(client);
        continue;
      }
      const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
      this.#open.add(client).add(server);
      // A request is for this port, which km does not serve: it becomes one for km's.
      void this.#pipe(client, server, (text) => text.replace(`:${this.port}\r\n`, `:${this.#target}\r\n`));
      void this.#pipe(server, client, null);
    }
  }

  async #pipe(from: Deno.Conn, to: Deno.Conn, rename: ((text: string) => string) | null): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        const count = await from.read(buffer);
        if (count === null) break;
        const bytes = buffer.subarray(0, count);
        const text = rename && new TextDecoder("latin1").decode(bytes);
        const isRequest = text !== null && /^(?:GET|POST) /.test(text);
        await writeAll(to, isRequest && rename ? new TextEncoder().encode(rename(text)) : bytes);
      }
    } catch {
      // It was broken.
    }
    close(from);
    close(to);
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed.
  }
}
