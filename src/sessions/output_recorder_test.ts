import assert from "node:assert/strict";
import { KmError } from "../core/error.ts";
import type { OutputChunk } from "../store/session_output.ts";
import { OutputRecorder } from "./output_recorder.ts";

const MIB = 1024 * 1024;

function taken(recorder: OutputRecorder): OutputChunk[] {
  const chunks: OutputChunk[] = [];
  recorder.flush((chunk) => chunks.push(chunk));
  return chunks;
}

Deno.test("OutputRecorder closes a chunk at 64 KiB, and numbers chunks by their first byte", () => {
  const recorder = new OutputRecorder(100);
  for (let i = 0; i < 5; i++) recorder.output(new Uint8Array(20_000), i);
  assert.equal(recorder.hasFull, true);
  assert.deepEqual(taken(recorder).map(({ firstSeq, frames }) => [firstSeq, frames.length]), [[100, 4], [
    80_100,
    1,
  ]]);
  assert.equal(recorder.isEmpty, true);
});

Deno.test("OutputRecorder offers again what the store did not take, from where it stopped", () => {
  const recorder = new OutputRecorder(0);
  for (let i = 0; i < 3; i++) recorder.output(new Uint8Array(70_000), i);
  const seen: number[] = [];
  const full = new KmError("store_full", "full");
  assert.throws(() =>
    recorder.flush(({ firstSeq }) => {
      if (seen.length === 1) throw full;
      seen.push(firstSeq);
    }), full);
  assert.deepEqual([seen, taken(recorder).map(({ firstSeq }) => firstSeq)], [[0], [70_000, 140_000]]);
});

Deno.test("OutputRecorder loses the oldest beyond its bound, and says how much is missing", () => {
  const recorder = new OutputRecorder(0);
  for (let i = 0; i < 6; i++) recorder.output(new Uint8Array(MIB), i);
  const chunks = taken(recorder);
  assert.deepEqual(chunks.map(({ firstSeq }) => firstSeq), [2, 3, 4, 5].map((at) => at * MIB));
  const kinds = chunks.map(({ frames }) =>
    frames.map((frame) => frame.kind === "marker" ? frame.text : frame.kind)
  );
  const said = `km could not store ${2 * MIB} bytes of output before this`;
  assert.deepEqual(kinds, [[said, "output"], ["output"], ["output"], ["output"]]);
});
