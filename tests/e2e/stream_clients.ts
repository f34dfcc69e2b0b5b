/** Clients of the live stream: over fetch, over a bare socket that reads only when told, over a WebSocket. @module */
import { readServerSentEvents } from "../../src/client/sse.ts";
import type { Event } from "../../src/core/event.ts";
import type { RunningDaemon } from "./daemon.ts";
import { until } from "./harness.ts";

export interface Message {
  readonly type: string;
  readonly cursor: string;
  readonly data: unknown;
}

/** What came over a stream so far. */
export abstract class StreamClient {
  readonly messages: Message[] = [];
  isClosed = false;
  /** The last cursor, also one that came without an event. */
  cursor = "";

  of(type: string): Message[] {
    return this.messages.filter((message) => message.type === type);
  }

  get events(): Event[] {
    return this.of("event").map(({ data }) => data as Event); // as: what the stream promises
  }

  async live(): Promise<void> {
    await until(() => this.cursor !== "", "the stream to say where it is");
  }

  async has(type: string, count: number): Promise<void> {
    await until(
      () => this.of(type).length >= count,
      () => `${count} of ${type}, ${this.of(type).length} came`,
    );
  }

  async closed(): Promise<void> {
    await until(() => this.isClosed, "the stream to end");
  }
}

/** Reads server-sent events as they come, as km's own clients do. */
export class SseClient extends StreamClient implements Disposable {
  readonly #abort = new AbortController();

  static async open(
    daemon: RunningDaemon,
    query = "",
    headers: Readonly<Record<string, string>> = {},
  ): Promise<SseClient> {
    const client = new SseClient();
    const response = await fetch(`${daemon.url}/api/stream${query}`, {
      headers: { Authorization: `Bearer ${daemon.token}`, ...headers },
      signal: client.#abort.signal,
    });
    if (response.status !== 200 || !response.body) throw new Error(await response.text());
    void client.#read(response.body);
    return client;
  }

  [Symbol.dispose](): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    try {
      for await (const { type, lastId, data } of readServerSentEvents(body.pipeThrough(this.#watch()))) {
        this.messages.push({ type, cursor: lastId, data: JSON.parse(data) });
      }
    } catch {
      // It was cut, by the test or by the end of the daemon.
    }
    this.isClosed = true;
  }

  /** Sees the ids that come without an event, which a parser keeps to itself. */
  #watch(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
    const decoder = new TextDecoder();
    let line = "";
    return new TransformStream({
      transform: (bytes, controller) => {
        const lines = (line + decoder.decode(bytes, { stream: true })).split("\n");
        line = lines.pop() ?? "";
        this.cursor = lines.findLast((each) => each.startsWith("id: "))?.slice(4) ?? this.cursor;
        controller.enqueue(bytes);
      },
    });
  }
}

/** The same over a WebSocket. */
export class WsClient extends StreamClient implements Disposable {
  readonly socket: WebSocket;
  closeCode = 0;

  constructor(
    daemon: RunningDaemon,
    query = "",
    options: { readonly protocols?: string[]; readonly headers?: Record<string, string> } = {},
  ) {
    super();
    const url = `${daemon.url.replace(/^http/, "ws")}/api/stream/ws${query}`;
    const protocols = options.protocols ?? ["km.stream.v1"];
    // As: Deno takes headers too, which the DOM's types do not know.
    this.socket = new WebSocket(url, { protocols, ...options } as unknown as string[]);
    this.socket.onmessage = ({ data }) => {
      const frame = JSON.parse(String(data));
      this.cursor = frame.cursor ?? this.cursor;
      this.messages.push({ type: frame.type, cursor: frame.cursor, data: frame.event ?? frame });
    };
    this.socket.onclose = ({ code }) => {
      this.isClosed = true;
      this.closeCode = code;
    };
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }
}

/** Asks for a stream over a bare socket, and reads nothing. */
export async function openUnread(daemon: RunningDaemon): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(daemon.url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(
    new TextEncoder().encode(
      `GET /api/stream HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: Bearer ${daemon.token}\r\n\r\n`,
    ),
  );
  return connection;
}
