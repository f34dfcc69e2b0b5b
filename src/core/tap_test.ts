import assert from "node:assert/strict";
import { CHANNEL, createTap, type Gap, TapReader, TapWriter } from "./tap.ts";

const text = new TextEncoder();

function readAll(reader: TapReader): { bytes: number[]; gaps: Gap[] } {
  const bytes: number[] = [];
  const gaps: Gap[] = [];
  while (reader.read((_channel, view) => bytes.push(...view), (_channel, gap) => gaps.push(gap)) > 0);
  return { bytes, gaps };
}

Deno.test("tap hands over bytes in order, with channel and time", () => {
  const shared = createTap();
  const writer = new TapWriter(shared);
  const reader = new TapReader(shared);
  writer.push(CHANNEL.clientToServer, text.encode("one\n"), 1.5);
  writer.push(CHANNEL.serverToClient, text.encode("two\n"), 2.5);
  const seen: unknown[] = [];
  reader.read(
    (channel, view, timeMs) => seen.push([channel, new TextDecoder().decode(view.slice()), timeMs]),
    assert.fail,
  );
  assert.deepEqual(seen, [[0, "one\n", 1.5], [1, "two\n", 2.5]]);
  assert.equal(reader.ended, false);
  writer.close();
  assert.equal(reader.ended, true);
});

Deno.test("tap keeps every byte of any sizes while the reader keeps up", () => {
  const shared = createTap(1024 * 1024);
  const writer = new TapWriter(shared);
  const reader = new TapReader(shared);
  let sent = 0, got = 0, sum = 0, expected = 0;
  for (let round = 0; round < 400; round++) {
    const chunk = new Uint8Array((round * 7919) % 200_000).fill(round & 255);
    writer.push(CHANNEL.serverToClient, chunk, round);
    sent += chunk.length;
    expected += chunk.length * (round & 255);
    if (round % 3 === 2) {
      reader.read((_channel, view) => {
        got += view.length;
        for (const byte of view) sum += byte;
      }, assert.fail);
    }
  }
  reader.read((_channel, view) => {
    got += view.length;
    for (const byte of view) sum += byte;
  }, assert.fail);
  assert.deepEqual([got, sum], [sent, expected]);
});

Deno.test("tap counts what it dropped, exactly, and tells it in order", () => {
  const shared = createTap(512 * 1024);
  const writer = new TapWriter(shared);
  const reader = new TapReader(shared);
  const line = text.encode("x".repeat(99) + "\n");
  for (let i = 0; i < 10_000; i++) writer.push(CHANNEL.clientToServer, line, i);
  const before = readAll(reader);
  writer.push(CHANNEL.clientToServer, line, 1);
  const after = readAll(reader);
  assert.equal(before.gaps.length, 0);
  assert.equal(after.gaps.length, 1);
  assert.equal(after.bytes.length, 100);
  const gap = after.gaps[0] as Gap;
  assert.equal(before.bytes.length + gap.bytes, 1_000_000);
  assert.equal(gap.lines, 10_000 - before.bytes.length / 100);
  assert.equal(gap.endsLine, true);
});

Deno.test("tap tells a gap that was still open when the writer closed", () => {
  const shared = createTap(512 * 1024);
  const writer = new TapWriter(shared);
  const reader = new TapReader(shared);
  const chunk = new Uint8Array(60_000);
  for (let i = 0; i < 20; i++) writer.push(CHANNEL.serverLog, chunk, i);
  writer.close();
  const { bytes, gaps } = readAll(reader);
  assert.equal(gaps.length, 1);
  assert.equal(bytes.length + (gaps[0] as Gap).bytes, 1_200_000);
  assert.equal(reader.ended, true);
});

Deno.test("TapReader.wait() wakes when another thread writes", { sanitizeOps: false }, async () => {
  const shared = createTap(512 * 1024);
  const source = `import { TapReader } from ${JSON.stringify(import.meta.resolve("./tap.ts"))};
    self.onmessage = (event) => { const reader = new TapReader(event.data); self.postMessage("waiting");
      reader.wait(20000); let n = 0; reader.read((_c, view) => n += view.length, () => {}); self.postMessage(n); };`;
  const url = URL.createObjectURL(new Blob([source], { type: "application/typescript" }));
  const worker = new Worker(url, { type: "module" });
  const writer = new TapWriter(shared);
  const got = await new Promise((resolve) => {
    worker.onmessage = (event) => {
      if (event.data === "waiting") writer.push(CHANNEL.clientToServer, text.encode("hello\n"), 0);
      else resolve(event.data);
    };
    worker.postMessage(shared);
  });
  worker.terminate();
  URL.revokeObjectURL(url);
  assert.equal(got, 6);
});

Deno.test("TapWriter.takeIdle() names memory of a burst once it is free, once", () => {
  const shared = createTap(4 * 1024 * 1024);
  const writer = new TapWriter(shared);
  const reader = new TapReader(shared);
  for (let i = 0; i < 40; i++) writer.push(CHANNEL.serverLog, new Uint8Array(60_000), i);
  assert.equal(writer.mayHaveIdle, true);
  assert.deepEqual(writer.takeIdle(), [], "the reader still needs all of it");
  assert.equal(readAll(reader).bytes.length, 2_400_000);
  const idle = writer.takeIdle();
  assert.ok(
    idle.length >= 4 &&
      idle.every(({ offset, length }) => offset > 0 && offset + length <= shared.byteLength),
  );
  assert.deepEqual(writer.takeIdle(), []);
  writer.push(CHANNEL.serverLog, new Uint8Array([7]), 1);
  assert.deepEqual(readAll(reader).bytes, [7]);
});
