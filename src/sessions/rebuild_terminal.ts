/** The terminal of a session that has ended, made again from what was stored of it. @module */
import type { Database } from "../store/database.ts";
import { readOutput } from "../store/session_output.ts";
import { findSession } from "../store/session_reader.ts";
import { TerminalState } from "./terminal/terminal_state.ts";

/**
 * Output that is played again, in bytes: 200 ms of work. Of a session that wrote more the end counts; what set a mode long before it and was never
 * repeated is not known then.
 */
const PLAYED_BYTES = 4 * 1024 * 1024;
/** Others get their turn after so many bytes. */
const SLICE_BYTES = 128 * 1024;

/** A terminal that was made again, and the session's sequence number that it stands at. */
export interface RebuiltTerminal {
  readonly terminal: TerminalState;
  readonly seq: number;
}

/** Returns it as it was at the end. What it answers and signals goes nowhere. @throws {KmError} not_found, store_… */
export async function rebuildTerminal(db: Database, id: string): Promise<RebuiltTerminal> {
  const { size, seq } = findSession(db, id);
  const terminal = new TerminalState({ size, answer: () => {}, signal: () => {} });
  let sliceBytes = 0;
  let isFirst = true;
  let endSeq = 0;
  for (const chunk of readOutput(db, id, { fromSeq: Math.max(0, seq - PLAYED_BYTES) })) {
    if (isFirst) terminal.resize(chunk.size);
    isFirst = false;
    endSeq = chunk.endSeq;
    for (const frame of chunk.frames) {
      if (frame.kind === "resize") terminal.resize(frame.size);
      if (frame.kind !== "output") continue;
      terminal.write(frame.bytes);
      sliceBytes += frame.bytes.length;
      if (sliceBytes < SLICE_BYTES) continue;
      sliceBytes = 0;
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }
  return { terminal, seq: endSeq };
}
