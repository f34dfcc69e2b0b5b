/** Ids that sort by time: UUIDv7. @see RFC 9562 section 5.7 @module */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** Ids that one ms has room for; the next one takes the ms after it. */
const IDS_PER_MS = 4096;

/**
 * Makes UUIDv7 ids that are strictly increasing within one maker, also when the clock goes back: `rand_a` counts the ids of a ms
 * (RFC 9562 section 6.2, method 1), so that a short beginning tells them apart; `rand_b` is random.
 */
export class IdMaker {
  readonly #random = new Uint8Array(4096);
  #used = this.#random.length;
  #lastMs = 0;
  #counter = 0;

  /** Returns an id for an event at `timeUs` (µs since the Unix epoch). */
  next(timeUs: number): string {
    const ms = this.#nextMs(Math.floor(timeUs / 1000));
    const high = hex(ms / 2 ** 40) + hex(ms / 2 ** 32) + hex(ms / 2 ** 24) + hex(ms / 2 ** 16);
    const low = hex(ms / 2 ** 8) + hex(ms);
    const a = hex(0x70 | this.#counter >>> 8) + hex(this.#counter);
    const r = this.#take(8);
    const byte = (at: number) => this.#random[r + at] as number;
    const b = hex(0x80 | byte(0) & 63) + hex(byte(1));
    const tail = hex(byte(2)) + hex(byte(3)) + hex(byte(4)) + hex(byte(5)) + hex(byte(6)) + hex(byte(7));
    return `${high}-${low}-${a}-${b}-${tail}`;
  }

  #nextMs(ms: number): number {
    if (ms > this.#lastMs) {
      this.#lastMs = ms;
      this.#counter = 0;
    } else if (++this.#counter === IDS_PER_MS) {
      this.#lastMs++;
      this.#counter = 0;
    }
    return this.#lastMs;
  }

  #take(bytes: number): number {
    if (this.#used + bytes > this.#random.length) {
      crypto.getRandomValues(this.#random);
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += bytes;
    return at;
  }
}

/** The lowest byte of `value` as two digits. */
function hex(value: number): string {
  return HEX[value % 256 | 0] as string;
}
