import assert from "node:assert/strict";
import { OutputRing } from "./output_ring.ts";

const KIB = 1024;
const piece = (length: number, value = 0) => new Uint8Array(length).fill(value);
const sizes = (pieces: readonly { readonly seq: number; readonly bytes: Uint8Array }[] | null) =>
  pieces?.map(({ seq, bytes }) => [seq, bytes.length]) ?? null;

Deno.test("OutputRing.since() gives what follows, cut at the byte", () => {
  const ring = new OutputRing();
  for (const length of [1, 2, 3]) ring.add(piece(length * 4 * KIB), 0);
  assert.deepEqual(sizes(ring.since(0)), [[0, 4 * KIB], [4 * KIB, 8 * KIB], [12 * KIB, 12 * KIB]]);
  assert.deepEqual(sizes(ring.since(4 * KIB)), [[4 * KIB, 8 * KIB], [12 * KIB, 12 * KIB]]);
  assert.deepEqual(sizes(ring.since(12 * KIB - 1)), [[12 * KIB - 1, 1], [12 * KIB, 12 * KIB]]);
  assert.deepEqual(sizes(ring.since(24 * KIB)), []);
});

Deno.test("OutputRing.add() puts small pieces together, and what was handed out stays as it was", () => {
  const ring = new OutputRing();
  const bytes = piece(1, 7);
  ring.add(bytes, 0);
  bytes[0] = 0; // Its memory is not the ring's.
  const [first] = ring.since(0)?.map(({ bytes }) => bytes) ?? [];
  ring.add(piece(2, 8), 0);
  assert.deepEqual(ring.since(0)?.map(({ bytes }) => [...bytes]), [[7, 8, 8]]);
  assert.deepEqual([...first ?? []], [7]);
  for (let seq = 3; seq < 200 * KIB; seq++) ring.add(piece(1, seq), Infinity);
  const kept = ring.since(ring.endSeq - 64 * KIB);
  assert.ok(kept !== null && kept.length <= 17, `${kept?.length} pieces`);
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
