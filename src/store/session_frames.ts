/**
 * Frames of a session's output as bytes: for each frame its kind, the µs since the frame before it (zigzag: a clock may be set back), and what it
 * holds, as varints and bytes. Frames stay apart so that a recording can be replayed at its pace.
 * @module
 */
import type { TerminalSize } from "../core/session.ts";
import { cutText, SESSION_LIMITS } from "./session_limits.ts";
import { ByteReader, ByteWriter } from "./varint.ts";

/** Something that happened in a terminal, at a time in µs since the Unix epoch. */
export type OutputFrame =
  | { readonly kind: "output"; readonly timeUs: number; readonly bytes: Uint8Array }
  | { readonly kind: "resize"; readonly timeUs: number; readonly size: TerminalSize }
  | { readonly kind: "marker"; readonly timeUs: number; readonly text: string };

/** Frames of which the first output byte has the sequence number `firstSeq`. */
export interface OutputChunk {
  readonly firstSeq: number;
  readonly frames: readonly OutputFrame[];
}

/** Positions are stored, so they are fixed. */
const KINDS = ["output", "resize", "marker"] as const;
/** Frames of one chunk: more than there are ms in the second that a chunk takes. */
const MAX_FRAMES = 16_384;

/** The sequence number behind the last byte. */
export function endOfChunk({ firstSeq, frames }: OutputChunk): number {
  return frames.reduce((seq, frame) => frame.kind === "output" ? seq + frame.bytes.length : seq, firstSeq);
}

/** Splits what is too large for one row. */
export function* splitChunk(chunk: OutputChunk): Generator<OutputChunk> {
  let frames: OutputFrame[] = [];
  let { firstSeq } = chunk;
  let room: number = SESSION_LIMITS.chunkBytes;
  for (const frame of chunk.frames) {
    let rest = frame;
    if (frames.length === MAX_FRAMES) room = 0;
    while (room === 0 || (rest.kind === "output" && rest.bytes.length > room)) {
      if (rest.kind === "output" && room > 0) {
        frames.push({ ...rest, bytes: rest.bytes.subarray(0, room) });
        rest = { ...rest, bytes: rest.bytes.subarray(room) };
      }
      const full = { firstSeq, frames };
      yield full;
      firstSeq = endOfChunk(full);
      frames = [];
      room = SESSION_LIMITS.chunkBytes;
    }
    frames.push(rest);
    if (rest.kind === "output") room -= rest.bytes.length;
  }
  if (frames.length > 0) yield { firstSeq, frames };
}

export function encodeFrames(frames: readonly OutputFrame[]): Uint8Array {
  const writer = new ByteWriter(
    frames.reduce((sum, frame) => sum + 32 + (frame.kind === "output" ? frame.bytes.length : 0), 0),
  );
  let lastUs = frames[0]?.timeUs ?? 0;
  for (const frame of frames) {
    writer.varint(KINDS.indexOf(frame.kind));
    writer.varint(zigzag(frame.timeUs - lastUs));
    lastUs = frame.timeUs;
    writeContent(writer, frame);
  }
  return writer.view();
}

/** The frames that `encodeFrames` wrote; the first is of `firstUs`. @throws {RangeError} when it did not write them */
export function decodeFrames(bytes: Uint8Array, firstUs: number): OutputFrame[] {
  const reader = new ByteReader(bytes);
  const frames: OutputFrame[] = [];
  let timeUs = firstUs;
  while (!reader.done) {
    const kind = KINDS[reader.varint()];
    timeUs += unzigzag(reader.varint());
    frames.push(readContent(reader, kind, timeUs));
  }
  return frames;
}

function writeContent(writer: ByteWriter, frame: OutputFrame): void {
  switch (frame.kind) {
    case "output":
      writer.varint(frame.bytes.length);
      return writer.bytes(frame.bytes);
    case "resize":
      writer.varint(frame.size.cols);
      return writer.varint(frame.size.rows);
    case "marker": {
      const text = new TextEncoder().encode(cutText(frame.text, SESSION_LIMITS.markerChars));
      writer.varint(text.length);
      return writer.bytes(text);
    }
  }
}

function readContent(reader: ByteReader, kind: OutputFrame["kind"] | undefined, timeUs: number): OutputFrame {
  switch (kind) {
    case "output":
      return { kind, timeUs, bytes: reader.bytes(reader.varint()) };
    case "resize":
      return { kind, timeUs, size: { cols: reader.varint(), rows: reader.varint() } };
    case "marker":
      return { kind, timeUs, text: new TextDecoder().decode(reader.bytes(reader.varint())) };
    case undefined:
      throw new RangeError("Not a frame of output");
  }
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
