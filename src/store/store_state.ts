/** Whether the store can do its work right now: read, write, and room on the disk. Touches nothing. @module */
import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { KmError } from "../core/error.ts";
import { openDatabase } from "./database.ts";
import { inspectFile } from "./database_file.ts";
import { readSummary } from "./summary.ts";

/** `newer`: a newer km made it. `unavailable`: it may not be opened or written. */
export type StoreState = "ok" | "locked" | "full" | "corrupt" | "missing" | "newer" | "unavailable";

export interface StoreHealth {
  readonly state: StoreState;
  /** Null when they cannot be read. */
  readonly events: number | null;
  readonly sizeBytes: number | null;
}

/** With less than this free, the next batches do not fit, nor does SQLite's own log of them. */
const MIN_FREE_BYTES = 4 * 1024 * 1024;

const STATES: Readonly<Partial<Record<string, StoreState>>> = {
  not_found: "missing",
  store_locked: "locked",
  store_full: "full",
  store_corrupt: "corrupt",
  store_newer: "newer",
};

/** Opens the database anew, so that one that was removed or replaced under its readers is seen; takes the write lock and gives it back. */
export function readStoreHealth(path: string): StoreHealth {
  let events: number | null = null;
  let sizeBytes: number | null = null;
  try {
    if (!inspectFile(path)) return { state: "missing", events, sizeBytes };
    using db = openDatabase(path, { mode: "write" });
    ({ events, sizeBytes } = readSummary(db));
    db.transaction(() => {});
    return { state: freeBytes(path) < MIN_FREE_BYTES ? "full" : "ok", events, sizeBytes };
  } catch (error) {
    if (!(error instanceof KmError)) throw error;
    return { state: STATES[error.code] ?? "unavailable", events, sizeBytes };
  }
}

/** What a program of this user may still write beside `path`; endless where the system does not say. */
function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}
