/** Cuts a stream of UTF-8 between characters, not within one: xterm.js 6.0.0 loses `E2 80 99` (’) when it is fed `E2 80` and `99`. @module */

/** Bytes of the longest character. */
const LONGEST = 4;

/** Holds back what may be the beginning of a character. Whatever feeds xterm.js bytes of a PTY needs one for each stream. */
export class Utf8Pieces {
  #held = new Uint8Array(0);

  /** What is held back now: at most three bytes. */
  get held(): Uint8Array {
    return this.#held;
  }

  /** What was held back and `bytes`, up to the last whole character; may lie in `bytes`. */
  take(bytes: Uint8Array): Uint8Array {
    let all = bytes;
    if (this.#held.length > 0) {
      all = new Uint8Array(this.#held.length + bytes.length);
      all.set(this.#held);
      all.set(bytes, this.#held.length);
    }
    const end = all.length - unfinished(all);
    this.#held = all.slice(end);
    return all.subarray(0, end);
  }

  /** Forgets what is held back: another stream begins. */
  clear(): void {
    this.#held = new Uint8Array(0);
  }
}

/** How many bytes at the end are the beginning of a character whose rest is missing. */
function unfinished(bytes: Uint8Array): number {
  for (let back = 1; back < LONGEST && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0xc0) === 0x80) continue;
    const length = byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return byte < 0xf8 && length > back ? back : 0;
  }
  return 0;
}
