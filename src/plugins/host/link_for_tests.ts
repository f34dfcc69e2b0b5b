/** A monitor's end of the link, played by a test. @module */
import { connect, type Socket } from "node:net";
import { encodeFrame, FrameReader, joinParts } from "../../../proto/frame.ts";
import { linkProof } from "../../core/link_proof.ts";
import {
  type FramedEvent,
  type HostAddress,
  type HostMessage,
  LINK_VERSION,
  MAX_LINK_FRAME_BYTES,
  type Want,
} from "../../core/plugin_link.ts";

export class TestLink implements Disposable {
  readonly #socket: Socket;
  readonly #want = Promise.withResolvers<Want>();
  readonly #bye = Promise.withResolvers<boolean>();
  console = "";
  /** Messages that the host said it is done with. */
  done = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    for (const { promise } of [this.#want, this.#bye]) (promise as Promise<unknown>).catch(() => {});
    const reader = new FrameReader(MAX_LINK_FRAME_BYTES, (header) => {
      const message = JSON.parse(new TextDecoder().decode(header)) as HostMessage; // as: the host of this test
      if (message.type === "want") this.#want.resolve(message.want);
      else if (message.type === "console") this.console += message.text;
      else if (message.type === "done") this.done += message.messages;
      else if (message.type === "bye") this.#bye.resolve(message.restart);
    });
    socket.on("data", (chunk: Uint8Array) => reader.push(chunk));
    socket.on("error", () => {});
    socket.on("close", () => {
      this.#want.reject(new Error("it was closed"));
      this.#bye.reject(new Error("it was closed"));
    });
  }

  static isThere(path: string): boolean {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  }

  static async open(
    path: string,
    server: string,
    { kmVersion = "1.2.0", link: version = LINK_VERSION, watched = false }: {
      readonly kmVersion?: string;
      readonly link?: number;
      readonly watched?: boolean;
    },
    otherToken?: string,
  ): Promise<TestLink> {
    const { address, token } = JSON.parse(Deno.readTextFileSync(path)) as HostAddress; // as: see above
    const socket = connect(address);
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    const link = new TestLink(socket);
    const nonce = crypto.randomUUID();
    link.#say({
      type: "hello",
      nonce,
      proof: linkProof(otherToken ?? token, "monitor", nonce),
      link: version,
      kmVersion,
      run: { correlationId: "run", server },
      watched,
      color: false,
    });
    return link;
  }

  want(): Promise<Want> {
    return this.#want.promise;
  }

  /** Whether another host is to be started. */
  bye(): Promise<boolean> {
    return this.#bye.promise;
  }

  send(events: readonly Partial<FramedEvent>[], { shed = 0 } = {}): void {
    const payload = new TextEncoder().encode("{}");
    const framed = events.map((event): FramedEvent => ({
      id: "e",
      timeUs: 1,
      direction: "client_to_server",
      kind: "request",
      method: "tools/call",
      tool: "t",
      rpcId: "1",
      sizeBytes: 2,
      truncated: false,
      format: "json",
      answersId: null,
      durationUs: null,
      redactedBytes: payload.length,
      rawBytes: -1,
      ...event,
    }));
    const parts = framed.map(() => payload);
    this.#say(
      { type: "events", client: null, events: framed, shedMessages: shed, shedBytes: shed * 10 },
      parts,
    );
  }

  raw(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #say(message: object, parts: readonly Uint8Array[] = []): void {
    this.#socket.write(joinParts(encodeFrame(new TextEncoder().encode(JSON.stringify(message)), parts)));
  }
}
