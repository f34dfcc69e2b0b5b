/**
 * All streams. Those with equal filters are a group: their events are put together once, in the tail's thread, and each stream costs one
 * enqueue.
 *
 * Why nothing is lost or sent twice: the tail answers a join with everything up to its head and from then on makes pages for the group. Its
 * messages are handled one by one in the order they were posted, so pages from before the answer find the stream not live yet, and all
 * later ones find it live.
 * @module
 */
import type { EventFilter } from "../core/filter.ts";
import type { Reader } from "../api/deps.ts";
import { parseCursor } from "../api/cursor.ts";
import { ApiError } from "../api/errors.ts";
import type { StreamCounters, StreamRequest, Streams, StreamSink } from "../api/stream/streams.ts";
import type { EndReason, StreamFormat } from "../api/stream/frames.ts";
import { Stream, type StreamDeps } from "./stream.ts";
import type { Tail, TailListener } from "./tail.ts";
import type { Piece, TailGroup, TailPage, TailSkip } from "./tail_messages.ts";

export interface HubOptions {
  readonly tail: Tail;
  readonly reader: Reader;
  /** Setting `serve.maxStreams`, as it is now. */
  readonly maxStreams: () => number;
  readonly heartbeatMs?: number;
}

/** Proxies and browsers give up on what is silent for 30 s and more. */
const HEARTBEAT_MS = 15_000;
/** What is queued beyond this makes the tail wait… */
const MUCH_BYTES = 384 * 1024;
/** …for so long at most, in ms: one client that reads slowly must not delay the others by more. */
const MAX_WAIT_MS = 100;
const WAIT_STEP_MS = 5;
/** What a client waits that was refused, in s. */
const RETRY_AFTER_S = 5;

interface Group {
  /** What crosses to the thread. */
  readonly tail: TailGroup;
  readonly key: string;
  readonly streams: Set<Stream>;
}

export class StreamHub implements Streams, TailListener, Disposable {
  readonly #options: HubOptions;
  readonly #groups = new Map<number, Group>();
  readonly #groupsByKey = new Map<string, Group>();
  readonly #deps: StreamDeps;
  #count = 0;
  #lastGroup = 0;
  #head = 0;
  #resyncs = 0;
  #heart: ReturnType<typeof setInterval> | undefined;
  #stopped = false;

  constructor(options: HubOptions) {
    this.#options = options;
    const { tail, reader } = options;
    tail.listener = this;
    this.#deps = {
      join: (group, after, callback) =>
        tail.join(group, after, (answer) => {
          if (answer.kind === "joined") this.#head = answer.head;
          callback(answer);
        }),
      slice: (seq, offset, callback) => tail.slice(seq, offset, callback),
      reader,
      head: () => this.#head,
      onResync: () => this.#resyncs++,
      onFailure: (stream) => this.#remove(stream, "going_away"),
    };
  }

  open({ filter, after, isAllowed }: StreamRequest, sink: StreamSink): () => void {
    const maxStreams = this.#options.maxStreams();
    if (this.#stopped) throw refuse("stopping", "Cannot open a stream: km serve is stopping");
    if (this.#count >= maxStreams) {
      throw refuse("too_many_streams", `Cannot open a stream: ${maxStreams} are open`, {
        hint: 'close some, or raise "serve.maxStreams"',
      });
    }
    const group = this.#groupOf(filter, sink.format);
    const stream = new Stream(group.tail, { sink, isAllowed }, this.#deps);
    group.streams.add(stream);
    this.#count++;
    this.#heart ??= setInterval(() => this.#beat(), this.#options.heartbeatMs ?? HEARTBEAT_MS);
    // A text that is no cursor of ours is as one of another store.
    stream.start(after === null ? null : parseCursor(after) ?? Number.MAX_SAFE_INTEGER);
    return () => this.#remove(stream, "going_away");
  }

  recheck(): void {
    for (const stream of this.#streams()) {
      void stream.isAllowed().catch(() => false).then((isAllowed) => {
        if (!isAllowed) this.#remove(stream, "credentials");
      });
    }
  }

  counters(): StreamCounters {
    const streams = this.#streams();
    return {
      streams: this.#count,
      filters: new Set([...this.#groups.values()].map(({ tail }) => JSON.stringify(tail.filter))).size,
      slow: streams.filter((stream) => stream.isSlow).length,
      queuedBytes: streams.reduce((sum, { sink }) => sum + sink.queuedBytes, 0),
      resyncs: this.#resyncs,
    };
  }

  onNews(news: TailPage | TailSkip): Promise<void> | void {
    this.#head = news.head;
    if (news.kind === "skip") return this.#skip(news);
    for (const { group, pieces } of news.groups) {
      const found = this.#groups.get(group);
      if (!found) continue;
      const own = pieces.map((place) => news.pieces[place] as Piece); // as: the tail counts its own pieces
      for (const stream of found.streams) stream.deliver(own);
    }
    if (this.#hasMuchQueued()) return this.#drained();
  }

  onEnd(): void {
    for (const stream of this.#streams()) this.#remove(stream, "going_away");
  }

  /** Says goodbye to every client. */
  [Symbol.dispose](): void {
    this.#stopped = true;
    this.onEnd();
  }

  /** Some client that reads has not taken yet what it was sent. */
  #hasMuchQueued(): boolean {
    for (const { streams } of this.#groups.values()) {
      for (const stream of streams) if (stream.isLive && stream.sink.queuedBytes > MUCH_BYTES) return true;
    }
    return false;
  }

  /** Waits a moment for the clients, so that a burst makes nobody slow who reads. */
  async #drained(): Promise<void> {
    const end = performance.now() + MAX_WAIT_MS;
    while (!this.#stopped && this.#hasMuchQueued() && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, WAIT_STEP_MS));
    }
  }

  #skip({ reason, missed }: TailSkip): void {
    for (const { tail, streams } of this.#groups.values()) {
      const isUnfiltered = Object.keys(tail.filter).length === 0;
      for (const stream of streams) stream.skip({ reason, missed: isUnfiltered ? missed : null });
    }
  }

  #streams(): Stream[] {
    return [...this.#groups.values()].flatMap(({ streams }) => [...streams]);
  }

  #beat(): void {
    this.recheck();
    for (const { streams } of this.#groups.values()) {
      for (const stream of streams) stream.heartbeat();
    }
  }

  #groupOf(filter: EventFilter, format: StreamFormat): Group {
    const entries = Object.entries(filter).filter(([, value]) => value !== undefined).sort();
    const key = JSON.stringify([format, entries]);
    let group = this.#groupsByKey.get(key);
    if (!group) {
      const tail = { id: ++this.#lastGroup, filter: Object.fromEntries(entries), format };
      group = { tail, key, streams: new Set() };
      this.#groups.set(tail.id, group);
      this.#groupsByKey.set(key, group);
    }
    return group;
  }

  #remove(stream: Stream, reason: EndReason): void {
    stream.close(reason);
    const group = this.#groups.get(stream.group.id);
    if (!group?.streams.delete(stream)) return;
    this.#count--;
    if (group.streams.size === 0) {
      this.#groups.delete(group.tail.id);
      this.#groupsByKey.delete(group.key);
      this.#options.tail.leave(group.tail.id);
    }
    if (this.#count > 0) return;
    clearInterval(this.#heart);
    this.#heart = undefined;
  }
}

function refuse(code: string, message: string, options: { readonly hint?: string } = {}): ApiError {
  return new ApiError(503, code, message, { ...options, headers: { "Retry-After": String(RETRY_AFTER_S) } });
}
