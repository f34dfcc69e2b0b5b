/** A stream as the body of a response: server-sent events. @module */
import type { StreamSink } from "./streams.ts";

/** Beyond any queue: the hub bounds what waits, and the stream only has to count it. */
const COUNTER_BYTES = 2 ** 40;

const encoder = new TextEncoder();

export class SseSink implements StreamSink {
  readonly format = "sse";
  readonly body: ReadableStream<Uint8Array<ArrayBuffer>>;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #onDrained: (() => void) | null = null;
  #isOpen = true;

  /** Calls `onGone` when the client is gone. */
  constructor(onGone: () => void) {
    // Not a byte stream: that would take the buffers away, which many clients share.
    this.body = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#look(),
      cancel: () => {
        this.#isOpen = false;
        this.#onDrained = null;
        onGone();
      },
    }, { highWaterMark: COUNTER_BYTES, size: (bytes) => bytes.length });
  }

  get queuedBytes(): number {
    return this.#isOpen ? COUNTER_BYTES - (this.#controller.desiredSize ?? COUNTER_BYTES) : 0;
  }

  send(data: Uint8Array<ArrayBuffer> | string): void {
    if (this.#isOpen) this.#controller.enqueue(typeof data === "string" ? encoder.encode(data) : data);
  }

  whenDrained(callback: () => void): void {
    this.#onDrained = callback;
    this.#look();
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#onDrained = null;
    this.#controller.close();
  }

  #look(): void {
    if (this.#onDrained === null || this.queuedBytes > 0) return;
    const callback = this.#onDrained;
    this.#onDrained = null;
    callback();
  }
}
