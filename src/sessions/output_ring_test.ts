import assert from "node:assert/strict";
import { OutputRing } from "./output_ring.ts";

const KIB = 1024;
const piece = (length: number, value = 0) => new Uint8Array(length).fill(value);
const sizes = (pieces: readonly { readonly seq: number; readonly bytes: Uint8Array }[] | null) =>
  pieces?.map(({ seq, bytes }) => [seq, bytes.length]) ?? null;

Deno.test("OutputRing.since() gives what follows, cut at the byte", () => {
  const ring = new OutputRing();
  for (const length of [10, 20, 30]) ring.add(piece(length), 0);
  assert.deepEqual(sizes(ring.since(0)), [[0, 10], [10, 20], [30, 30]]);
  assert.deepEqual(sizes(ring.since(10)), [[10, 20], [30, 30]]);
  assert.deepEqual(sizes(ring.since(29)), [[29, 1], [30, 30]]);
  assert.deepEqual(sizes(ring.since(60)), []);
});

Deno.test("OutputRing.since() knows what it does not have: dropped, or never written", () => {
  const ring = new OutputRing();
  for (let i = 0; i < 100; i++) ring.add(piece(8 * KIB, i), Infinity);
  assert.equal(ring.since(0), null);
  assert.equal(ring.since(ring.endSeq + 1), null);
  const kept = ring.since(ring.endSeq - 64 * KIB);
  assert.equal(kept?.[0]?.bytes[0], 92);
});

Deno.test("OutputRing keeps what the terminal has not parsed, however much", () => {
  const ring = new OutputRing();
  for (let i = 0; i < 100; i++) ring.add(piece(8 * KIB), 3);
  assert.deepEqual(sizes(ring.since(3))?.length, 100);
  ring.add(piece(1), Infinity);
  assert.equal(ring.since(3), null);
});

Deno.test("OutputRing gives every suffix of a random stream", () => {
  const ring = new OutputRing();
  const all: number[] = [];
  for (let i = 0; i < 3000; i++) {
    const bytes = Uint8Array.from({ length: 1 + (i * 7) % 300 }, (_, at) => (i + at) % 256);
    ring.add(bytes, Infinity);
    all.push(...bytes);
    const back = (i * 7919) % 200_000;
    const from = Math.max(0, ring.endSeq - back);
    const pieces = ring.since(from);
    if (pieces === null) continue;
    const joined = pieces.flatMap(({ bytes }) => [...bytes.subarray(0, 4)]).slice(0, 4);
    assert.deepEqual(joined.slice(0, pieces[0]?.bytes.length ?? 0).slice(0, 1), all.slice(from, from + 1));
    assert.equal(pieces.reduce((sum, { bytes }) => sum + bytes.length, 0), ring.endSeq - from);
  }
});
