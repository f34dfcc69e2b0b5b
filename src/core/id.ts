/** Ids that sort by time: UUIDv7. @see RFC 9562 section 5.7 @module */

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/**
 * Makes UUIDv7 ids that are strictly increasing within one maker. `rand_a` and the top of `rand_b` hold the
 * µs within the millisecond and a counter, as RFC 9562 section 6.2 (methods 1 and 3) allows; the rest is random.
 */
export class IdMaker {
  readonly #random = new Uint8Array(4096);
  #used = this.#random.length;
  #lastMs = 0;
  #counter = 0;

  /** Returns an id for an event at `timeUs` (µs since the Unix epoch). */
  next(timeUs: number): string {
    let ms = Math.floor(timeUs / 1000);
    if (ms > this.#lastMs) {
      this.#lastMs = ms;
      this.#counter = 0;
    } else {
      ms = this.#lastMs;
      // 26 bits (12 of rand_a, 14 of rand_b): 67 million ids in one ms.
      this.#counter++;
    }
    const r = this.#take(6);
    const c = this.#counter;
    const high = HEX[Math.floor(ms / 2 ** 40) & 255] as string + HEX[Math.floor(ms / 2 ** 32) & 255] +
      HEX[(ms / 2 ** 24) & 255] + HEX[(ms / 2 ** 16) & 255];
    const low = HEX[(ms / 2 ** 8) & 255] as string + HEX[ms & 255];
    const a = HEX[0x70 | ((c >>> 22) & 15)] as string + HEX[(c >>> 14) & 255];
    const b = HEX[0x80 | ((c >>> 8) & 63)] as string + HEX[c & 255];
    const random = this.#random;
    return `${high}-${low}-${a}-${b}-${HEX[random[r] as number]}${HEX[random[r + 1] as number]}${
      HEX[random[r + 2] as number]
    }${HEX[random[r + 3] as number]}${HEX[random[r + 4] as number]}${HEX[random[r + 5] as number]}`;
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
