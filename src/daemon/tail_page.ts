/** Puts new events together for each group of streams: every event becomes text once, and groups share what is large. @module */
import { eventFrame, type StreamFormat } from "../api/stream/frames.ts";
import { LARGE_FRAME } from "../api/stream/page.ts";
import type { TailEvent } from "../store/event_tail.ts";
import type { GroupPieces, Piece } from "./tail_messages.ts";

/** A piece is at least this large when there is more, in bytes: every queued piece costs each client a write and some garbage. */
const PIECE_BYTES = 64 * 1024;
/** A page ends when one group has this many bytes, so that a client that reads has taken a page before the next but one comes… */
const MAX_GROUP_BYTES = 128 * 1024;
/** …or all have this many… */
const MAX_PAGE_BYTES = 2 * 1024 * 1024;
/** …or when this many events were looked at. */
const MAX_PAGE_EVENTS = 4000;

const encoder = new TextEncoder();

export interface PageGroup {
  readonly id: number;
  readonly format: StreamFormat;
  readonly matches: (event: TailEvent) => boolean;
}

/** Frames of one group that are not a piece yet. */
class OpenPiece {
  readonly group: PageGroup;
  readonly pieces: number[] = [];
  frames: Uint8Array[] = [];
  bytes = 0;
  /** Of all its pieces. */
  total = 0;
  firstSeq = 0;

  constructor(group: PageGroup) {
    this.group = group;
  }
}

/** The frames of one event, made when the first group wants them. */
interface EventFrames {
  sse?: Uint8Array<ArrayBuffer>;
  /** Place of the piece that several groups share. */
  shared: Partial<Record<StreamFormat, number>>;
}

export class PageBuilder {
  readonly #groups: readonly OpenPiece[];
  readonly #pieces: Piece[] = [];
  #bytes = 0;
  #mostOfGroup = 0;
  #events = 0;

  constructor(groups: Iterable<PageGroup>) {
    this.#groups = Array.from(groups, (group) => new OpenPiece(group));
  }

  get isFull(): boolean {
    return this.#mostOfGroup >= MAX_GROUP_BYTES || this.#bytes >= MAX_PAGE_BYTES ||
      this.#events >= MAX_PAGE_EVENTS;
  }

  add(event: TailEvent): void {
    this.#events++;
    const made: EventFrames = { shared: {} };
    for (const open of this.#groups) {
      if (!open.group.matches(event)) continue;
      if (open.group.format === "ws") this.#share(open, event, made);
      else this.#append(open, event, made);
    }
  }

  finish(): { readonly pieces: readonly Piece[]; readonly groups: readonly GroupPieces[] } {
    for (const open of this.#groups) this.#close(open);
    const groups = this.#groups.filter(({ pieces }) => pieces.length > 0)
      .map(({ group, pieces }) => ({ group: group.id, pieces }));
    return { pieces: this.#pieces, groups };
  }

  #append(open: OpenPiece, event: TailEvent, made: EventFrames): void {
    if (made.shared.sse !== undefined) return this.#share(open, event, made);
    if (made.sse === undefined) {
      const frame = eventFrame("sse", event);
      if (frame.length > LARGE_FRAME) return this.#share(open, event, made);
      made.sse = encoder.encode(frame);
    }
    if (open.frames.length === 0) open.firstSeq = event.seq;
    open.frames.push(made.sse);
    open.bytes += made.sse.length;
    this.#bytes += made.sse.length;
    this.#grow(open, made.sse.length);
    if (open.bytes >= PIECE_BYTES) this.#close(open);
  }

  /** A piece of its own, the same for all groups of the format. */
  #share(open: OpenPiece, event: TailEvent, made: EventFrames): void {
    const { format } = open.group;
    let place = made.shared[format];
    if (place === undefined) {
      const data = format === "ws" ? eventFrame("ws", event) : null;
      this.#bytes += data?.length ?? 0;
      place = this.#pieces.push({ data, events: 1, seq: event.seq }) - 1;
      made.shared[format] = place;
    }
    this.#close(open);
    open.pieces.push(place);
    this.#grow(open, this.#pieces[place]?.data?.length ?? 0);
  }

  #grow(open: OpenPiece, sizeBytes: number): void {
    open.total += sizeBytes;
    this.#mostOfGroup = Math.max(this.#mostOfGroup, open.total);
  }

  #close(open: OpenPiece): void {
    if (open.frames.length === 0) return;
    const data = concat(open.frames, open.bytes);
    open.pieces.push(this.#pieces.push({ data, events: open.frames.length, seq: open.firstSeq }) - 1);
    open.frames = [];
    open.bytes = 0;
  }
}

/** One buffer that belongs to nothing else, so that it can change threads. */
function concat(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
