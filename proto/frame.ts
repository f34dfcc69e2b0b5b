/**
 * Frames of bytes: `u32 total | u32 header length | header | payload`, both numbers big-endian; total counts all that follows itself. They carry
 * protobuf between km and a plugin, and JSON between the parts of km. Nothing is read before its length was checked, and a length that lies is an error.
 * @module
 */

/** Most that `total` may say, in bytes: 4 MiB. */
export const MAX_FRAME_BYTES: number = 4 * 1024 * 1024;
/** What stands before a header: both lengths. */
export const FRAME_PREFIX_BYTES = 8;
/** The header length itself, which `total` counts. */
const LENGTH_BYTES = 4;

/** What came, or was to be sent, is no frame. */
export class ProtocolError extends Error {
  /** What errors of this kind are called. */
  override readonly name = "ProtocolError";
}

/** Called with each frame, in order. Both are views of memory that nobody writes to again: the receiver may keep them. */
export type OnFrame = (header: Uint8Array<ArrayBuffer>, payload: Uint8Array<ArrayBuffer>) => void;

/**
 * The parts of one frame, to be written one after the other. The first holds lengths and header; the payload's parts follow as they are, not copied.
 * @throws {ProtocolError} when the header is empty or the frame is longer than `limitBytes`
 */
export function encodeFrame(
  header: Uint8Array,
  payload: readonly Uint8Array[] = [],
  limitBytes: number = MAX_FRAME_BYTES,
): Uint8Array[] {
  if (header.length === 0) throw new ProtocolError("a frame must have a header");
  let total = LENGTH_BYTES + header.length;
  for (const part of payload) total += part.length;
  if (total > limitBytes) {
    throw new ProtocolError(`a frame of ${total} bytes is longer than the ${limitBytes} bytes allowed`);
  }
  const first = new Uint8Array(FRAME_PREFIX_BYTES + header.length);
  writeU32(first, 0, total);
  writeU32(first, LENGTH_BYTES, header.length);
  first.set(header, FRAME_PREFIX_BYTES);
  const parts: Uint8Array[] = [first];
  for (const part of payload) if (part.length > 0) parts.push(part);
  return parts;
}

/** Bytes of a whole frame, its first 4 included. */
export function frameBytes(parts: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const part of parts) bytes += part.length;
  return bytes;
}

/** One piece of memory with everything in it, for a single write. */
export function joinParts(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(frameBytes(parts));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** Cuts a stream of bytes into frames. After an error it takes nothing more. */
export class FrameReader {
  readonly #limitBytes: number;
  readonly #onFrame: OnFrame;
  /** The lengths of a frame that has only begun. */
  readonly #prefix = new Uint8Array(FRAME_PREFIX_BYTES);
  #prefixFilled = 0;
  /** Header and payload of the frame that is being filled. */
  #body: Uint8Array<ArrayBuffer> | null = null;
  #bodyFilled = 0;
  #headerLength = 0;
  #failed: ProtocolError | null = null;

  /** `limitBytes` is the most that a frame's `total` may say. */
  constructor(limitBytes: number, onFrame: OnFrame) {
    this.#limitBytes = limitBytes;
    this.#onFrame = onFrame;
  }

  /** True in the middle of a frame: the end of the stream would cut it. */
  get isPartial(): boolean {
    return this.#prefixFilled > 0;
  }

  /**
   * Takes the next bytes, and calls `onFrame` for each frame that they complete. `chunk` is the caller's again when this returns: what is kept, is copied.
   * @throws {ProtocolError} when they are no frames
   */
  push(chunk: Uint8Array): void {
    if (this.#failed) throw this.#failed;
    let at = 0;
    // A body has at least one byte of header: there is none that is full before anything came.
    while (at < chunk.length) {
      if (this.#body === null) at = this.#fillPrefix(chunk, at);
      else at = this.#fillBody(chunk, at, this.#body);
    }
  }

  /**
   * Says that nothing comes any more.
   * @throws {ProtocolError} when a frame was cut
   */
  end(): void {
    if (this.#failed) throw this.#failed;
    if (this.isPartial) this.#fail("the stream ended in the middle of a frame");
  }

  #fillPrefix(chunk: Uint8Array, at: number): number {
    const taken = Math.min(FRAME_PREFIX_BYTES - this.#prefixFilled, chunk.length - at);
    this.#prefix.set(chunk.subarray(at, at + taken), this.#prefixFilled);
    this.#prefixFilled += taken;
    // As soon as the first length is there: who lies is not waited for.
    if (this.#prefixFilled >= LENGTH_BYTES) this.#checkTotal(readU32(this.#prefix, 0));
    if (this.#prefixFilled === FRAME_PREFIX_BYTES) this.#startBody();
    return at + taken;
  }

  #checkTotal(total: number): void {
    if (total > this.#limitBytes) {
      this.#fail(`a frame says it has ${total} bytes; ${this.#limitBytes} are allowed`);
    }
    if (total <= LENGTH_BYTES) {
      this.#fail(`a frame says it has ${total} bytes, which leave none for a header`);
    }
  }

  #startBody(): void {
    const length = readU32(this.#prefix, 0) - LENGTH_BYTES;
    this.#headerLength = readU32(this.#prefix, LENGTH_BYTES);
    if (this.#headerLength === 0) this.#fail("a frame says that its header has no bytes");
    if (this.#headerLength > length) {
      this.#fail(`a frame of ${length} bytes says that its header has ${this.#headerLength}`);
    }
    this.#body = new Uint8Array(length);
    this.#bodyFilled = 0;
  }

  #fillBody(chunk: Uint8Array, at: number, body: Uint8Array<ArrayBuffer>): number {
    const taken = Math.min(body.length - this.#bodyFilled, chunk.length - at);
    body.set(chunk.subarray(at, at + taken), this.#bodyFilled);
    this.#bodyFilled += taken;
    if (this.#bodyFilled === body.length) {
      // Ready for the next one before the receiver is called: it may throw.
      this.#body = null;
      this.#prefixFilled = 0;
      this.#onFrame(body.subarray(0, this.#headerLength), body.subarray(this.#headerLength));
    }
    return at + taken;
  }

  #fail(message: string): never {
    this.#failed = new ProtocolError(message);
    throw this.#failed;
  }
}

function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

function readU32(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 24 | (bytes[at + 1] ?? 0) << 16 | (bytes[at + 2] ?? 0) << 8 |
    (bytes[at + 3] ?? 0)) >>> 0;
}
