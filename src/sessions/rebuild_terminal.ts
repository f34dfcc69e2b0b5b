/** The terminal of a session that has ended, made again from what was stored of it. @module */
import type { Database } from "../store/database.ts";
import { readOutput } from "../store/session_output.ts";
import { findSession } from "../store/session_reader.ts";
import { TerminalState } from "./terminal/terminal_state.ts";

/** Returns it as it was at the end. What it answers and signals goes nowhere. @throws {KmError} not_found, store_… */
export async function rebuildTerminal(db: Database, id: string): Promise<TerminalState> {
  const { size } = findSession(db, id);
  const terminal = new TerminalState({ size, answer: () => {}, signal: () => {} });
  for (const { frames } of readOutput(db, id)) {
    for (const frame of frames) {
      // In slices: whoever else is waited for gets their turn.
      if (frame.kind === "output") await new Promise<void>((resolve) => terminal.write(frame.bytes, resolve));
      if (frame.kind === "resize") terminal.resize(frame.size);
    }
  }
  return terminal;
}
