/** Memory for the copies of a batch, used again for the next: a recorder under load makes no garbage of the messages' size. @module */

/** Larger than the largest record of the tap (256 KiB). */
const SLAB_BYTES = 1024 * 1024;
/** Slabs that are kept for the next batch. */
const KEPT_SLABS = 2;

/** Copies bytes into memory of its own until `reuse` says that none of the copies is needed any more. */
export class CopyPool {
  #slabs: Uint8Array[] = [];
  #slab = 0;
  #used = 0;

  /** Returns a copy of `bytes` that stays as it is until `reuse`. */
  copy(bytes: Uint8Array): Uint8Array {
    if (bytes.length > SLAB_BYTES) return bytes.slice();
    if (this.#used + bytes.length > SLAB_BYTES) {
      this.#slab++;
      this.#used = 0;
    }
    const slab = this.#slabs[this.#slab] ??= new Uint8Array(SLAB_BYTES);
    const copy = slab.subarray(this.#used, this.#used + bytes.length);
    copy.set(bytes);
    this.#used += bytes.length;
    return copy;
  }

  /** All copies are done with. */
  reuse(): void {
    this.#slabs.length = Math.min(this.#slabs.length, KEPT_SLABS);
    this.#slab = 0;
    this.#used = 0;
  }
}
