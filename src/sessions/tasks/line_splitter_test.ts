import assert from "node:assert/strict";
import { LineSplitter } from "./line_splitter.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("LineSplitter gives the same lines however the stream is cut", () => {
  const text = "one\r\n\nzwölf ☃ 🎈\nthe last has no end";
  const whole = bytes(text);
  for (let size = 1; size <= whole.length; size++) {
    const splitter = new LineSplitter();
    const lines = [];
    for (let at = 0; at < whole.length; at += size) {
      lines.push(...splitter.push(whole.subarray(at, at + size)));
    }
    lines.push(...splitter.end());
    assert.deepEqual(lines.map(({ text }) => text), ["one", "", "zwölf ☃ 🎈", "the last has no end"]);
  }
});

Deno.test("LineSplitter keeps the beginning of a line that is too long, counts the rest, and goes on", () => {
  for (const size of [1, 7, 1000, 100_000]) {
    const splitter = new LineSplitter(10_000);
    const stream = bytes(`${"x".repeat(50_000)}\nnext\n${"y".repeat(10_000)}\n`);
    const lines = [];
    for (let at = 0; at < stream.length; at += size) {
      lines.push(...splitter.push(stream.subarray(at, at + size)));
    }
    assert.deepEqual(lines.map(({ text, leftOut }) => [text.length, leftOut]), [[4096, 45_904], [4, 0], [
      10_000,
      0,
    ]]);
  }
});

Deno.test("LineSplitter keeps nothing of the chunks that it is given", () => {
  const splitter = new LineSplitter();
  const chunk = bytes("half");
  splitter.push(chunk);
  chunk.fill(0);
  assert.deepEqual(splitter.push(bytes(" line\n")), [{ text: "half line", leftOut: 0 }]);
});
