/** The newest output of a session, by sequence number: what a viewer that was away for a moment gets. @module */

/**
 * What is kept in any case, in bytes. A viewer that missed more gets a snapshot, which for a full terminal is 70 to 90 kB: more than that here
 * would save nothing, and 100 sessions have 100 of these.
 */
const RING_BYTES = 64 * 1024;
/**
 * Small pieces, echoes of keys above all, lie together in blocks of this size, in bytes: 64 KiB of keys would be 65,536 arrays that outlive
 * every collection of garbage. With this, and with one piece for each session in GatheredMessages, V8's helper threads use 8 µs for a key instead
 * of 13 (medians of 12 runs in turns, 2 busy cores, 2026-11-22; the two were not measured apart).
 */
const BLOCK_BYTES = 4 * 1024;

interface Piece {
  /** Sequence number of its first byte. */
  readonly seq: number;
  bytes: Uint8Array<ArrayBuffer>;
}

export class OutputRing {
  readonly #pieces: Piece[] = [];
  /** Pieces at the beginning that are dropped already: an array is not shifted for each. */
  #dropped = 0;
  /** The last piece, when it has room for more. */
  #block: Piece | null = null;
  #bytes = 0;
  #endSeq = 0;

  /** The number behind the last byte. */
  get endSeq(): number {
    return this.#endSeq;
  }

  /** Adds what came. What the terminal has not parsed (`parsedSeq`) stays, however much: a snapshot is of before it. */
  add(bytes: Uint8Array<ArrayBuffer>, parsedSeq: number): void {
    this.#keep(bytes);
    this.#endSeq += bytes.length;
    this.#bytes += bytes.length;
    for (;;) {
      const first = this.#pieces[this.#dropped];
      if (!first || this.#bytes - first.bytes.length < RING_BYTES) break;
      if (first.seq + first.bytes.length > parsedSeq) break;
      this.#bytes -= first.bytes.length;
      this.#dropped++;
    }
    if (this.#dropped > 64 && this.#dropped * 2 > this.#pieces.length) {
      this.#pieces.splice(0, this.#dropped);
      this.#dropped = 0;
    }
  }

  #keep(bytes: Uint8Array<ArrayBuffer>): void {
    const last = this.#block;
    if (last !== null && bytes.length <= BLOCK_BYTES - last.bytes.length) {
      const { buffer, length } = last.bytes;
      last.bytes = new Uint8Array(buffer, 0, length + bytes.length);
      last.bytes.set(bytes, length);
      return;
    }
    const isSmall = bytes.length < BLOCK_BYTES / 4;
    const piece = {
      seq: this.#endSeq,
      bytes: isSmall ? new Uint8Array(new ArrayBuffer(BLOCK_BYTES), 0, bytes.length) : bytes,
    };
    if (isSmall) piece.bytes.set(bytes);
    this.#block = isSmall ? piece : null;
    this.#pieces.push(piece);
  }

  /** Everything from `seq` on; null when that is not here any more, or not yet. */
  since(seq: number): Piece[] | null {
    if (seq === this.#endSeq) return [];
    const first = this.#pieces[this.#dropped];
    if (!first || seq < first.seq || seq > this.#endSeq) return null;
    const from = this.#find(seq);
    return this.#pieces.slice(from).map((piece) =>
      piece.seq >= seq ? piece : { seq, bytes: piece.bytes.subarray(seq - piece.seq) }
    );
  }

  /** Place of the piece in which byte `seq` lies. */
  #find(seq: number): number {
    let low = this.#dropped;
    let high = this.#pieces.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#pieces[middle] as Piece).seq <= seq) low = middle; // as: low <= middle <= high
      else high = middle - 1;
    }
    return low;
  }
}
