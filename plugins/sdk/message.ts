/** A message as a plugin sees it: what runs plugins, and what tests them, makes it. @module */
import type { Direction, Message, MessageEvent } from "./mod.ts";

const TEXT = new TextDecoder();

/** One message; its text and JSON are read when they are asked for. */
export class DeliveredMessage implements Message {
  /** What km knows of it. */
  readonly event: MessageEvent;
  /** Which way it went. */
  readonly direction: Direction | null;
  /** The run of the server. */
  readonly correlationId: string;
  /** What the grant allows of it. */
  readonly data: Uint8Array;
  #text: string | null = null;
  #json: unknown = undefined;
  #isParsed = false;

  /** `data` is the plugin's from here on. */
  constructor(
    about: {
      readonly event: MessageEvent;
      readonly direction: Direction | null;
      readonly correlationId: string;
    },
    data: Uint8Array,
  ) {
    this.event = about.event;
    this.direction = about.direction;
    this.correlationId = about.correlationId;
    this.data = data;
  }

  /** `data` as text. */
  text(): string {
    return this.#text ??= TEXT.decode(this.data);
  }

  /** `data` as JSON; undefined where it is none. */
  json(): unknown {
    if (!this.#isParsed) {
      this.#isParsed = true;
      this.#json = this.#parse();
    }
    return this.#json;
  }

  #parse(): unknown {
    if (this.event.format !== "json" || this.event.truncated) return undefined;
    try {
      return JSON.parse(this.text());
    } catch {
      return undefined;
    }
  }
}
