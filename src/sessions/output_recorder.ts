/** Collects a session's output into chunks for the store, and keeps what the store does not take yet. @module */
import type { TerminalSize } from "../core/session.ts";
import type { OutputChunk, OutputFrame } from "../store/session_output.ts";

/** A chunk is full with this many bytes: zstd finds most of what repeats within 64 KiB. */
const CHUNK_BYTES = 64 * 1024;
/** What waits for a store that takes nothing, in bytes for each session; beyond it the oldest goes, and a marker says so. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024;

export class OutputRecorder {
  #frames: OutputFrame[] = [];
  #bytes = 0;
  #firstSeq: number;
  #seq: number;
  readonly #full: { readonly chunk: OutputChunk; readonly bytes: number }[] = [];
  #fullBytes = 0;
  /** Bytes before this one were handed over, or came before. */
  #handedSeq: number;

  /** `seq`: the number of the first byte that comes. */
  constructor(seq: number) {
    this.#seq = this.#firstSeq = this.#handedSeq = seq;
  }

  /** True when there is something that a store could take. */
  get isEmpty(): boolean {
    return this.#full.length === 0 && this.#frames.length === 0;
  }

  /** True when a whole chunk waits. */
  get hasFull(): boolean {
    return this.#full.length > 0;
  }

  output(bytes: Uint8Array<ArrayBuffer>, timeUs: number): void {
    this.#add({ kind: "output", timeUs, bytes });
    this.#seq += bytes.length;
    this.#bytes += bytes.length;
    if (this.#bytes >= CHUNK_BYTES) this.#close();
  }

  resize(size: TerminalSize, timeUs: number): void {
    this.#add({ kind: "resize", timeUs, size });
  }

  /**
   * Hands every chunk to `append`, oldest first, and forgets it when that returns. What it throws is the caller's; what was not taken is
   * offered again the next time.
   */
  flush(append: (chunk: OutputChunk) => void): void {
    this.#close();
    for (let first = this.#full[0]; first !== undefined; first = this.#full[0]) {
      append(this.#withLoss(first.chunk));
      this.#handedSeq = first.chunk.firstSeq + first.bytes;
      this.#full.shift();
      this.#fullBytes -= first.bytes;
    }
  }

  #add(frame: OutputFrame): void {
    if (this.#frames.length === 0) this.#firstSeq = this.#seq;
    this.#frames.push(frame);
  }

  #close(): void {
    if (this.#frames.length === 0) return;
    this.#full.push({ chunk: { firstSeq: this.#firstSeq, frames: this.#frames }, bytes: this.#bytes });
    this.#fullBytes += this.#bytes;
    this.#frames = [];
    this.#bytes = 0;
    while (this.#fullBytes > MAX_WAITING_BYTES) {
      const oldest = this.#full.shift();
      if (!oldest) break;
      this.#fullBytes -= oldest.bytes;
    }
  }

  /** The first chunk behind a gap says how much is missing. */
  #withLoss(chunk: OutputChunk): OutputChunk {
    const lostBytes = chunk.firstSeq - this.#handedSeq;
    const [first] = chunk.frames;
    if (lostBytes <= 0 || !first) return chunk;
    const text = `km could not store ${lostBytes} bytes of output before this`;
    return { ...chunk, frames: [{ kind: "marker", timeUs: first.timeUs, text }, ...chunk.frames] };
  }
}
