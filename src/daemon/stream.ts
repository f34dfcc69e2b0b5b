/**
 * One client's stream. It catches up (asks for one page after the other, as fast as the client takes them), then it is live (gets what its
 * group gets). A live one whose client does not read is slow: it gets nothing until it has taken what is queued, and then a resync.
 * @module
 */
import type { Reader } from "../api/deps.ts";
import type { StreamRequest, StreamSink } from "../api/stream/streams.ts";
import {
  endFrame,
  type EndReason,
  heartbeatFrame,
  openFrame,
  type Resync,
  resyncFrame,
} from "../api/stream/frames.ts";
import type { StreamPage } from "../api/stream/page.ts";
import type { Tail } from "./tail.ts";
import type { JoinAnswer, Piece, SliceAnswer, TailFailure, TailGroup } from "./tail_messages.ts";

/** Most that is queued for a client before it counts as slow, in bytes. Of a piece that many clients wait for, there is one. */
export const MAX_QUEUED_BYTES = 768 * 1024;

/** What all streams share. */
export interface StreamDeps {
  readonly join: Tail["join"];
  readonly slice: Tail["slice"];
  readonly reader: Reader;
  /** Everything up to here has been passed on to the live ones. */
  head(): number;
  onResync(): void;
  /** The stream cannot go on; its client may connect again. */
  onFailure(stream: Stream): void;
}

type State = "catching_up" | "in_large" | "live" | "slow" | "closed";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Stream {
  readonly group: TailGroup;
  readonly sink: StreamSink;
  readonly isAllowed: StreamRequest["isAllowed"];
  readonly #deps: StreamDeps;
  #state: State = "catching_up";
  /** Everything up to here was sent, while it is not live. */
  #cursor = 0;
  /** Events that a slow client did not get. */
  #missed: number | null = 0;
  /** While it reads from far back. */
  #reading: AbortController | null = null;

  constructor(
    group: TailGroup,
    { sink, isAllowed }: Pick<Stream, "sink" | "isAllowed">,
    deps: StreamDeps,
  ) {
    this.group = group;
    this.sink = sink;
    this.isAllowed = isAllowed;
    this.#deps = deps;
  }

  get isSlow(): boolean {
    return this.#state === "slow";
  }

  /** True while it is sent what its group gets. */
  get isLive(): boolean {
    return this.#state === "live";
  }

  /** Starts after the event with this seq; null: with what comes from now on. */
  start(after: number | null): void {
    this.#say(openFrame(this.sink.format));
    this.#join(after);
  }

  /** Passes on what is new for its group. */
  deliver(pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      if (this.#state === "slow") this.#miss(piece.events);
      else if (this.#state !== "live") return;
      else if (piece.data === null) this.#fallBack(piece.seq - 1);
      else if (this.#hasRoomFor(piece.data.length)) this.sink.send(piece.data);
      else this.#becomeSlow(piece.events);
    }
  }

  /** Passes on that its group misses something. */
  skip(resync: Resync): void {
    if (this.#state === "slow") this.#miss(resync.missed);
    else if (this.#state === "live") this.#resync(resync);
  }

  heartbeat(): void {
    if (this.sink.queuedBytes >= MAX_QUEUED_BYTES) return;
    if (this.#state === "live") this.#say(heartbeatFrame(this.sink.format, this.#deps.head()));
    else if (this.#state === "catching_up" && this.#cursor > 0) {
      this.#say(heartbeatFrame(this.sink.format, this.#cursor));
    }
  }

  /** Ends it, and tells the client, where there is one, why. */
  close(reason: EndReason): void {
    if (this.#state === "closed") return;
    if (this.#state !== "in_large") this.#say(endFrame(this.sink.format, reason));
    this.#state = "closed";
    this.#reading?.abort();
    this.sink.close(reason);
  }

  #hasRoomFor(sizeBytes: number): boolean {
    const { queuedBytes } = this.sink;
    return queuedBytes === 0 || queuedBytes + sizeBytes <= MAX_QUEUED_BYTES;
  }

  #becomeSlow(missed: number): void {
    this.#state = "slow";
    this.#missed = missed;
    this.sink.whenDrained(() => {
      if (this.#state !== "slow") return;
      this.#state = "live";
      this.#resync({ reason: "slow", missed: this.#missed });
    });
  }

  #miss(events: number | null): void {
    this.#missed = events === null || this.#missed === null ? null : this.#missed + events;
  }

  #resync(resync: Resync): void {
    this.#deps.onResync();
    this.#say(resyncFrame(this.sink.format, resync, this.#deps.head()));
  }

  /** Goes on as one that catches up, because what comes next is too large to be queued. */
  #fallBack(cursor: number): void {
    this.#state = "catching_up";
    this.#cursor = cursor;
    this.#whenTaken(() => this.#join(cursor));
  }

  #join(after: number | null): void {
    this.#deps.join(this.group, after, (answer) => this.#joined(answer));
  }

  #joined(answer: JoinAnswer | TailFailure): void {
    if (this.#state === "closed") return;
    if (answer.kind === "failed") return this.#deps.onFailure(this);
    this.#sendFrames(answer.frames);
    this.#cursor = answer.cursor;
    switch (answer.state) {
      case "live":
        this.#state = "live";
        return this.#say(heartbeatFrame(this.sink.format, answer.cursor));
      case "lost":
        this.#state = "live";
        return this.#resync(answer.resync);
      case "near":
        return this.#whenTaken(() => this.#join(this.#cursor));
      case "far":
        return void this.#readFar(answer.head).catch(() => this.#deps.onFailure(this));
      case "large":
        return this.#sendLarge(answer.seq);
    }
  }

  /** Reads a page by the store's indexes. */
  async #readFar(until: number): Promise<void> {
    const { filter, format } = this.group;
    const args = { filter, format, after: this.#cursor, until };
    this.#reading ??= new AbortController();
    const json = await this.#deps.reader.query("streamPage", args, { signal: this.#reading.signal });
    if (this.#state === "closed") return;
    const page = JSON.parse(decoder.decode(json)) as StreamPage; // as: what the query of this name gives
    this.#sendFrames(page.frames);
    this.#cursor = page.cursor;
    if (page.large !== null) this.#sendLarge(page.large);
    else this.#whenTaken(() => this.#join(this.#cursor));
  }

  #sendLarge(seq: number): void {
    this.#whenTaken(() => {
      this.#state = "in_large";
      this.#askForSlice(seq, 0);
    });
  }

  #askForSlice(seq: number, offset: number): void {
    this.#deps.slice(seq, offset, (answer) => this.#sendSlice(seq, offset, answer));
  }

  #sendSlice(seq: number, offset: number, answer: SliceAnswer | TailFailure): void {
    if (this.#state === "closed") return;
    // What was begun cannot be taken back: the client reads half an event, drops it and connects again.
    if (answer.kind === "failed" || (answer.data === null && offset > 0)) return this.#deps.onFailure(this);
    if (answer.data) this.sink.send(answer.data);
    if (!answer.last) {
      return this.#whenTaken(() => this.#askForSlice(seq, offset + (answer.data?.length ?? 0)));
    }
    this.#state = "catching_up";
    this.#cursor = seq;
    this.#whenTaken(() => this.#join(seq));
  }

  #whenTaken(next: () => void): void {
    this.sink.whenDrained(() => {
      if (this.#state !== "closed") next();
    });
  }

  #sendFrames(frames: readonly string[]): void {
    if (frames.length === 0) return;
    if (this.sink.format === "sse") this.sink.send(encoder.encode(frames.join("")));
    else for (const frame of frames) this.sink.send(frame);
  }

  #say(frame: string | null): void {
    if (frame !== null) this.sink.send(this.sink.format === "sse" ? encoder.encode(frame) : frame);
  }
}
