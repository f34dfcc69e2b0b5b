/** What `km sessions logs` does. @module */
import { printable } from "../../core/printable.ts";
import { writeLines } from "../terminal.ts";
import { readBytes } from "./follow_output.ts";
import { PlainText } from "./plain_text.ts";
import { withStoredSession } from "./stored_session.ts";

/** Prints it; returns the exit code. @throws {KmError} */
export async function printLogs(
  ref: string,
  { lines, follow }: { readonly lines: number | undefined; readonly follow: boolean },
): Promise<number> {
  return await withStoredSession(ref, async ({ id }, db) => {
    let kept: string[] = [];
    // Only while the past is read: then each line is printed as it comes.
    let isPast = lines !== undefined;
    const isTerminal = Deno.stdout.isTerminal();
    const text = new PlainText((line) => {
      kept.push(isTerminal ? printable(line) : line);
      if (isPast && lines !== undefined && kept.length > 2 * lines + 100) kept = last(kept, lines);
    });
    const print = () => {
      writeLines(isPast && lines !== undefined ? last(kept, lines) : kept);
      kept = [];
    };
    if (isPast && follow) {
      // The past is read once more when it is followed: it is over before something is printed.
      await readBytes(db, id, { follows: false, onBytes: (bytes) => text.feed(bytes) });
      print();
      isPast = false;
      kept = [];
    }
    await readBytes(db, id, {
      follows: follow,
      onBytes: (bytes) => {
        text.feed(bytes);
        if (!isPast) print();
      },
    });
    text.end();
    print();
    return 0;
  });
}

function last(lines: readonly string[], count: number): string[] {
  return count === 0 ? [] : lines.slice(-count);
}
