/** What SQLite says, in km's words. @module */
import { type ErrorCode, KmError } from "../core/error.ts";

/**
 * SQLite's own messages, by the condition they stand for. The text is matched because `DatabaseSync.exec` and the constructor give no
 * result code (Deno 2.9.6); it is fixed in SQLite's source. @see sqlite3ErrStr in main.c
 */
const CONDITIONS: readonly (readonly [part: string, code: ErrorCode, state: string, hint: string])[] = [
  ["is locked", "store_locked", "it is locked by another process", "try again in a moment"],
  [
    "database or disk is full",
    "store_full",
    "the disk is full",
    'free some space on this disk; deleting needs a little first, then "km prune" frees more',
  ],
  [
    "readonly database",
    "store_unavailable",
    "it may not be written",
    "check the permissions of the file and its folder",
  ],
  [
    "unable to open",
    "store_unavailable",
    "it may not be opened",
    "check the permissions of the file and its folder",
  ],
  [
    "disk I/O error",
    "store_unavailable",
    "the disk reports an error",
    "check the disk, or whether the folder was removed",
  ],
  ["not a database", "store_corrupt", "the file is not a database", "move it away; km makes a new one"],
  ["malformed", "store_corrupt", "the file is damaged", "move it away; km makes a new one"],
];

/** Turns an error of SQLite into a KmError about `action` (`Cannot read database "…"`); returns everything else as it came. */
export function toStoreError(error: unknown, action: string): unknown {
  if (!(error instanceof Error) || !isSqliteError(error)) return error;
  const found = CONDITIONS.find(([part]) => error.message.includes(part));
  if (!found) return new KmError("store_unavailable", `${action}: ${error.message}`, { cause: error });
  const [, code, state, hint] = found;
  return new KmError(code, `${action}: ${state}`, { hint, cause: error });
}

/** True when a row was refused because its key is already there. */
export function isDuplicate(error: unknown): boolean {
  return error instanceof Error && isSqliteError(error) &&
    error.message.startsWith("UNIQUE constraint failed");
}

function isSqliteError(error: Error): boolean {
  return "code" in error && error.code === "ERR_SQLITE_ERROR";
}
