/** A stream over a WebSocket. @module */
import type { StreamSink } from "./streams.ts";
import type { EndReason } from "./frames.ts";

/** The protocol's name; a token stands beside it in the same header. */
export const WS_PROTOCOL = "km.stream.v1";
/** Larger frames of a client are refused, in bytes. */
const MAX_CLIENT_FRAME_BYTES = 64 * 1024;
/** How often it looks whether a client that was slow has read, in ms: a WebSocket does not tell. */
const LOOK_MS = 50;
/** A client that does not read gets no answers either, from here on, in bytes. */
const MAX_BEFORE_PONG_BYTES = 64 * 1024;
/** 4401 stands for HTTP's 401 in the range that programs may use. */
const CLOSE_CODES: Readonly<Record<EndReason, number>> = { going_away: 1001, credentials: 4401 };
const TOO_BIG = 1009;

const PONG = JSON.stringify({ type: "pong" });

export class WsSink implements StreamSink {
  readonly format = "ws";
  readonly #onGone: () => void;
  #socket: WebSocket | null = null;
  /** What was sent before the connection was open. */
  #early: string[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onDrained: (() => void) | null = null;
  #isOpen = true;
  /** Why it was closed, for a connection that was not open yet. */
  #endReason: EndReason = "going_away";

  constructor(onGone: () => void) {
    this.#onGone = onGone;
  }

  /** Sends over `socket` from now on. */
  attach(socket: WebSocket): void {
    socket.onopen = () => {
      this.#socket = socket;
      for (const frame of this.#early.splice(0)) socket.send(frame);
      if (this.#isOpen) this.#look();
      else socket.close(CLOSE_CODES[this.#endReason]);
    };
    socket.onmessage = ({ data }) => this.#receive(socket, data);
    socket.onclose = () => this.#end();
    socket.onerror = () => this.#end();
  }

  get queuedBytes(): number {
    return this.#socket
      ? this.#socket.bufferedAmount
      : this.#early.reduce((sum, frame) => sum + frame.length, 0);
  }

  send(data: Uint8Array<ArrayBuffer> | string): void {
    if (!this.#isOpen || typeof data !== "string") return;
    if (!this.#socket) this.#early.push(data);
    else if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(data);
  }

  whenDrained(callback: () => void): void {
    this.#onDrained = callback;
    this.#look();
  }

  close(reason: EndReason): void {
    if (!this.#isOpen) return;
    this.#endReason = reason;
    this.#forget();
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.close(CLOSE_CODES[reason]);
  }

  #look(): void {
    clearTimeout(this.#timer);
    if (this.#onDrained === null) return;
    if (this.queuedBytes > 0) {
      this.#timer = setTimeout(() => this.#look(), LOOK_MS);
      return;
    }
    const callback = this.#onDrained;
    this.#onDrained = null;
    callback();
  }

  #receive(socket: WebSocket, data: unknown): void {
    const sizeBytes = typeof data === "string"
      ? data.length
      : data instanceof ArrayBuffer
      ? data.byteLength
      : 0;
    if (sizeBytes > MAX_CLIENT_FRAME_BYTES) return socket.close(TOO_BIG, "frames of at most 64 KiB");
    if (typeof data === "string" && isPing(data) && socket.bufferedAmount < MAX_BEFORE_PONG_BYTES) {
      this.send(PONG);
    }
  }

  #end(): void {
    if (!this.#isOpen) return;
    this.#forget();
    this.#onGone();
  }

  #forget(): void {
    this.#isOpen = false;
    this.#onDrained = null;
    clearTimeout(this.#timer);
  }
}

function isPing(text: string): boolean {
  try {
    const frame: unknown = JSON.parse(text);
    return typeof frame === "object" && frame !== null && "type" in frame && frame.type === "ping";
  } catch {
    return false;
  }
}
