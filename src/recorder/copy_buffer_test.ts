import assert from "node:assert/strict";
import { CopyBuffer } from "./copy_buffer.ts";

Deno.test("CopyBuffer gives copies that do not overlap, also beyond its size", () => {
  const buffer = new CopyBuffer(4);
  const source = Uint8Array.of(1, 2, 3);
  const copies = [buffer.copy(source), buffer.copy(source)];
  source.fill(9);
  assert.deepEqual(copies, [Uint8Array.of(1, 2, 3), Uint8Array.of(1, 2, 3)]);
  buffer.clear();
  assert.deepEqual(buffer.copy(source), Uint8Array.of(9, 9, 9));
});
