/** What `km sessions logs` does. @module */
import type { Database } from "../../store/database.ts";
import { writeLines } from "../terminal.ts";
import { readBytes } from "./follow_output.ts";
import { PlainText } from "./plain_text.ts";
import { shownLines } from "./shown_lines.ts";
import { markSeen } from "./mark_seen.ts";
import { withStoredSession } from "./stored_session.ts";

export interface LogFlags {
  /** Only so many of the past. */
  readonly lines: number | undefined;
  readonly follow: boolean;
}

/** Prints it; returns the exit code. @throws {KmError} */
export async function printLogs(ref: string, flags: LogFlags): Promise<number> {
  return await withStoredSession(ref, async (session, db) => {
    await readLines(db, session.id, flags, (lines) => writeLines(shownLines(lines)));
    await markSeen(session);
    return 0;
  });
}

/** Hands on the lines of session `id`, also those that come until it ends when they are followed. */
export async function readLines(
  db: Database,
  id: string,
  { lines, follow }: LogFlags,
  print: (lines: readonly string[]) => void,
): Promise<void> {
  let kept: string[] = [];
  // Only while the past is read: then each line is printed as it comes.
  let isPast = lines !== undefined;
  const text = new PlainText((line) => {
    kept.push(line);
    if (isPast && lines !== undefined && kept.length > 2 * lines + 100) kept = last(kept, lines);
  });
  const flush = () => {
    print(isPast && lines !== undefined ? last(kept, lines) : kept);
    kept = [];
  };
  let fromSeq = 0;
  if (isPast && follow) {
    fromSeq = await readBytes(db, id, { follows: false, onBytes: (bytes) => text.feed(bytes) });
    flush();
    isPast = false;
  }
  await readBytes(db, id, {
    fromSeq,
    follows: follow,
    onBytes: (bytes) => {
      text.feed(bytes);
      if (!isPast) flush();
    },
  });
  text.end();
  flush();
}

function last(lines: readonly string[], count: number): string[] {
  return count === 0 ? [] : lines.slice(-count);
}
