import assert from "node:assert/strict";
import { verifies } from "../tests/verifies.ts";
import { encodeFrame, FrameReader, joinParts, MAX_FRAME_BYTES, ProtocolError } from "./frame.ts";

const HEADER = Uint8Array.of(1, 2, 3);
const PAYLOAD = Uint8Array.of(9, 8);

Deno.test("encodeFrame() is u32 total, u32 header length, header, payload, big-endian", () => {
  verifies("plugin-frames");
  assert.deepEqual(
    [...joinParts(encodeFrame(HEADER, [PAYLOAD]))],
    [0, 0, 0, 9, 0, 0, 0, 3, 1, 2, 3, 9, 8],
  );
});

Deno.test("encodeFrame() hands payloads on as they are, not copied, and leaves out empty ones", () => {
  const parts = encodeFrame(HEADER, [new Uint8Array(0), PAYLOAD]);
  assert.equal(parts.length, 2);
  assert.equal(parts[1], PAYLOAD);
});

Deno.test("encodeFrame() refuses an empty header, and more than the limit", () => {
  assert.throws(() => encodeFrame(new Uint8Array(0), [PAYLOAD]), ProtocolError);
  assert.throws(() => encodeFrame(HEADER, [new Uint8Array(MAX_FRAME_BYTES - 6)]), /longer than the 4194304/);
  assert.equal(encodeFrame(HEADER, [new Uint8Array(MAX_FRAME_BYTES - 7)]).length, 2);
});

Deno.test("FrameReader reads back what encodeFrame() made, however it is cut", () => {
  verifies("plugin-frames");
  const frames = [[HEADER, PAYLOAD], [HEADER, new Uint8Array(0)], [
    PAYLOAD,
    new Uint8Array(300).fill(7),
  ]] as const;
  const bytes = joinParts(frames.flatMap(([header, payload]) => encodeFrame(header, [payload])));
  for (const size of [1, 2, 3, 5, 7, 8, 9, 11, 64, bytes.length]) {
    const got: number[][][] = [];
    const reader = new FrameReader(
      MAX_FRAME_BYTES,
      (header, payload) => got.push([[...header], [...payload]]),
    );
    for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
    reader.end();
    assert.deepEqual(
      got,
      frames.map(([header, payload]) => [[...header], [...payload]]),
      `${size} at a time`,
    );
  }
});

Deno.test("FrameReader gives frames that stay when the caller's buffer is used again", () => {
  const got: Uint8Array[] = [];
  const reader = new FrameReader(100, (header, payload) => got.push(header, payload));
  const buffer = joinParts(encodeFrame(HEADER, [PAYLOAD]));
  reader.push(buffer);
  buffer.fill(0xff);
  reader.push(joinParts(encodeFrame(PAYLOAD)));
  assert.deepEqual(got.map((bytes) => [...bytes]), [[1, 2, 3], [9, 8], [9, 8], []]);
});

Deno.test.each(
  [
    ["4 GiB", [0xff, 0xff, 0xff, 0xff], /says it has 4294967295 bytes; 100 are allowed/],
    ["one byte more than allowed", [0, 0, 0, 101], /says it has 101 bytes; 100 are allowed/],
    ["nothing", [0, 0, 0, 0], /leave none for a header/],
    ["no room for a header", [0, 0, 0, 4], /leave none for a header/],
    ["a header of no bytes", [0, 0, 0, 9, 0, 0, 0, 0], /its header has no bytes/],
    [
      "a header longer than the frame",
      [0, 0, 0, 9, 0, 0, 0, 6],
      /frame of 5 bytes says that its header has 6/,
    ],
    ["a header of 4 GiB", [0, 0, 0, 9, 255, 255, 255, 255], /its header has 4294967295/],
  ] as const,
)("FrameReader refuses lengths that lie: %s", (_name, bytes, message) => {
  verifies("plugin-frames");
  const reader = new FrameReader(100, () => assert.fail("no frame"));
  for (const [at, byte] of bytes.entries()) {
    // The last byte that is needed is where it is refused: it waits for no more.
    if (at < bytes.length - 1) reader.push(Uint8Array.of(byte));
    else assert.throws(() => reader.push(Uint8Array.of(byte)), { name: "ProtocolError", message });
  }
  assert.throws(() => reader.push(joinParts(encodeFrame(HEADER))), ProtocolError, "nothing more is taken");
});

Deno.test("FrameReader gives the frames before a bad one", () => {
  let frames = 0;
  const reader = new FrameReader(100, () => frames++);
  const bytes = joinParts([...encodeFrame(HEADER), ...encodeFrame(HEADER), Uint8Array.of(0, 0, 0, 0)]);
  assert.throws(() => reader.push(bytes), ProtocolError);
  assert.equal(frames, 2);
});

Deno.test("FrameReader calls half a frame at the end an error, and the end between two none", () => {
  const bytes = joinParts(encodeFrame(HEADER, [PAYLOAD]));
  for (let length = 0; length <= bytes.length; length++) {
    const reader = new FrameReader(100, () => {});
    reader.push(bytes.subarray(0, length));
    const isWhole = length === 0 || length === bytes.length;
    assert.equal(reader.isPartial, !isWhole);
    if (isWhole) reader.end();
    else assert.throws(() => reader.end(), /ended in the middle of a frame/);
  }
});
