/** Bytes that were read and could not be written yet. @module */
import { addressOf } from "./libc.ts";
import type { Sink } from "./sink.ts";

/** Bytes that wait for a reader, in the order they came. Holds memory only while something waits. */
export class Backlog {
  readonly #maxBytes: number;
  #memory: SharedArrayBuffer;
  #bytes: Uint8Array;
  #address: number;
  #start = 0;
  #end = 0;

  /** `maxBytes` bounds `room`; the first `initialBytes` of it are held from the start. */
  constructor(initialBytes: number, maxBytes: number = initialBytes) {
    this.#maxBytes = maxBytes;
    this.#memory = new SharedArrayBuffer(initialBytes);
    this.#bytes = new Uint8Array(this.#memory);
    this.#address = addressOf(this.#memory);
  }

  get size(): number {
    return this.#end - this.#start;
  }

  /** How many bytes may still be held. */
  get room(): number {
    return this.#maxBytes - this.size;
  }

  /** Holds a copy of `bytes`, which must fit in `room`. */
  hold(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#bytes.length) this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Writes what it can to `sink`. Returns false when the reader has gone. */
  flushTo(sink: Sink): boolean {
    if (this.size === 0) return true;
    const written = sink.write(this.#address + this.#start, this.size);
    if (written < 0) return false;
    this.#start += written;
    if (this.#start === this.#end) this.#start = this.#end = 0;
    return true;
  }

  clear(): void {
    this.#start = this.#end = 0;
  }

  #makeRoom(bytes: number): void {
    const held = this.#bytes.slice(this.#start, this.#end);
    if (held.length + bytes > this.#bytes.length) {
      this.#memory = new SharedArrayBuffer(Math.min(this.#maxBytes, 2 * (held.length + bytes)));
      this.#bytes = new Uint8Array(this.#memory);
      this.#address = addressOf(this.#memory);
    }
    this.#bytes.set(held, 0);
    this.#start = 0;
    this.#end = held.length;
  }
}
