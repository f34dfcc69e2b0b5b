/** What waits to be handed to one plugin: bounded by messages and bytes; the oldest go first, and are counted. @module */
import type { ScopedMessage } from "./scope.ts";

/** So many messages wait for no others. */
export const BATCH_MESSAGES = 32;
/** Most messages of one batch: what came while the plugin was busy goes along, because every batch costs two switches between processes. */
export const MAX_BATCH_MESSAGES = 128;
/** Longest that a message waits for others, in ms. */
export const BATCH_MS = 5;
/** Most bytes of one batch's messages: with its header it must stay below a frame's 4 MiB. */
const BATCH_BYTES = 3 * 1024 * 1024;
/** A message costs memory without any data, too. */
const MESSAGE_OVERHEAD_BYTES = 512;
/** So many taken slots are kept before the list is moved together. */
const COMPACT_AFTER = 1024;

/** What was dropped. */
export interface Dropped {
  readonly messages: number;
  readonly bytes: number;
}

export interface QueueLimits {
  readonly messages: number;
  readonly bytes: number;
}

interface Queued {
  readonly message: ScopedMessage;
  readonly seq: number;
}

export class MessageQueue {
  readonly #limits: QueueLimits;
  readonly #onDrop: (dropped: Dropped) => void;
  #items: (Queued | undefined)[] = [];
  #head = 0;
  #bytes = 0;
  /** Since the last batch. */
  #droppedMessages = 0;
  #droppedBytes = 0;

  /** `onDrop` is told each time. */
  constructor(limits: QueueLimits, onDrop: (dropped: Dropped) => void = () => {}) {
    this.#limits = limits;
    this.#onDrop = onDrop;
  }

  get messages(): number {
    return this.#items.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Number of the message that waits longest; null: none waits. */
  get oldestSeq(): number | null {
    return this.#items[this.#head]?.seq ?? null;
  }

  /** True when a batch is full already. */
  get hasFullBatch(): boolean {
    return this.messages >= BATCH_MESSAGES;
  }

  /** `seq`: its number among all that the host was handed. */
  add(message: ScopedMessage, seq = 0): void {
    this.#items.push({ message, seq });
    this.#bytes += costOf(message);
    // One that is longer than the whole queue may be goes as well: a bound is a bound.
    while (this.messages > this.#limits.messages || this.#bytes > this.#limits.bytes) this.#dropOldest();
  }

  /** The next messages, at most a batch; and what was dropped before them. */
  take(): { readonly messages: readonly ScopedMessage[]; readonly dropped: Dropped } {
    const messages: ScopedMessage[] = [];
    let bytes = 0;
    while (this.messages > 0 && messages.length < MAX_BATCH_MESSAGES) {
      const { message: next } = this.#items[this.#head] as Queued; // as: below head nothing is undefined
      if (messages.length > 0 && bytes + costOf(next) > BATCH_BYTES) break;
      bytes += costOf(next);
      messages.push(this.#shift());
    }
    const dropped = { messages: this.#droppedMessages, bytes: this.#droppedBytes };
    this.#droppedMessages = this.#droppedBytes = 0;
    return { messages, dropped };
  }

  /** Drops everything, counted. */
  clear(): void {
    while (this.messages > 0) this.#dropOldest();
  }

  #dropOldest(): void {
    const { data } = this.#shift();
    this.#droppedMessages++;
    this.#droppedBytes += data.length;
    this.#onDrop({ messages: 1, bytes: data.length });
  }

  #shift(): ScopedMessage {
    const { message } = this.#items[this.#head] as Queued; // as: callers look at `messages` first
    this.#items[this.#head++] = undefined;
    this.#bytes -= costOf(message);
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= COMPACT_AFTER && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return message;
  }
}

function costOf({ data }: ScopedMessage): number {
  return data.length + MESSAGE_OVERHEAD_BYTES;
}
