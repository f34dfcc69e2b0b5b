/** `$KM_HOME/daemon.json`: where the daemon of a home can be found while it runs. Loads no package: every command may read it. @module */
import { isGone, type ProcessMark } from "../store/process_mark.ts";

/** What the file says. Names are a contract. */
export interface DaemonRecord {
  readonly pid: number;
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Where it listens, the one to use first; browsers and `fetch` refuse port 42. */
  readonly urls: readonly string[];
  readonly ports: readonly number[];
  /** Tells the process from a later one that has its pid. */
  readonly process: ProcessMark;
}

/** Writes the file at `path`, whole or not at all. */
export function writeDaemonFile(path: string, record: DaemonRecord): void {
  const unfinished = `${path}.${record.pid}.tmp`;
  Deno.writeTextFileSync(unfinished, JSON.stringify(record, null, 2) + "\n", { mode: 0o600 });
  Deno.renameSync(unfinished, path);
}

/** Removes the file, if it is still that of process `pid`. */
export function removeDaemonFile(path: string, pid: number): void {
  if (readRecord(path)?.pid !== pid) return;
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** The daemon that runs for the home of this file; null when none does. A file that a killed one left behind counts as none. */
export function findDaemon(path: string): DaemonRecord | null {
  const record = readRecord(path);
  return record === null || isGone(record.process) ? null : record;
}

function readRecord(path: string): DaemonRecord | null {
  try {
    const value: unknown = JSON.parse(Deno.readTextFileSync(path));
    return isRecord(value) ? value : null;
  } catch {
    return null; // None, or not ours: there is nobody to be found through it.
  }
}

function isRecord(value: unknown): value is DaemonRecord {
  if (typeof value !== "object" || value === null) return false;
  const record = value as Partial<Record<keyof DaemonRecord, unknown>>; // as: that is what is checked here
  return Number.isSafeInteger(record.pid) && Number(record.pid) > 0 && typeof record.version === "string" &&
    typeof record.startedAt === "string" && isList(record.urls, "string") && isList(record.ports, "number") &&
    isMark(record.process);
}

function isList(value: unknown, type: "string" | "number"): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === type);
}

function isMark(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { pid, start, host } = value as Partial<Record<keyof ProcessMark, unknown>>; // as: see above
  return typeof pid === "number" && typeof start === "string" && typeof host === "string";
}
