/** The demo's side of a conversation: what an AI tool says to a server, over a child's pipes. @module */

import { KmError } from "../../core/error.ts";
import { lines } from "./sample_server.ts";

/** What a server answered. */
export interface Answer {
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

/** A child's pipes. */
export interface Pipes {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
}

/** A client that asks one thing after the other. */
export class DemoClient {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: AsyncGenerator<string>;
  readonly #encoder = new TextEncoder();
  #id = 0;

  constructor(pipes: Pipes) {
    this.#writer = pipes.stdin.getWriter();
    this.#lines = lines(pipes.stdout);
  }

  /** Sends a request and waits for its answer. @throws {KmError} internal when the server ends first */
  async request(method: string, params: unknown): Promise<Answer> {
    const id = ++this.#id;
    await this.#send({ jsonrpc: "2.0", id, method, params });
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) {
        throw new KmError("internal", `the sample server ended before it answered "${method}"`);
      }
      const message = JSON.parse(value) as Answer & { id?: unknown }; // our own server's words
      if (message.id === id) return message;
    }
  }

  /** Sends a notification. */
  async notify(method: string): Promise<void> {
    await this.#send({ jsonrpc: "2.0", method });
  }

  /** Closes the server's stdin and reads until it has ended. */
  async close(): Promise<void> {
    await this.#writer.close();
    while (!(await this.#lines.next()).done);
  }

  async #send(message: unknown): Promise<void> {
    await this.#writer.write(this.#encoder.encode(JSON.stringify(message) + "\n"));
  }
}
