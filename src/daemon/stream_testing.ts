/** A hub on a real store in one thread, and clients that a test holds and releases. Not part of the program. @module */
import { answerQuery } from "../api/queries.ts";
import type { Reader } from "../api/deps.ts";
import type { StreamSink } from "../api/stream/streams.ts";
import type { EndReason, StreamFormat } from "../api/stream/frames.ts";
import type { Batch, Event } from "../core/event.ts";
import { EventWriter } from "../store/event_writer.ts";
import { openDatabase } from "../store/database.ts";
import { makeEvent, makeRun, NOON_US, TempFolder } from "../store/testing.ts";
import { type HubOptions, StreamHub } from "./stream_hub.ts";
import type { Tail, TailListener } from "./tail.ts";
import type { FromTail, TailGroup } from "./tail_messages.ts";
import { type TailOptions, TailReader } from "./tail_reader.ts";

/** A tail without a thread: its messages still come later and in order. */
class LocalTail implements Tail {
  readonly reader: TailReader;
  readonly #callbacks = new Map<number, (answer: never) => void>();
  readonly #queue: FromTail[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastId = 0;
  listener: TailListener | null = null;

  constructor(options: Omit<TailOptions, "post">) {
    this.reader = new TailReader({
      ...options,
      post: (message, transfer) => {
        this.#queue.push(structuredClone(message, { transfer }));
        this.#timer ??= setTimeout(() => this.#flush(), 0);
      },
    });
  }

  join(group: TailGroup, after: number | null, callback: Parameters<Tail["join"]>[2]): void {
    this.reader.handle({ kind: "join", id: this.#expect(callback), group: structuredClone(group), after });
  }

  slice(seq: number, offset: number, callback: Parameters<Tail["slice"]>[2]): void {
    this.reader.handle({ kind: "slice", id: this.#expect(callback), seq, offset });
  }

  leave(group: number): void {
    this.reader.handle({ kind: "leave", group });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.reader[Symbol.dispose]();
  }

  #expect(callback: (answer: never) => void): number {
    this.#callbacks.set(++this.#lastId, callback);
    return this.#lastId;
  }

  #flush(): void {
    this.#timer = undefined;
    const message = this.#queue.shift();
    if (this.#queue.length > 0) this.#timer = setTimeout(() => this.#flush(), 0);
    if (!message) return;
    if (message.kind === "page" || message.kind === "skip") {
      void Promise.resolve(this.listener?.onNews(message)).then(() => this.reader.handle({ kind: "taken" }));
    } else {
      const callback = this.#callbacks.get(message.id);
      this.#callbacks.delete(message.id);
      callback?.(message as never); // as: whoever asked knows which answer comes
    }
  }
}

/** Something that a client got. */
export interface Received {
  readonly type: string;
  readonly cursor: string;
  readonly data: string;
}

/** A client that takes everything at once, or nothing while it is held. */
export class FakeSink implements StreamSink {
  readonly format: StreamFormat;
  /** All that came. */
  text = "";
  readonly #received = new Map<string, Received[]>();
  #partial = "";
  queuedBytes = 0;
  mostQueuedBytes = 0;
  isClosed = false;
  endReason: EndReason | null = null;
  #held = false;
  #onDrained: (() => void) | null = null;

  constructor(format: StreamFormat = "sse") {
    this.format = format;
  }

  send(data: Uint8Array<ArrayBuffer> | string): void {
    if (this.#held) {
      this.queuedBytes += data.length;
      this.mostQueuedBytes = Math.max(this.mostQueuedBytes, this.queuedBytes);
    }
    const text = typeof data === "string" ? data : new TextDecoder().decode(data);
    this.text += text;
    if (this.format === "ws") return this.#receive(readFrame(text));
    const blocks = (this.#partial + text).split("\n\n");
    this.#partial = blocks.pop() ?? "";
    for (const block of blocks) this.#receive(readBlock(block));
  }

  whenDrained(callback: () => void): void {
    this.#onDrained = callback;
    this.#look();
  }

  close(reason: EndReason): void {
    this.isClosed = true;
    this.endReason = reason;
    this.#onDrained = null;
  }

  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.queuedBytes = 0;
    this.#look();
  }

  /** Everything that has a type. */
  of(type: string): readonly Received[] {
    return this.#received.get(type) ?? [];
  }

  events(): Event[] {
    return this.of("event").map(({ data }) => {
      const value = JSON.parse(data) as Event & { readonly event: Event }; // as: our own frames
      return this.format === "ws" ? value.event : value;
    });
  }

  #receive(received: Received): void {
    const list = this.#received.get(received.type) ?? [];
    list.push(received);
    this.#received.set(received.type, list);
  }

  #look(): void {
    if (this.queuedBytes > 0 || !this.#onDrained) return;
    const callback = this.#onDrained;
    this.#onDrained = null;
    callback();
  }
}

function readFrame(frame: string): Received {
  const { type, cursor } = JSON.parse(frame) as { type: string; cursor: string }; // as: our own frames
  return { type, cursor, data: frame };
}

function readBlock(block: string): Received {
  const fields = new Map(
    block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
  );
  return {
    type: fields.get("event") ?? "",
    cursor: fields.get("id") ?? "",
    data: fields.get("data") ?? "",
  };
}

/** A store with a writer of its own, as another process has, and a hub on it. */
export class HubOnStore implements Disposable {
  readonly folder = new TempFolder();
  readonly db = openDatabase(this.folder.databasePath, { mode: "write" });
  readonly #writer = new EventWriter(this.db);
  readonly #reading = openDatabase(this.folder.databasePath, { mode: "read" });
  readonly #tail: LocalTail;
  readonly hub: StreamHub;
  #made = 0;

  constructor(options: Partial<HubOptions & TailOptions> = {}) {
    const path = this.folder.databasePath;
    this.#tail = new LocalTail({ pollMs: 2, ...options, path });
    const reader: Reader = {
      query: (name, args) =>
        Promise.resolve(new TextEncoder().encode(answerQuery(this.#reading, name, args))),
    };
    this.hub = new StreamHub({ maxStreams: () => 1000, ...options, tail: this.#tail, reader });
  }

  append(batch: Partial<Batch>): void {
    this.#writer.append({ run: makeRun(), events: [], calls: [], tools: [], ...batch });
  }

  /** Records `count` messages; `bytes` is the length of each one's text. */
  record(count: number, bytes = 20, server = "files"): void {
    const events = Array.from({ length: count }, () => {
      const text = JSON.stringify({ n: ++this.#made, text: "x".repeat(bytes) });
      return makeEvent("notification", NOON_US + this.#made, { text });
    });
    this.append({ run: makeRun({ correlationId: `run of ${server}`, server }), events });
  }

  [Symbol.dispose](): void {
    this.hub[Symbol.dispose]();
    this.#tail[Symbol.dispose]();
    this.#reading[Symbol.dispose]();
    this.db[Symbol.dispose]();
    this.folder[Symbol.dispose]();
  }
}
