/** Output of a session as it is stored, until the session has ended. @module */
import { hasEnded } from "../../core/session.ts";
import type { Database } from "../../store/database.ts";
import { readOutput, type StoredChunk } from "../../store/session_output.ts";
import { findSession } from "../../store/session_reader.ts";

/** How often the database is looked at, in ms; output is stored once a second or sooner. */
const LOOK_MS = 150;

/** Hands on the bytes that are stored, from the byte `fromSeq` on; goes on with those that come when `follows`. Returns which one comes next. */
export async function readBytes(
  db: Database,
  id: string,
  options: {
    readonly fromSeq?: number;
    readonly follows: boolean;
    readonly onBytes: (bytes: Uint8Array) => void;
  },
): Promise<number> {
  let seq = options.fromSeq ?? 0;
  for (;;) {
    // Asked before: what is stored with the end is then read below.
    const isOver = hasEnded(findSession(db, id).state);
    for (const chunk of readOutput(db, id, { fromSeq: seq })) {
      for (const bytes of bytesFrom(chunk, seq)) options.onBytes(bytes);
      seq = chunk.endSeq;
    }
    if (!options.follows || isOver) return seq;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** The output of a chunk from the byte `seq` on. */
function* bytesFrom({ firstSeq, frames }: StoredChunk, seq: number): Generator<Uint8Array> {
  let at = firstSeq;
  for (const frame of frames) {
    if (frame.kind !== "output") continue;
    const skipped = Math.max(0, seq - at);
    if (skipped < frame.bytes.length) yield frame.bytes.subarray(skipped);
    at += frame.bytes.length;
  }
}

/** Waits until everything up to the byte `seq` is stored, at most `patienceMs`. */
export async function waitForStored(
  db: Database,
  id: string,
  { seq, patienceMs }: { readonly seq: number; readonly patienceMs: number },
): Promise<void> {
  const deadlineMs = performance.now() + patienceMs;
  for (;;) {
    const last = [...readOutput(db, id, { fromSeq: Math.max(0, seq - 1) })].at(-1);
    if (seq === 0 || (last?.endSeq ?? 0) >= seq || performance.now() > deadlineMs) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
