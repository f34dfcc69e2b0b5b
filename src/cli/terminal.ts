/** stdout and stderr of the command line: whole writes, width, and whether colours are wanted. @module */

import { readEnv } from "../config/environment.ts";
import { KmError } from "../core/error.ts";

/** Width of a table that goes into a file or a pipe, in columns: wide enough to cut little, narrow enough to read. */
const PIPE_COLUMNS = 160;

/** What rendering needs to know about the place it prints to. */
export interface Terminal {
  readonly columns: number;
  readonly color: boolean;
}

/** Describes stdout. */
export function stdoutTerminal(): Terminal {
  return { columns: columns(), color: wantsColor(Deno.stdout) };
}

/** True when colours are wanted on `stream`. @see https://no-color.org and https://force-color.org */
export function wantsColor(stream: { isTerminal(): boolean }): boolean {
  if (readEnv("NO_COLOR") !== undefined) return false;
  const forced = readEnv("FORCE_COLOR");
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return stream.isTerminal() && readEnv("TERM") !== "dumb";
}

function columns(): number {
  const asked = Number(readEnv("COLUMNS"));
  if (!Deno.stdout.isTerminal()) return asked > 0 ? asked : PIPE_COLUMNS;
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    return asked > 0 ? asked : 80;
  }
}

const encoder = new TextEncoder();

/** Writes `text` to stdout, all of it. @throws {Deno.errors.BrokenPipe} when nobody reads any more; KmError where it cannot be written */
export function write(text: string): void {
  try {
    writeAll(Deno.stdout, encoder.encode(text));
  } catch (error) {
    throw error instanceof Deno.errors.BrokenPipe ? error : cannotWrite("stdout", error);
  }
}

/** A failed write as a condition that the user can do something about; a KmError stays as it is. */
export function cannotWrite(target: string, error: unknown): unknown {
  if (error instanceof KmError || !(error instanceof Error)) return error;
  const code = "code" in error ? error.code : undefined;
  const full = code === "ENOSPC" || code === "EDQUOT";
  const reason = full ? "no space left on device" : error.message;
  return new KmError(full ? "store_full" : "unsupported", `Cannot write to ${target}: ${reason}`, {
    ...(full && { hint: "free some space, or write elsewhere" }),
    cause: error,
  });
}

/** Writes lines to stdout. */
export function writeLines(lines: Iterable<string>): void {
  let pending = "";
  for (const line of lines) {
    pending += line + "\n";
    if (pending.length < 65_536) continue;
    write(pending);
    pending = "";
  }
  if (pending !== "") write(pending);
}

/** Writes `text` to stderr; a closed stderr is nobody's problem. */
export function writeError(text: string): void {
  try {
    writeAll(Deno.stderr, encoder.encode(text));
  } catch {
    // There is no place left to say it.
  }
}

/** Anything with a blocking write: stdout, a file. */
export interface SyncWriter {
  writeSync(bytes: Uint8Array): number;
}

/** Writes all of `bytes`. */
export function writeAll(writer: SyncWriter, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writer.writeSync(bytes.subarray(at));
    } catch (error) {
      // A pipe that the other side has made non-blocking (node does) is full: wait for its reader.
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
