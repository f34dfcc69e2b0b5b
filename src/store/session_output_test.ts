import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { KmError } from "../core/error.ts";
import {
  appendOutput,
  type OutputFrame,
  outputRange,
  readOutput,
  type StoredChunk,
} from "./session_output.ts";
import { SESSION_LIMITS } from "./session_limits.ts";
import { updateSession } from "./session_writer.ts";
import { NOON_US, randomFrom, TempStore } from "./testing.ts";
import { addSession, newId, outputFrame } from "./testing_session.ts";

function bytesOf(chunks: readonly StoredChunk[]): Uint8Array {
  const frames = chunks.flatMap((chunk) => chunk.frames);
  return Uint8Array.from(frames.flatMap((frame) => frame.kind === "output" ? [...frame.bytes] : []));
}

Deno.test("readOutput() gives the frames that appendOutput() got, with their times", () => {
  verifies("session-stored");
  using store = new TempStore();
  const { id } = addSession(store.db);
  const frames: OutputFrame[] = [
    { kind: "resize", timeUs: NOON_US, size: { cols: 500, rows: 200 } },
    outputFrame(new Uint8Array([0, 27, 255, 128, 13, 10]), NOON_US + 1),
    outputFrame("", NOON_US + 3_600_000_000),
    { kind: "marker", timeUs: NOON_US - 5, text: "the clock was set back ✓" },
    outputFrame("é".repeat(3000), NOON_US + 2),
  ];
  appendOutput(store.db, id, { firstSeq: 0, frames });
  assert.deepEqual([...readOutput(store.db, id)], [
    { firstSeq: 0, endSeq: 6006, size: { cols: 120, rows: 40 }, frames },
  ]);
});

Deno.test("readOutput() begins with the chunk that holds a byte, and reads one chunk at a time", () => {
  using store = new TempStore();
  const [session, other] = [addSession(store.db), addSession(store.db)];
  for (let i = 0; i < 4; i++) {
    appendOutput(store.db, session.id, { firstSeq: i * 3, frames: [outputFrame(`${i}${i}${i}`)] });
    appendOutput(store.db, other.id, { firstSeq: i * 3, frames: [outputFrame("xxx")] });
  }
  const firsts = (fromSeq: number) =>
    [...readOutput(store.db, session.id, { fromSeq })].map((chunk) => chunk.firstSeq);
  assert.deepEqual([0, 2, 3, 11, 12].map(firsts), [[0, 3, 6, 9], [0, 3, 6, 9], [3, 6, 9], [9], []]);
  const chunks = readOutput(store.db, session.id);
  chunks.next();
  // What is removed while somebody reads is not there any more, and nothing else happens.
  store.db.exec("DELETE FROM session_output WHERE first_seq < 9");
  assert.deepEqual([...chunks].map((chunk) => chunk.firstSeq), [9]);
});

Deno.test("appendOutput() splits what is too large for a row", () => {
  using store = new TempStore();
  const { id } = addSession(store.db);
  const random = randomFrom(1);
  const bytes = Uint8Array.from({ length: 2 * SESSION_LIMITS.chunkBytes + 5 }, () => random() * 256);
  const resize = { kind: "resize", timeUs: NOON_US, size: { cols: 80, rows: 24 } } as const;
  appendOutput(store.db, id, { firstSeq: 0, frames: [outputFrame("a"), outputFrame(bytes), resize] });
  const chunks = [...readOutput(store.db, id)];
  assert.deepEqual(chunks.map((chunk) => [chunk.firstSeq, chunk.endSeq]), [
    [0, SESSION_LIMITS.chunkBytes],
    [SESSION_LIMITS.chunkBytes, 2 * SESSION_LIMITS.chunkBytes],
    [2 * SESSION_LIMITS.chunkBytes, 2 * SESSION_LIMITS.chunkBytes + 6],
  ]);
  assert.deepEqual(bytesOf(chunks).subarray(1), bytes);
  const many = Array.from({ length: 40_000 }, (_, i) => ({ ...resize, timeUs: i }));
  appendOutput(store.db, id, { firstSeq: bytes.length + 1, frames: many });
  assert.deepEqual(
    [...readOutput(store.db, id, { fromSeq: bytes.length + 1 })].flatMap((c) => c.frames),
    many,
  );
});

Deno.test("appendOutput() cuts markers, and stores nothing for nothing", () => {
  using store = new TempStore();
  const { id } = addSession(store.db);
  appendOutput(store.db, id, { firstSeq: 0, frames: [] });
  assert.deepEqual([...readOutput(store.db, id)], []);
  appendOutput(store.db, id, {
    firstSeq: 0,
    frames: [{ kind: "marker", timeUs: NOON_US, text: "m".repeat(5000) }],
  });
  const [frame] = [...readOutput(store.db, id)][0]?.frames ?? [];
  assert.equal(frame?.kind === "marker" && frame.text.length, SESSION_LIMITS.markerChars);
});

Deno.test("appendOutput() of bytes that are stored is refused; a gap is kept as one", () => {
  using store = new TempStore();
  const { id } = addSession(store.db);
  appendOutput(store.db, id, { firstSeq: 0, frames: [outputFrame("hello")] });
  for (const firstSeq of [0, 4]) {
    assert.throws(() => appendOutput(store.db, id, { firstSeq, frames: [outputFrame("x")] }), RangeError);
  }
  appendOutput(store.db, id, { firstSeq: 9, frames: [outputFrame("later")] });
  assert.deepEqual(outputRange(store.db, id), { firstSeq: 0, endSeq: 14 });
  assert.deepEqual([...readOutput(store.db, id, { fromSeq: 6 })].map((chunk) => chunk.firstSeq), [9]);
  assert.throws(
    () => appendOutput(store.db, newId(), { firstSeq: 0, frames: [outputFrame("x")] }),
    (error) => error instanceof KmError && error.code === "not_found",
  );
});

Deno.test("outputRange() of a session without output is where it stands", () => {
  using store = new TempStore();
  const { id } = addSession(store.db);
  assert.deepEqual(outputRange(store.db, id), { firstSeq: 0, endSeq: 0 });
  updateSession(store.db, id, { seq: 7 });
  assert.deepEqual(outputRange(store.db, id), { firstSeq: 7, endSeq: 7 });
});

Deno.test("readOutput() says how large the terminal was before each chunk, also when earlier ones are gone", () => {
  using store = new TempStore();
  const { id } = addSession(store.db, { size: { cols: 100, rows: 30 } });
  const resize = (cols: number): OutputFrame => ({
    kind: "resize",
    timeUs: NOON_US,
    size: { cols, rows: 30 },
  });
  appendOutput(store.db, id, { firstSeq: 0, frames: [outputFrame("a"), resize(90), resize(80)] });
  updateSession(store.db, id, { size: { cols: 80, rows: 30 } });
  appendOutput(store.db, id, { firstSeq: 1, frames: [outputFrame("b")] });
  appendOutput(store.db, id, { firstSeq: 2, frames: [resize(70), outputFrame("c")] });
  appendOutput(store.db, id, { firstSeq: 3, frames: [outputFrame("d")] });
  const cols = () => [...readOutput(store.db, id)].map((chunk) => chunk.size.cols);
  assert.deepEqual(cols(), [100, 80, 80, 70]);
  store.db.exec("DELETE FROM session_output WHERE first_seq < 2");
  assert.deepEqual(cols(), [80, 70]);
});

Deno.test("readOutput() of damaged bytes says so", () => {
  using store = new TempStore();
  const { id } = addSession(store.db);
  appendOutput(store.db, id, { firstSeq: 0, frames: [outputFrame("hello ".repeat(500))] });
  store.db.exec("UPDATE session_output SET data = zeroblob(length(data))");
  assert.throws(
    () => [...readOutput(store.db, id)],
    (error) => error instanceof KmError && error.code === "store_corrupt",
  );
});
