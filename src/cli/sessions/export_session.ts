/** What `km sessions export` does, and the end of `km sessions record`. @module */
import { KmError } from "../../core/error.ts";
import { asciicastLines } from "../../sessions/asciicast.ts";
import { readOutput } from "../../store/session_output.ts";
import { cannotWrite, write, writeAll, writeLines } from "../terminal.ts";
import { readBytes, waitForStored } from "./follow_output.ts";
import { PlainText } from "./plain_text.ts";
import { shownLines } from "./shown_lines.ts";
import { findStored, withStoredSession } from "./stored_session.ts";

/** How long what was written last may take to be stored, in ms. */
const STORED_MS = 5000;

/** Prints the recording; returns the exit code. @throws {KmError} */
export async function exportSession(ref: string, format: string): Promise<number> {
  if (format === "ansi" && Deno.stdout.isTerminal()) {
    throw new KmError(
      "usage",
      "Cannot print what a program wrote to a terminal as it is: it may do more than draw",
      {
        hint: "write it to a file, or use --format text",
      },
    );
  }
  return await withStoredSession(ref, async (session, db) => {
    if (format === "ansi") {
      await readBytes(db, session.id, { follows: false, onBytes: (bytes) => writeAll(Deno.stdout, bytes) });
    } else if (format === "text") {
      const text = new PlainText((line) => writeLines(shownLines([line])));
      await readBytes(db, session.id, { follows: false, onBytes: (bytes) => text.feed(bytes) });
      text.end();
    } else {
      const lines = asciicastLines(session, readOutput(db, session.id), { version: format === "v2" ? 2 : 3 });
      for (const line of lines) write(line);
    }
    return 0;
  });
}

/** Writes the asciicast of all that the session wrote up to the byte `seq`. @throws {KmError} when the file cannot be written */
export async function writeRecording(id: string, seq: number, path: string): Promise<void> {
  await withStoredSession(id, async (_, db) => {
    await waitForStored(db, id, { seq, patienceMs: STORED_MS });
    try {
      using file = Deno.openSync(path, { write: true, create: true, truncate: true });
      for (const line of asciicastLines(findStored(db, id), readOutput(db, id))) {
        writeAll(file, new TextEncoder().encode(line));
      }
    } catch (error) {
      throw cannotWrite(`"${path}"`, error);
    }
    return 0;
  });
}
