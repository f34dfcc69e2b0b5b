/** What waits to be sent to the plugin host: bounded; what finds no room is shed, before it costs a copy. @module */
import type { EventRecord } from "../core/event.ts";
import type { FramedEvent, LeftShed, Want } from "../core/plugin_link.ts";

/** A server may be flooded while the host starts: so much of it waits. */
const MAX_MESSAGES = 4096;
const MAX_BYTES = 4 * 1024 * 1024;
/** An event costs memory without any payload, too. */
const EVENT_OVERHEAD_BYTES = 256;
const DROPPED_TOGETHER = 64;
/** One frame: so much that its cost is shared, so little that it does not hold up the thread. */
const FRAME_EVENTS = 128;
const FRAME_BYTES = 1024 * 1024;

/** An event with copies of its bytes. */
export interface QueuedEvent {
  readonly event: EventRecord;
  readonly client: string | null;
  readonly redacted: Uint8Array | null;
  readonly raw: Uint8Array | null;
}

/** What goes into one frame. */
export interface FeedBatch {
  readonly client: string | null;
  readonly events: readonly FramedEvent[];
  readonly parts: readonly Uint8Array[];
  readonly shedMessages: number;
  readonly shedBytes: number;
}

export class FeedQueue {
  #items: QueuedEvent[] = [];
  #bytes = 0;
  #shedMessages = 0;
  #shedBytes = 0;

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  hasRoom(bytes: number): boolean {
    // One long message always has room in an empty queue.
    return this.isEmpty || (this.#items.length < MAX_MESSAGES && this.#bytes + bytes <= MAX_BYTES);
  }

  add(item: QueuedEvent): void {
    this.#items.push(item);
    this.#bytes += costOf(item);
  }

  /** What was not sent: all that waits, and what is counted as shed since the last frame. */
  get left(): LeftShed {
    return {
      messages: this.#shedMessages + this.#items.length,
      bytes: this.#shedBytes + this.#items.reduce((sum, { event }) => sum + event.sizeBytes, 0),
    };
  }

  /** Sheds the oldest until there is room. Some at a time: moving the rest together costs. */
  makeRoom(bytes: number): void {
    while (!this.hasRoom(bytes)) {
      const dropped = this.#items.slice(0, DROPPED_TOGETHER);
      this.#items = this.#items.slice(dropped.length);
      for (const item of dropped) {
        this.#bytes -= costOf(item);
        this.shed(item.event.sizeBytes);
      }
    }
  }

  /** Counts messages that were taken, and did not get through. */
  lose({ messages, bytes }: LeftShed): void {
    this.#shedMessages += messages;
    this.#shedBytes += bytes;
  }

  /** Counts what found no room. */
  shed(bytes: number): void {
    this.#shedMessages++;
    this.#shedBytes += bytes;
  }

  /** Nobody wants any of it: what was shed neither. */
  clear(): void {
    this.#items = [];
    this.#bytes = this.#shedMessages = this.#shedBytes = 0;
  }

  /** Takes away what nobody wants: bytes that may not leave this process, above all. */
  restrict(want: Want): void {
    if (!want.events) return this.clear();
    this.#items = this.#items.map((item) => ({
      ...item,
      redacted: want.redacted ? cut(item.redacted, want.payloadBytes) : null,
      raw: want.raw ? cut(item.raw, want.payloadBytes) : null,
    }));
    this.#bytes = this.#items.reduce((sum, item) => sum + costOf(item), 0);
  }

  /** The next frame; null when nothing waits. All its events are of one client. */
  take(): FeedBatch | null {
    const first = this.#items[0];
    if (first === undefined) return null;
    let [count, bytes] = [0, 0];
    for (const item of this.#items) {
      if (count === FRAME_EVENTS || item.client !== first.client) break;
      if (count > 0 && bytes + costOf(item) > FRAME_BYTES) break;
      bytes += costOf(item);
      count++;
    }
    const taken = this.#items.slice(0, count);
    this.#items = this.#items.slice(count);
    this.#bytes -= bytes;
    const [shedMessages, shedBytes] = [this.#shedMessages, this.#shedBytes];
    this.#shedMessages = this.#shedBytes = 0;
    return {
      client: first.client,
      events: taken.map(framed),
      parts: taken.flatMap(({ redacted, raw }) => [redacted, raw]).filter((part) => part !== null),
      shedMessages,
      shedBytes,
    };
  }
}

function framed({ event, redacted, raw }: QueuedEvent): FramedEvent {
  const { payload: _, sha256: __, ...known } = event;
  return { ...known, redactedBytes: redacted?.length ?? -1, rawBytes: raw?.length ?? -1 };
}

function cut(bytes: Uint8Array | null, limit: number): Uint8Array | null {
  return bytes === null || bytes.length <= limit ? bytes : bytes.slice(0, limit);
}

function costOf({ redacted, raw }: QueuedEvent): number {
  return EVENT_OVERHEAD_BYTES + (redacted?.length ?? 0) + (raw?.length ?? 0);
}
