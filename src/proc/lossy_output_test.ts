import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { LossyOutput } from "./lossy_output.ts";
import type { Sink } from "./sink.ts";

const encoder = new TextEncoder();
const describeLoss = (lines: number) => encoder.encode(`${lines} lost\n`);
const unixOnly = { ignore: Deno.build.os === "windows" };

/** A sink that takes as many bytes as it is allowed to, or has lost its reader (-1). */
class MeteredSink implements Sink {
  readonly fd = -1;
  allowed = 0;
  text = "";

  write(address: number, length: number): number {
    if (this.allowed < 0) return -1;
    const count = Math.min(this.allowed, length);
    this.allowed -= count;
    const pointer = Deno.UnsafePointer.create(BigInt(address));
    assert.ok(pointer);
    const bytes = new Uint8Array(new Deno.UnsafePointerView(pointer).getArrayBuffer(count));
    this.text += new TextDecoder().decode(bytes.slice());
    return count;
  }

  close(): void {}
}

Deno.test("LossyOutput shows whole lines in order, and says how many it dropped", unixOnly, async () => {
  verifies("monitor-output-console");
  const sink = new MeteredSink();
  const output = new LossyOutput(sink, describeLoss);
  const line = (i: number) => `${i} ${"x".repeat(1000)}\n`;
  for (let i = 0; i < 3000; i++) output.write(encoder.encode(line(i)));
  sink.allowed = Infinity;
  output.write(encoder.encode("one more\n"));
  output.write(encoder.encode("and one\n"));
  await output.drain();
  const lines = sink.text.split("\n").slice(0, -1);
  const shown = lines.filter((text) => text.endsWith("x"));
  assert.deepEqual(shown, Array.from({ length: shown.length }, (_, i) => line(i).trimEnd()));
  assert.ok(shown.length > 1000 && shown.length < 1100, String(shown.length));
  assert.deepEqual(lines.slice(shown.length), [`${3001 - shown.length} lost`, "and one"]);
});

Deno.test(
  "LossyOutput goes on by itself when its reader does, and drain() gives up one that never reads",
  unixOnly,
  async () => {
    verifies("monitor-output-console");
    const sink = new MeteredSink();
    const output = new LossyOutput(sink, describeLoss);
    output.write(encoder.encode("first\n"));
    sink.allowed = 3;
    for (let i = 0; i < 100 && sink.text !== "fir"; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.equal(sink.text, "fir");
    const startMs = performance.now();
    await output.drain();
    assert.ok(performance.now() - startMs < 450);
  },
);

Deno.test(
  "LossyOutput shows a line longer than all it would hold, and stops when its reader has gone",
  unixOnly,
  async () => {
    const sink = new MeteredSink();
    sink.allowed = Infinity;
    const output = new LossyOutput(sink, describeLoss);
    output.write(new Uint8Array(3_000_000).fill(65));
    assert.equal(sink.text.length, 3_000_000);
    sink.allowed = -1;
    output.write(encoder.encode("more\n"));
    output.write(encoder.encode("more\n"));
    await output.drain();
    assert.equal(sink.text.length, 3_000_000);
  },
);
