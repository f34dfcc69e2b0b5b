/**
 * Splits the bytes of one channel into lines, whatever the cuts between reads.
 *
 * Of a line at most `maxStoredBytes` are kept; the rest is counted, hashed and shown to the outline, so that a line of any
 * length costs the same memory. A line end is LF or CRLF and is not part of the line. Blank lines are no messages.
 * @module
 */
import { createHash, type Hash } from "node:crypto";
import type { Gap } from "../core/tap.ts";
import { Outline } from "../mcp/outline.ts";

/** One line, without its line end. */
export interface Line {
  /** What is kept of it; may be a view of the bytes that were pushed. */
  readonly bytes: Uint8Array;
  /** Its whole length on the wire. */
  readonly sizeBytes: number;
  /** Arrival of its last byte, in ms since the Unix epoch. */
  readonly timeMs: number;
  /** Only for a line longer than what is kept. */
  readonly overflow: Overflow | null;
}

/** What is known of a line beyond the bytes that are kept. */
export interface Overflow {
  readonly sha256: string;
  readonly outline: Outline;
}

/** Lines that were not recorded because the queue was full. Bytes include the line ends. */
export interface LineGap {
  readonly messages: number;
  readonly bytes: number;
  readonly timeMs: number;
}

export interface LineHandler {
  onLine(line: Line): void;
  onGap(gap: LineGap): void;
}

const LF = 10;
const CR = 13;
const SPACE = 32;
const TAB = 9;
const CR_BYTE = new Uint8Array([CR]);
const FIRST_PARTIAL_BYTES = 16 * 1024;

export class LineSplitter {
  readonly #maxStoredBytes: number;
  readonly #handler: LineHandler;
  /** The kept start of a line whose end has not come yet. */
  #partial = new Uint8Array(0);
  #partialBytes = 0;
  #sizeBytes = 0;
  #long: LongLine | null = null;
  #gap: { messages: number; bytes: number; timeMs: number } | null = null;

  constructor(maxStoredBytes: number, handler: LineHandler) {
    this.#maxStoredBytes = maxStoredBytes;
    this.#handler = handler;
  }

  /** Takes the next bytes of the channel. Lines handed on may be views of `bytes`: the caller must not reuse them. */
  push(bytes: Uint8Array, timeMs: number): void {
    let from = 0;
    for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, from)) {
      if (this.#gap !== null) this.#closeGap(end + 1 - from);
      else if (this.#sizeBytes === 0) this.#emitWhole(bytes, from, end, timeMs);
      else {
        this.#collect(bytes.subarray(from, end));
        this.#emitCollected(true, timeMs);
      }
      from = end + 1;
    }
    if (from === bytes.length) return;
    if (this.#gap !== null) this.#gap.bytes += bytes.length - from;
    else this.#collect(from === 0 ? bytes : bytes.subarray(from));
  }

  /** Bytes were lost here. A line already begun, and the one that goes on after the gap, are part of the gap. */
  gap(gap: Gap): void {
    const total = this.#gap ??= { messages: 0, bytes: this.#sizeBytes, timeMs: gap.timeMs };
    this.#reset();
    total.bytes += gap.bytes;
    total.messages += gap.lines;
    if (gap.endsLine) this.#emitGap(total);
  }

  /** The channel has ended: a last line without LF is a line all the same. */
  end(timeMs: number): void {
    if (this.#gap !== null) {
      this.#gap.messages++;
      this.#emitGap(this.#gap);
    } else if (this.#sizeBytes > 0) this.#emitCollected(false, timeMs);
  }

  #emitWhole(bytes: Uint8Array, from: number, end: number, timeMs: number): void {
    const stop = end > from && bytes[end - 1] === CR ? end - 1 : end;
    if (stop - from > this.#maxStoredBytes) {
      this.#collect(bytes.subarray(from, end));
      return this.#emitCollected(true, timeMs);
    }
    if (isBlank(bytes, from, stop)) return;
    this.#handler.onLine({
      bytes: bytes.subarray(from, stop),
      sizeBytes: stop - from,
      timeMs,
      overflow: null,
    });
  }

  #collect(bytes: Uint8Array): void {
    this.#sizeBytes += bytes.length;
    // One byte more than is kept, so that a CR that turns out to be the line end does not make the line too long.
    const room = this.#maxStoredBytes + 1 - this.#partialBytes;
    if (this.#long === null && bytes.length <= room) return this.#keep(bytes);
    if (this.#long === null) {
      this.#keep(bytes.subarray(0, room));
      this.#long = new LongLine();
      this.#long.push(this.#partial.subarray(0, this.#partialBytes));
      bytes = bytes.subarray(room);
    }
    this.#long.push(bytes);
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#partialBytes + bytes.length;
    if (needed > this.#partial.length) {
      const grown = Math.min(
        this.#maxStoredBytes + 1,
        Math.max(needed, this.#partial.length * 2, FIRST_PARTIAL_BYTES),
      );
      const next = new Uint8Array(grown);
      next.set(this.#partial.subarray(0, this.#partialBytes));
      this.#partial = next;
    }
    this.#partial.set(bytes, this.#partialBytes);
    this.#partialBytes = needed;
  }

  #emitCollected(ended: boolean, timeMs: number): void {
    const long = this.#long;
    const endsWithCr = ended && (long?.lastIsCr ?? this.#partial[this.#partialBytes - 1] === CR);
    const sizeBytes = endsWithCr ? this.#sizeBytes - 1 : this.#sizeBytes;
    const kept = this.#partial.slice(0, Math.min(sizeBytes, this.#maxStoredBytes));
    const cut = sizeBytes > kept.length;
    const overflow = !cut
      ? null
      : (long ?? LongLine.of(this.#partial.subarray(0, this.#partialBytes))).finish(endsWithCr);
    this.#reset();
    if (!cut && isBlank(kept, 0, kept.length)) return;
    this.#handler.onLine({ bytes: kept, sizeBytes, timeMs, overflow });
  }

  #closeGap(bytes: number): void {
    const gap = this.#gap;
    if (gap === null) return;
    gap.messages++;
    gap.bytes += bytes;
    this.#emitGap(gap);
  }

  #emitGap(gap: LineGap): void {
    this.#gap = null;
    this.#handler.onGap(gap);
  }

  #reset(): void {
    this.#partialBytes = 0;
    this.#sizeBytes = 0;
    this.#long = null;
    // A long line's buffer is not kept for the short ones that follow.
    if (this.#partial.length > 8 * FIRST_PARTIAL_BYTES) this.#partial = new Uint8Array(0);
  }
}

/** Hash and outline of a line too long to keep. Holds a CR back: at the end of the line it is not part of it. */
class LongLine {
  lastIsCr = false;
  readonly #hash: Hash = createHash("sha256");
  readonly #outline = new Outline();

  static of(bytes: Uint8Array): LongLine {
    const line = new LongLine();
    line.push(bytes);
    return line;
  }

  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.lastIsCr) this.#feed(CR_BYTE);
    this.lastIsCr = bytes[bytes.length - 1] === CR;
    this.#feed(this.lastIsCr ? bytes.subarray(0, -1) : bytes);
  }

  finish(endsWithCr: boolean): Overflow {
    if (this.lastIsCr && !endsWithCr) this.#feed(CR_BYTE);
    return { sha256: this.#hash.digest("hex"), outline: this.#outline };
  }

  #feed(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#outline.push(bytes);
  }
}

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    if (bytes[at] !== SPACE && bytes[at] !== TAB) return false;
  }
  return true;
}
