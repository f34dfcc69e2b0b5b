/**
 * The queue between the relay and the recorder: copies of what passed, in shared memory, bounded by bytes.
 *
 * One writer thread, one reader thread. The writer never waits: when the queue is full the copy is dropped and counted, and the
 * count travels in the queue as a gap. Memory is a pool of segments used last-in-first-out, so that only as much of it
 * becomes resident as the longest backlog needed.
 *
 * A record is a 16-byte header (u32 length, u32 channel, f64 arrival time in ms since the Unix epoch) and its bytes, padded to 8.
 * @module
 */

/** Which stream a copy comes from. */
export const CHANNEL = { clientToServer: 0, serverToClient: 1, serverLog: 2 } as const;
export type Channel = typeof CHANNEL[keyof typeof CHANNEL];

/** What was not recorded of one channel, between two records. */
export interface Gap {
  readonly bytes: number;
  /** Line ends (LF) among those bytes. */
  readonly lines: number;
  /** True when the last byte not recorded is an LF, so that the next record starts a new line. */
  readonly endsLine: boolean;
  /** When the first of those bytes came, in ms since the Unix epoch. */
  readonly timeMs: number;
}

/**
 * Default bound of the queue, in bytes. Copies that wait may take 64 MiB in all (issue "km monitor", section 4): 48 MiB here, the rest is
 * for the batches in the recorder's hands and what SQLite needs to write them.
 */
export const DEFAULT_TAP_BYTES = 48 * 1024 * 1024;

/** Size of a segment. Four reads of 64 KiB: large enough to amortise the hand-over, small enough to stay in cache. */
const SEGMENT_BYTES = 256 * 1024;
const HEADER_BYTES = 16;
/** The writer moves on to a fresh segment when less than this is left, so that no read is needlessly small. */
const MIN_ROOM_BYTES = 16 * 1024;
/** Free segments that stay resident for the next burst when `takeIdle` gives memory back: 1 MiB. */
const KEPT_SEGMENTS = 4;
/** Set on the channel word of a record that holds a gap. */
const GAP_FLAG = 0x100;
const LF = 10;

// Int32 slots of the control block.
const SLEEPING = 0; // 1 while the reader waits to be woken
const CLOSED = 1; // 1 when the writer will write no more
const ORDER_HEAD = 2; // segments handed to the reader, ever (mod 2^31)
const RETURN_HEAD = 3; // segments handed back to the writer, ever
const FIXED_SLOTS = 4;
/** Gaps that were still untold when the writer closed: bytes, lines, endsLine, timeMs of each channel. */
const LAST_GAP_FLOATS = 3 * 4;

interface TapMemory {
  readonly shared: SharedArrayBuffer;
  readonly segments: number;
  readonly control: Int32Array;
  /** Which segment was taken n-th (ring of `segments`). */
  readonly order: Int32Array;
  /** Which segment was given back n-th (ring of `segments`). */
  readonly returned: Int32Array;
  /** Bytes of each segment that the reader may read; -1 - n when it is sealed at n. */
  readonly filled: Int32Array;
  readonly lastGaps: Float64Array;
  readonly dataOffset: number;
}

/** Allocates the shared memory of a tap that holds at most `maxBytes` (rounded up to whole segments of 256 KiB, at least 2). */
export function createTap(maxBytes: number = DEFAULT_TAP_BYTES): SharedArrayBuffer {
  const segments = Math.max(2, Math.ceil(maxBytes / SEGMENT_BYTES));
  return new SharedArrayBuffer(controlBytes(segments) + segments * SEGMENT_BYTES);
}

function controlBytes(segments: number): number {
  return lastGapsOffset(segments) + LAST_GAP_FLOATS * 8;
}

function lastGapsOffset(segments: number): number {
  return Math.ceil((FIXED_SLOTS + 3 * segments) * 4 / 8) * 8;
}

function mapTap(shared: SharedArrayBuffer): TapMemory {
  const segments = Math.floor(shared.byteLength / SEGMENT_BYTES);
  const dataOffset = controlBytes(segments);
  const slots = (index: number) => new Int32Array(shared, (FIXED_SLOTS + index * segments) * 4, segments);
  return {
    shared,
    segments,
    control: new Int32Array(shared, 0, FIXED_SLOTS),
    order: slots(0),
    returned: slots(1),
    filled: slots(2),
    lastGaps: new Float64Array(shared, lastGapsOffset(segments), LAST_GAP_FLOATS),
    dataOffset,
  };
}

/** The relay's end. Not thread-safe: one writer. */
export class TapWriter {
  readonly #tap: TapMemory;
  readonly #bytes: Uint8Array;
  readonly #u32: Uint32Array;
  readonly #f64: Float64Array;
  /** Segments to take next, last first; those never or not lately used are at the front. */
  readonly #free: number[] = [];
  /** Which segments hold memory of the system. */
  readonly #resident = new Set<number>();
  readonly #gaps: (MutableGap | null)[] = [null, null, null];
  #taken = 0;
  #returned = 0;
  #segment = -1;
  #used = 0;

  constructor(shared: SharedArrayBuffer) {
    this.#tap = mapTap(shared);
    this.#bytes = new Uint8Array(shared);
    this.#u32 = new Uint32Array(shared);
    this.#f64 = new Float64Array(shared, 0, Math.floor(shared.byteLength / 8));
    for (let i = this.#tap.segments - 1; i >= 0; i--) this.#free.push(i);
  }

  /**
   * Offset in the shared memory where up to `room()` bytes may be written before `commit`; -1 when the queue is full.
   * Lets the relay read a file descriptor straight into the queue.
   */
  reserve(): number {
    if (this.#segment < 0 || SEGMENT_BYTES - this.#used < MIN_ROOM_BYTES) {
      if (!this.#advance()) return -1;
    }
    for (let channel = 0; channel < 3; channel++) {
      if (this.#gaps[channel] !== null) this.#writeGap(channel as Channel);
    }
    return this.#dataAt() + HEADER_BYTES;
  }

  /** Bytes that may be written at the offset that `reserve` returned. */
  room(): number {
    return SEGMENT_BYTES - this.#used - HEADER_BYTES;
  }

  /** Hands `length` bytes, already written where `reserve` said, to the reader. */
  commit(channel: Channel, length: number, timeMs: number): void {
    this.#header(length, channel, timeMs);
    this.#publish(HEADER_BYTES + length);
  }

  /** Copies `bytes` into the queue, or counts them as a gap when it is full. */
  push(channel: Channel, bytes: Uint8Array, timeMs: number): void {
    let at = 0;
    while (at < bytes.length) {
      const offset = this.reserve();
      if (offset < 0) return this.drop(channel, bytes.subarray(at), timeMs);
      const length = Math.min(bytes.length - at, this.room());
      this.#bytes.set(bytes.subarray(at, at + length), offset);
      this.commit(channel, length, timeMs);
      at += length;
    }
  }

  /** Counts `bytes` as not recorded. */
  drop(channel: Channel, bytes: Uint8Array, timeMs: number): void {
    if (bytes.length === 0) return;
    const gap = this.#gaps[channel] ??= { bytes: 0, lines: 0, endsLine: false, timeMs };
    gap.bytes += bytes.length;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) gap.lines++;
    gap.endsLine = bytes[bytes.length - 1] === LF;
  }

  /**
   * Offset and length of memory that a burst has used and that is free now, once each: its pages may be given back to the system, their
   * content is no longer needed.
   */
  takeIdle(): { readonly offset: number; readonly length: number }[] {
    this.#collectReturned();
    const idle = this.#free.slice(0, -KEPT_SEGMENTS).filter((segment) => this.#resident.delete(segment));
    return idle.map((segment) => ({
      offset: this.#tap.dataOffset + segment * SEGMENT_BYTES,
      length: SEGMENT_BYTES,
    }));
  }

  /** True when `takeIdle` may have something to give, once the reader has caught up. */
  get mayHaveIdle(): boolean {
    return this.#resident.size > KEPT_SEGMENTS + 1;
  }

  /** Says that nothing more will come. Gaps for which there was no room are told by the reader at the end. */
  close(): void {
    this.reserve();
    this.#gaps.forEach((gap, channel) => {
      if (gap) this.#tap.lastGaps.set([gap.bytes, gap.lines, gap.endsLine ? 1 : 0, gap.timeMs], channel * 4);
    });
    Atomics.store(this.#tap.control, CLOSED, 1);
    Atomics.notify(this.#tap.control, SLEEPING);
  }

  /** Takes the next free segment; false when the reader holds all of them. */
  #advance(): boolean {
    const { control, filled, order, segments } = this.#tap;
    this.#collectReturned();
    const next = this.#free.pop();
    if (next === undefined) return false;
    this.#resident.add(next);
    if (this.#segment >= 0) Atomics.store(filled, this.#segment, -1 - this.#used);
    this.#segment = next;
    this.#used = 0;
    Atomics.store(filled, next, 0);
    Atomics.store(order, this.#taken % segments, next);
    this.#taken = (this.#taken + 1) & 0x7fffffff;
    Atomics.store(control, ORDER_HEAD, this.#taken);
    return true;
  }

  #collectReturned(): void {
    const { control, returned, segments } = this.#tap;
    const head = Atomics.load(control, RETURN_HEAD);
    while (this.#returned !== head) {
      this.#free.push(Atomics.load(returned, this.#returned % segments));
      this.#returned = (this.#returned + 1) & 0x7fffffff;
    }
  }

  #writeGap(channel: Channel): void {
    const gap = this.#gaps[channel];
    if (!gap) return;
    const at = this.#dataAt() + HEADER_BYTES;
    this.#f64[at >> 3] = gap.bytes;
    this.#f64[(at >> 3) + 1] = gap.lines;
    this.#f64[(at >> 3) + 2] = gap.endsLine ? 1 : 0;
    this.#header(24, channel | GAP_FLAG, gap.timeMs);
    this.#gaps[channel] = null;
    this.#publish(HEADER_BYTES + 24);
  }

  #dataAt(): number {
    return this.#tap.dataOffset + this.#segment * SEGMENT_BYTES + this.#used;
  }

  #header(length: number, channel: number, timeMs: number): void {
    const at = this.#dataAt();
    this.#u32[at >> 2] = length;
    this.#u32[(at >> 2) + 1] = channel;
    this.#f64[(at >> 3) + 1] = timeMs;
  }

  #publish(bytes: number): void {
    this.#used = Math.min(SEGMENT_BYTES, (this.#used + bytes + 7) & ~7);
    Atomics.store(this.#tap.filled, this.#segment, this.#used);
    if (Atomics.load(this.#tap.control, SLEEPING) === 1) {
      Atomics.store(this.#tap.control, SLEEPING, 0);
      Atomics.notify(this.#tap.control, SLEEPING);
    }
  }
}

interface MutableGap {
  bytes: number;
  lines: number;
  endsLine: boolean;
  timeMs: number;
}

/** The recorder's end. Not thread-safe: one reader. */
export class TapReader {
  readonly #tap: TapMemory;
  readonly #bytes: Uint8Array;
  readonly #u32: Uint32Array;
  readonly #f64: Float64Array;
  #order = 0;
  #given = 0;
  #segment = -1;
  #read = 0;

  constructor(shared: SharedArrayBuffer) {
    this.#tap = mapTap(shared);
    this.#bytes = new Uint8Array(shared);
    this.#u32 = new Uint32Array(shared);
    this.#f64 = new Float64Array(shared, 0, Math.floor(shared.byteLength / 8));
  }

  /**
   * Hands over what is queued, in order, until about `maxBytes` bytes were handed over. Returns the bytes handed over (0: nothing was queued).
   * `onBytes` gets a view into shared memory that is valid only during the call.
   */
  read(
    onBytes: (channel: Channel, bytes: Uint8Array, timeMs: number) => void,
    onGap: (channel: Channel, gap: Gap) => void,
    maxBytes: number = Infinity,
  ): number {
    let handed = 0;
    while (handed < maxBytes) {
      const at = this.#next();
      if (at < 0) {
        if (this.ended) this.#tellLastGaps(onGap);
        break;
      }
      const length = this.#u32[at >> 2] as number;
      const channel = this.#u32[(at >> 2) + 1] as number;
      const timeMs = this.#f64[(at >> 3) + 1] as number;
      const from = at + HEADER_BYTES;
      if (channel & GAP_FLAG) {
        onGap((channel & ~GAP_FLAG) as Channel, {
          bytes: this.#f64[from >> 3] as number,
          lines: this.#f64[(from >> 3) + 1] as number,
          endsLine: this.#f64[(from >> 3) + 2] === 1,
          timeMs,
        });
      } else {
        onBytes(channel as Channel, this.#bytes.subarray(from, from + length), timeMs);
      }
      this.#read = Math.min(SEGMENT_BYTES, (this.#read + HEADER_BYTES + length + 7) & ~7);
      handed += HEADER_BYTES + length;
    }
    return handed;
  }

  /** True when the writer has closed and everything was read. */
  get ended(): boolean {
    return Atomics.load(this.#tap.control, CLOSED) === 1 && !this.#hasData();
  }

  /** Blocks until the writer has written or closed, at most `timeoutMs`. Returns at once when something is queued. */
  wait(timeoutMs: number): void {
    const { control } = this.#tap;
    Atomics.store(control, SLEEPING, 1);
    if (!this.#hasData() && Atomics.load(control, CLOSED) === 0) {
      Atomics.wait(control, SLEEPING, 1, timeoutMs);
    }
    Atomics.store(control, SLEEPING, 0);
  }

  #tellLastGaps(onGap: (channel: Channel, gap: Gap) => void): void {
    for (let channel = 0; channel < 3; channel++) {
      const [bytes = 0, lines = 0, endsLine = 0, timeMs = 0] = this.#tap.lastGaps.subarray(
        channel * 4,
        channel * 4 + 4,
      );
      if (bytes > 0) onGap(channel as Channel, { bytes, lines, endsLine: endsLine === 1, timeMs });
      this.#tap.lastGaps[channel * 4] = 0;
    }
  }

  /** As `wait`, but leaves the thread's event loop free meanwhile. */
  async waitAsync(timeoutMs: number): Promise<void> {
    const { control } = this.#tap;
    Atomics.store(control, SLEEPING, 1);
    if (!this.#hasData() && Atomics.load(control, CLOSED) === 0) {
      await Atomics.waitAsync(control, SLEEPING, 1, timeoutMs).value;
    }
    Atomics.store(control, SLEEPING, 0);
  }

  /** Ends a `waitAsync` of this reader, from its own thread. */
  wake(): void {
    Atomics.store(this.#tap.control, SLEEPING, 0);
    Atomics.notify(this.#tap.control, SLEEPING);
  }

  #hasData(): boolean {
    const { control, filled } = this.#tap;
    if (this.#order !== Atomics.load(control, ORDER_HEAD)) return true;
    return this.#segment >= 0 && Atomics.load(filled, this.#segment) > this.#read;
  }

  /** Offset of the next record; -1 when there is none. Gives a segment back when it is read to its end. */
  #next(): number {
    const { control, order, filled, returned, segments, dataOffset } = this.#tap;
    for (;;) {
      if (this.#segment >= 0) {
        const state = Atomics.load(filled, this.#segment);
        const end = state < 0 ? -1 - state : state;
        if (this.#read < end) return dataOffset + this.#segment * SEGMENT_BYTES + this.#read;
        if (state >= 0) return -1;
        Atomics.store(returned, this.#given % segments, this.#segment);
        this.#given = (this.#given + 1) & 0x7fffffff;
        Atomics.store(control, RETURN_HEAD, this.#given);
        this.#segment = -1;
      }
      if (this.#order === Atomics.load(control, ORDER_HEAD)) return -1;
      this.#segment = Atomics.load(order, this.#order % segments);
      this.#order = (this.#order + 1) & 0x7fffffff;
      this.#read = 0;
    }
  }
}
