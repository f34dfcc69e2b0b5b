/** What was written to a terminal and waits until that has room. @module */
import type { PtyLibc } from "./pty_libc.ts";

/** Bytes that may wait for a program which does not read its input. */
export const MAX_PTY_QUEUE_BYTES = 8 * 1024 * 1024;
/** Most that is given to the kernel in one call: it copies all of that before it returns. */
const PIECE_BYTES = 64 * 1024;

/** The way into one terminal: at once while that has room, else in order, later. */
export class PtyInput {
  readonly #libc: PtyLibc;
  readonly #fd: number;
  #queue: Uint8Array<ArrayBuffer>[] = [];
  #queuedBytes = 0;

  constructor(libc: PtyLibc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** False: there is no room for all of it, nothing was taken. */
  write(bytes: Uint8Array): boolean {
    if (this.#queuedBytes + bytes.length > MAX_PTY_QUEUE_BYTES) return false;
    const taken = this.#queuedBytes === 0 ? this.#give(bytes) : 0;
    if (taken < bytes.length) {
      this.#queue.push(bytes.slice(taken) as Uint8Array<ArrayBuffer>); // A slice has memory of its own.
      this.#queuedBytes += bytes.length - taken;
    }
    return true;
  }

  /** The terminal has room again. */
  flush(): void {
    let [first] = this.#queue;
    while (first) {
      const taken = this.#give(first);
      this.#queuedBytes -= taken;
      if (taken < first.length) {
        this.#queue[0] = first.subarray(taken);
        return;
      }
      this.#queue.shift();
      [first] = this.#queue;
    }
  }

  /** Nobody will read it any more. */
  discard(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
  }

  /** Returns how much of `bytes` the terminal took now. */
  #give(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length) {
      // Whose memory it is does not matter to write(2), which only reads it.
      const piece = bytes.subarray(taken, taken + PIECE_BYTES) as Uint8Array<ArrayBuffer>;
      const count = this.#libc.calls.write(this.#fd, piece, piece.length);
      // Full (EAGAIN), or nobody holds the other side open now: both may change.
      if (count <= 0) break;
      taken += count;
    }
    return taken;
  }
}
