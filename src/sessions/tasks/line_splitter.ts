/** Lines of a stream of bytes, however it is cut; a line that is too long costs no more than the longest one that is kept. @module */

/** A line without its end. */
export interface Line {
  readonly text: string;
  /** Bytes at its end that were left out, for it was too long. */
  readonly leftOut: number;
}

/** Longest line that is kept whole, in bytes: agents report what a tool has read in one line. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;
/** What is kept of a longer one, in bytes. */
const KEPT_OF_LONG_BYTES = 4096;
const LINE_FEED = 0x0a;

export class LineSplitter {
  readonly #maxBytes: number;
  #pieces: Uint8Array[] = [];
  #keptBytes = 0;
  #leftOut = 0;
  #isLong = false;

  constructor(maxBytes = MAX_LINE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in `chunk`, which is not kept. */
  push(chunk: Uint8Array): Line[] {
    const lines: Line[] = [];
    let from = 0;
    for (let end; (end = chunk.indexOf(LINE_FEED, from)) >= 0; from = end + 1) {
      this.#add(chunk.subarray(from, end));
      lines.push(this.#take());
    }
    this.#add(chunk.subarray(from));
    return lines;
  }

  /** What is left at the end of the stream. */
  end(): Line[] {
    return this.#keptBytes === 0 ? [] : [this.#take()];
  }

  #add(piece: Uint8Array): void {
    if (piece.length === 0) return;
    if (!this.#isLong && this.#keptBytes + piece.length > this.#maxBytes) this.#cut();
    const room = this.#isLong ? Math.max(0, KEPT_OF_LONG_BYTES - this.#keptBytes) : piece.length;
    const kept = piece.slice(0, room);
    this.#pieces.push(kept);
    this.#keptBytes += kept.length;
    this.#leftOut += piece.length - kept.length;
  }

  /** From here on the line is too long: of what there is, the beginning stays. */
  #cut(): void {
    const start = joined(this.#pieces, this.#keptBytes).slice(0, KEPT_OF_LONG_BYTES);
    this.#isLong = true;
    this.#leftOut = this.#keptBytes - start.length;
    this.#pieces = [start];
    this.#keptBytes = start.length;
  }

  #take(): Line {
    const text = new TextDecoder().decode(joined(this.#pieces, this.#keptBytes));
    const line = { text: text.endsWith("\r") ? text.slice(0, -1) : text, leftOut: this.#leftOut };
    this.#pieces = [];
    this.#keptBytes = 0;
    this.#leftOut = 0;
    this.#isLong = false;
    return line;
  }
}

function joined(pieces: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
