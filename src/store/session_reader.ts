/** Reading sessions. @module */
import type { Session, SessionState, StateChange, StateSource } from "../core/session.ts";
import { hexToBytes } from "./codes.ts";
import type { Database } from "./database.ts";
import { byIdStart } from "./id_start.ts";
import { isId } from "./session_limits.ts";
import { IS_LIVE, SESSION_COLUMNS, sessionOf, type SessionRow } from "./session_rows.ts";
import { noSession, sessionNumber } from "./session_writer.ts";

export interface SessionQuery {
  readonly state?: "live" | "ended" | SessionState | undefined;
  readonly provider?: string | undefined;
  /** False: only those that somebody should look at. */
  readonly seen?: boolean | undefined;
  readonly limit: number;
  /** Only sessions of a lower number: the last one of the page before. */
  readonly before?: number | undefined;
}

const ID_DIGITS = 32;

/** Sessions, newest first. */
export function listSessions(
  db: Database,
  { state, provider, seen, limit, before }: SessionQuery,
): Session[] {
  const byState = state === "live"
    ? IS_LIVE
    : state === "ended"
    ? `NOT (${IS_LIVE})`
    : state === undefined
    ? "?1 IS NULL"
    : "state = ?1";
  return db.all<SessionRow>(
    `SELECT ${SESSION_COLUMNS} FROM sessions WHERE ${byState}
       AND (?2 IS NULL OR provider = ?2) AND (?3 IS NULL OR number < ?3) AND (?4 IS NULL OR seen = ?4)
       ORDER BY number DESC LIMIT ?5`,
    state ?? null,
    provider ?? null,
    before ?? null,
    seen === undefined ? null : Number(seen),
    limit,
  ).map(sessionOf);
}

/**
 * Finds a session by id, number, name (one that runs before those that ended, then the latest), or a beginning of its id (≥ 6 hex digits).
 * @throws {KmError} not_found, ambiguous
 */
export function findSession(db: Database, ref: string): Session {
  const row = byId(db, ref) ?? byNumber(db, ref) ?? byName(db, ref) ??
    byIdStart("session", ref, (first, last) =>
      db.all<SessionRow>(
        `SELECT ${SESSION_COLUMNS} FROM sessions WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 2`,
        first,
        last,
      ));
  if (!row) throw noSession(ref);
  return sessionOf(row);
}

/** What the session has been doing, oldest first. */
export function stateHistory(db: Database, id: string): StateChange[] {
  return db.all<{ state: SessionState; reason: string; source: StateSource; time_us: number }>(
    "SELECT state, reason, source, time_us FROM session_states WHERE session = ? ORDER BY number",
    sessionNumber(db, id),
  ).map(({ time_us, ...change }) => ({ ...change, timeUs: time_us }));
}

function byId(db: Database, ref: string): SessionRow | undefined {
  if (!isId(ref)) return undefined;
  return readRow(db, "id = ?", hexToBytes(ref, ID_DIGITS / 2));
}

function byNumber(db: Database, ref: string): SessionRow | undefined {
  if (!/^[1-9][0-9]{0,9}$/.test(ref)) return undefined;
  return readRow(db, "number = ?", Number(ref));
}

function byName(db: Database, ref: string): SessionRow | undefined {
  return readRow(db, `name = ? ORDER BY ${IS_LIVE} DESC, number DESC LIMIT 1`, ref.toWellFormed());
}

function readRow(db: Database, where: string, value: string | number | Uint8Array): SessionRow | undefined {
  return db.get<SessionRow>(`SELECT ${SESSION_COLUMNS} FROM sessions WHERE ${where}`, value);
}
