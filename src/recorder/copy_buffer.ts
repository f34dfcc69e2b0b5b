/** Room for copies that live no longer than a batch: used again, so that a flood leaves the garbage collector nothing to do. @module */

export class CopyBuffer {
  readonly #size: number;
  #room: Uint8Array | null = null;
  #used = 0;

  /** `size` in bytes; allocated when first needed. What does not fit gets memory of its own. */
  constructor(size: number) {
    this.#size = size;
  }

  /** A copy of `bytes`, valid until `clear`. */
  copy(bytes: Uint8Array): Uint8Array {
    const end = this.#used + bytes.length;
    if (end > this.#size) return bytes.slice();
    const room = this.#room ??= new Uint8Array(this.#size);
    room.set(bytes, this.#used);
    const copy = room.subarray(this.#used, end);
    this.#used = end;
    return copy;
  }

  /** Gives up all copies. */
  clear(): void {
    this.#used = 0;
  }
}
