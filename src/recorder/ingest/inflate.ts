/** Takes compression off a body, within a bound: a small body may hold gigabytes. @module */
import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { Refusal } from "./refusal.ts";

export type Encoding = "identity" | "gzip" | "zstd";

const MAGIC = 0xfd2fb528;
/** Magic numbers of frames that hold nothing for us, without their last four bits. */
const SKIPPABLE = 0x184d2a50;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
const SIZE_BYTES = [0, 2, 4, 8] as const;

/** What `body` holds. @throws {Refusal} 413 when that is more than `maxBytes`, 400 when it is damaged or cut off */
export function inflate(body: Uint8Array, encoding: Encoding, maxBytes: number): Uint8Array {
  if (encoding === "identity") return body;
  try {
    return encoding === "gzip" ? gunzipSync(body, { maxOutputLength: maxBytes }) : unzstd(body, maxBytes);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const isTooLarge = error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
    if (isTooLarge) throw tooLarge(maxBytes);
    throw new Refusal(400, "invalid", `Cannot read the body: it is not valid ${encoding}`, {
      hint: "compress it again, or send it without Content-Encoding",
    });
  }
}

function tooLarge(maxBytes: number): Refusal {
  return new Refusal(413, "too_large", `Cannot take the body: it holds more than ${maxBytes} bytes`, {
    hint: 'send smaller batches, or raise "ingest.maxInflatedBytes"',
  });
}

/** Frame by frame: node:zlib gives the first one and is silent about what follows, or is missing (Deno 2.9.6). */
function unzstd(body: Uint8Array, maxBytes: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const frame of zstdFrames(body)) {
    const part = zstdDecompressSync(frame, { maxOutputLength: maxBytes - size });
    if ((size += part.length) > maxBytes) throw tooLarge(maxBytes);
    parts.push(part);
  }
  if (parts.length === 1) return parts[0] as Uint8Array;
  const whole = new Uint8Array(size);
  parts.reduce((at, part) => (whole.set(part, at), at + part.length), 0);
  return whole;
}

/** The frames that hold data. @throws {Error} when one is cut off. @see RFC 8878 section 3.1.1 */
function* zstdFrames(body: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  for (let at = 0; at < body.length;) {
    const magic = view.getUint32(at, true);
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE) {
      at += 8 + view.getUint32(at + 4, true);
    } else if (magic === MAGIC) {
      const end = frameEnd(view, at);
      yield body.subarray(at, end);
      at = end;
    } else throw new Error("No zstd frame");
    if (at > body.length) throw new Error("Cut off");
  }
}

/** Reading beyond the end throws, too. */
function frameEnd(view: DataView, start: number): number {
  const descriptor = view.getUint8(start + 4);
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeBytes = SIZE_BYTES[descriptor >> 6] || (isSingle ? 1 : 0);
  let at = start + 5 + (isSingle ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] ?? 0) + sizeBytes;
  for (let isLast = false; !isLast;) {
    const header = view.getUint16(at, true) | view.getUint8(at + 2) << 16;
    isLast = (header & 1) === 1;
    // A block that repeats one byte (type 1) has a size of its content, and one byte.
    at += 3 + ((header >> 1 & 3) === 1 ? 1 : header >> 3);
  }
  return at + ((descriptor & 4) !== 0 ? 4 : 0);
}
