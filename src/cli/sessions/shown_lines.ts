/** Lines that a session's program wrote, on their way to stdout. @module */
import { printable } from "../../core/printable.ts";

/** `lines` as they are for a program; for a terminal without what steers it or is not seen: that is escaped. */
export function shownLines(
  lines: readonly string[],
  isTerminal: boolean = Deno.stdout.isTerminal(),
): readonly string[] {
  // Diagrams are made of braille cells, of which the empty one is a blank.
  return isTerminal ? lines.map((line) => printable(line.replaceAll("\u2800", " "))) : lines;
}
