/** The host's end of the link, played by a test. @module */
import { createServer, type Server, type Socket } from "node:net";
import { encodeFrame, FrameReader, joinParts } from "../../proto/frame.ts";
import { linkProof } from "../core/link_proof.ts";
import { type FeedMessage, type HostMessage, MAX_LINK_FRAME_BYTES } from "../core/plugin_link.ts";

export interface FakeHostOptions {
  /** `host.json`. */
  readonly path: string;
  /** It knows no token, but takes connections. */
  readonly isForeign?: boolean;
  /** So many connections are closed at once. */
  readonly refuse?: number;
  /** What is shown as soon as a monitor is there. */
  readonly console?: string;
}

export class FakeHost implements AsyncDisposable {
  readonly heard: FeedMessage[] = [];
  readonly #options: FakeHostOptions;
  readonly #token: string = crypto.getRandomValues(new Uint8Array(32)).toHex();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #refuses: number;
  #onHeard: () => void = () => {};

  private constructor(options: FakeHostOptions) {
    this.#options = options;
    this.#refuses = options.refuse ?? 0;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  static async open(options: FakeHostOptions): Promise<FakeHost> {
    const host = new FakeHost(options);
    const address = options.path.replace(/json$/, "sock");
    await new Promise<void>((resolve) => host.#server.listen(address, resolve));
    Deno.writeTextFileSync(options.path, JSON.stringify({ address, token: host.#token }), { mode: 0o600 });
    return host;
  }

  /** The first message of that type. */
  async first<T extends FeedMessage["type"]>(type: T): Promise<Extract<FeedMessage, { type: T }>> {
    for (;;) {
      const found = this.heard.find((message) => message.type === type);
      if (found !== undefined) return found as Extract<FeedMessage, { type: T }>; // as: that was asked
      await new Promise<void>((resolve) => this.#onHeard = resolve);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    socket.on("error", () => {});
    if (this.#refuses-- > 0) return void socket.destroy();
    this.#sockets.add(socket);
    const say = (message: HostMessage) =>
      socket.write(joinParts(encodeFrame(new TextEncoder().encode(JSON.stringify(message)))));
    const reader = new FrameReader(MAX_LINK_FRAME_BYTES, (header) => {
      const message = JSON.parse(new TextDecoder().decode(header)) as FeedMessage; // as: the feed of this test
      if (message.type === "hello") this.#greet(say, message.nonce);
      this.heard.push(message);
      this.#onHeard();
    });
    socket.on("data", (chunk: Uint8Array) => reader.push(chunk));
    socket.on("end", () => socket.end());
  }

  #greet(say: (message: HostMessage) => void, nonce: string): void {
    const { isForeign = false, console } = this.#options;
    say({ type: "welcome", proof: linkProof(isForeign ? "guessed" : this.#token, "host", nonce) });
    if (console !== undefined) say({ type: "console", text: console });
    say({ type: "want", want: { events: true, redacted: true, raw: true, payloadBytes: 100 } });
  }
}
