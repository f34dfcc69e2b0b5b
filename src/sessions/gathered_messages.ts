/**
 * Output and keys on their way to the sessions thread, told together: one message for each would wake that thread twice for every key, beside the
 * program that is about to echo the next one.
 * @module
 */
import type { GatheredMessage, OutputCopy } from "./thread_messages.ts";

/** They are told at most this much later, in ms, or as soon as there are so many bytes of them. */
const GATHER_MS = 4, GATHER_BYTES = 32 * 1024;

export class GatheredMessages {
  readonly #send: (messages: readonly GatheredMessage[]) => void;
  #messages: GatheredMessage[] = [];
  /** The last of them, as long as more output may follow in it. */
  #copies: OutputCopy[] | null = null;
  #bytes = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (messages: readonly GatheredMessage[]) => void) {
    this.#send = send;
  }

  output(copy: OutputCopy): void {
    if (this.#copies === null) {
      this.#copies = [];
      this.#messages.push({ kind: "output", copies: this.#copies });
    }
    this.#copies.push(copy);
    this.#bytes += copy.bytes.length;
    if (this.#bytes >= GATHER_BYTES) this.flush();
    else this.#plan();
  }

  typed(message: Extract<GatheredMessage, { kind: "typed" }>): void {
    this.#copies = null;
    this.#messages.push(message);
    this.#plan();
  }

  /** Sends them now: what comes next is of after them. */
  flush(): void {
    const messages = this.#messages;
    this.clear();
    if (messages.length > 0) this.#send(messages);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#messages = [];
    this.#copies = null;
    this.#bytes = 0;
  }

  #plan(): void {
    this.#timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }
}
