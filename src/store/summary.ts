/** The database at a glance, and whether it is sound. @module */
import { formatTimeUs } from "../core/clock.ts";
import { type Database, schemaVersion } from "./database.ts";

export interface Summary {
  readonly events: number;
  readonly runs: number;
  /** ISO 8601; null when there are no events. */
  readonly oldest: string | null;
  readonly newest: string | null;
  /** Size of the file, without its write-ahead log. */
  readonly sizeBytes: number;
  readonly schemaVersion: number;
}

/** A server that was recorded. */
export interface KnownServer {
  readonly server: string;
  /** Its last command line, redacted, as JSON array text. */
  readonly command: string;
  /** ISO 8601: when its last run started. */
  readonly lastSeen: string;
}

/** Problems listed by one integrity check. */
const MAX_PROBLEMS = 20;

/** What is stored. */
export function readSummary(db: Database): Summary {
  return db.snapshot(() => ({
    events: one(db, "SELECT coalesce(sum(events), 0) AS value FROM blocks") ?? 0,
    runs: one(db, "SELECT count(*) AS value FROM runs") ?? 0,
    // By time and not by seq: others send events of any time.
    oldest: time(
      one(db, "SELECT min(first_us) AS value FROM blocks INDEXED BY blocks_by_time WHERE events > 0"),
    ),
    newest: time(
      one(db, "SELECT max(last_us) AS value FROM blocks INDEXED BY blocks_by_time WHERE events > 0"),
    ),
    sizeBytes: (one(db, "SELECT page_count * page_size AS value FROM pragma_page_count, pragma_page_size")) ??
      0,
    schemaVersion: schemaVersion(db),
  }));
}

/** Problems that SQLite finds in the file; empty when it is sound. Reads all of it. */
export function checkIntegrity(db: Database): string[] {
  const rows = db.all<{ integrity_check: string }>(`PRAGMA integrity_check(${MAX_PROBLEMS})`);
  return rows.map((row) => row.integrity_check).filter((text) => text !== "ok");
}

/** Every server with its last command, latest first. */
export function knownServers(db: Database): KnownServer[] {
  const rows = db.all<{ server: string; command: string; seen: number }>(
    "SELECT server, command, max(started_us) AS seen FROM runs GROUP BY server ORDER BY seen DESC",
  );
  return rows.map((row) => ({ server: row.server, command: row.command, lastSeen: formatTimeUs(row.seen) }));
}

function one(db: Database, sql: string): number | null {
  return db.get<{ value: number | null }>(sql)?.value ?? null;
}

function time(us: number | null): string | null {
  return us === null ? null : formatTimeUs(us);
}
