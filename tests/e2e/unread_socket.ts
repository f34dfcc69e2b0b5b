/** A WebSocket of sessions over a bare connection, which is read only when told. @module */
import { type BinaryFrame, decodeFrame } from "../../src/core/session_wire.ts";
import { PATIENCE_MS, within } from "./harness.ts";
import { rawRequest, writeAll } from "./raw_http.ts";

const TEXT = 1, BINARY = 2;

interface WsFrame {
  readonly opcode: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

export class UnreadSocket implements Disposable {
  readonly #connection: Deno.TcpConn;
  #unparsed = new Uint8Array();
  #readBytes = 0;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async open(url: string, token: string): Promise<UnreadSocket> {
    const { hostname, port } = new URL(url);
    const socket = new UnreadSocket(await Deno.connect({ hostname, port: Number(port) }));
    const request = rawRequest(Number(port), "GET /api/ws", [
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ]);
    await writeAll(socket.#connection, new TextEncoder().encode(request));
    let head = "";
    while (!head.endsWith("\r\n\r\n")) head += new TextDecoder().decode(await socket.#take(1));
    if (!head.includes(" 101 ")) throw new Error(head);
    await socket.say({ type: "auth", message_id: "a", data: { token } });
    await socket.#next(({ opcode }) => opcode === TEXT);
    return socket;
  }

  async attach(sessionId: string): Promise<void> {
    await this.say({ type: "command", session_id: sessionId, message_id: "b", data: { action: "attach" } });
    await this.#next(({ payload }) => new TextDecoder().decode(payload).includes('"attached"'));
  }

  /** Sends a message as clients must: masked, here with zeros. */
  async say(message: object): Promise<void> {
    const payload = new TextEncoder().encode(JSON.stringify(message));
    const head = [0x80 | TEXT, 0xfe, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0];
    await writeAll(this.#connection, Uint8Array.from([...head, ...payload]));
  }

  /** Reads what waits, up to output with `text`. */
  async readUntil(text: string): Promise<{ readonly frames: BinaryFrame[]; readonly bytes: number }> {
    const frames: BinaryFrame[] = [];
    const startBytes = this.#readBytes;
    await this.#next(({ opcode, payload }) => {
      const frame = opcode === BINARY ? decodeFrame(payload) : null;
      if (frame) frames.push(frame);
      return frame !== null && new TextDecoder().decode(frame.bytes).includes(text);
    });
    return { frames, bytes: this.#readBytes - startBytes };
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }

  async #next(isIt: (frame: WsFrame) => boolean): Promise<void> {
    for (;;) if (isIt(await this.#frame())) return;
  }

  async #frame(): Promise<WsFrame> {
    const [first = 0, short = 0] = await this.#take(2);
    const more = short === 126 ? 2 : short === 127 ? 8 : 0;
    const length = more === 0 ? short : (await this.#take(more)).reduce((sum, byte) => sum * 256 + byte, 0);
    return { opcode: first & 0x0f, payload: await this.#take(length) };
  }

  async #take(count: number): Promise<Uint8Array<ArrayBuffer>> {
    const buffer = new Uint8Array(65_536);
    while (this.#unparsed.length < count) {
      const read = await within(this.#connection.read(buffer), PATIENCE_MS, () => "more of the socket");
      if (read === null) throw new Error("the socket was closed");
      this.#readBytes += read;
      const joined = new Uint8Array(this.#unparsed.length + read);
      joined.set(this.#unparsed);
      joined.set(buffer.subarray(0, read), this.#unparsed.length);
      this.#unparsed = joined;
    }
    const taken = this.#unparsed.slice(0, count);
    this.#unparsed = this.#unparsed.slice(count);
    return taken;
  }
}
