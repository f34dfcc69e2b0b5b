/** The one edge where the command line turns an error into words and an exit code. @module */

import { readEnv } from "../config/environment.ts";
import { EXIT_CODES, KmError } from "../core/error.ts";
import { printable } from "../core/printable.ts";
import { writeError } from "./terminal.ts";

/** Prints `error` on stderr and returns the exit code for it. */
export function reportError(error: unknown): number {
  if (error instanceof Deno.errors.BrokenPipe) return 0; // `km events | head`: the reader has had enough
  if (error instanceof KmError) {
    print("error", error.message);
    for (const line of error.said?.split("\n") ?? []) writeError(`  ${printable(line)}`.trimEnd() + "\n");
    if (error.hint !== undefined) print("hint", error.hint);
    if (debugging()) writeError(`${stackOf(error)}\n`);
    return EXIT_CODES[error.code];
  }
  print("error", `internal: ${error instanceof Error ? error.message : String(error)}`);
  if (debugging()) writeError(`${stackOf(error)}\n`);
  else print("hint", "this is a bug in km; run again with KM_DEBUG=1 to see where");
  return EXIT_CODES.internal;
}

function print(label: "error" | "hint", text: string): void {
  writeError(`km: ${label}: ${printable(text)}\n`);
}

function debugging(): boolean {
  return readEnv("KM_DEBUG") === "1";
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by: ${stackOf(error.cause)}`;
  return (error.stack ?? error.message) + cause;
}
