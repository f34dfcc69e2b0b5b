/**
 * How long sessions and tasks are kept, and how much output. A session that ended goes as a whole; one that runs loses its oldest output alone,
 * and never its last chunk, which says where it is and how large its terminal. Each step is a short transaction.
 * @module
 */
import type { Database } from "./database.ts";
import { TASK_LIMITS } from "./session_limits.ts";
import { IS_LIVE } from "./session_rows.ts";
import { removeSession } from "./session_writer.ts";
import { removeTask } from "./task_store.ts";

export interface SessionRetention {
  readonly nowUs: number;
  /** Sessions and tasks that ended longer ago go; 0: none. */
  readonly maxDays: number;
  /** Of output, as it is stored: compressed. Null: no bound. */
  readonly maxBytesPerSession: number | null;
  readonly maxTotalBytes: number | null;
}

/** What went. */
export interface PrunedSessions {
  readonly sessions: number;
  readonly tasks: number;
  /** Of output, as it was stored. */
  readonly outputBytes: number;
}

const DAY_US = 86_400_000_000;
/** Sessions and tasks removed in one step: those of 100 take 10 ms, output is counted apart. */
const STEP_ROWS = 100;
/** Output removed in one step: 8 MB take 5 to 10 ms (2026-11-22). */
const STEP_BYTES = 8 * 1024 * 1024;
const TASK_IS_OVER = "state IN ('done', 'failed', 'cancelled')";

/** Removes what is too old or too much. @throws {KmError} store_…: what was removed until then stays removed */
export function pruneSessions(db: Database, options: SessionRetention): PrunedSessions {
  const { nowUs, maxDays, maxBytesPerSession, maxTotalBytes } = options;
  const sums = { sessions: 0, tasks: 0, outputBytes: 0 };
  const drain = (step: () => PrunedSessions) => {
    for (let last = step(); !isNothing(last); last = step()) {
      sums.sessions += last.sessions;
      sums.tasks += last.tasks;
      sums.outputBytes += last.outputBytes;
    }
  };
  if (maxDays > 0) drain(() => removeEndedStep(db, nowUs - maxDays * DAY_US));
  drain(() => removeExcessTasks(db));
  if (maxBytesPerSession !== null) drain(() => trimLargeStep(db, maxBytesPerSession));
  if (maxTotalBytes !== null) drain(() => trimTotalStep(db, maxTotalBytes));
  return sums;
}

export function isNothing({ sessions, tasks, outputBytes }: PrunedSessions): boolean {
  return sessions + tasks + outputBytes === 0;
}

/** Bytes of output that are stored, of all sessions. */
export function storedOutputBytes(db: Database): number {
  return db.get<{ bytes: number }>("SELECT coalesce(sum(bytes), 0) AS bytes FROM session_output")?.bytes ?? 0;
}

/** How many sessions and tasks ended before `beforeUs`. */
export function countEnded(
  db: Database,
  beforeUs: number,
): { readonly sessions: number; readonly tasks: number } {
  return db.get<{ sessions: number; tasks: number }>(
    `SELECT (SELECT count(*) FROM sessions WHERE ended_us < ?1 AND NOT (${IS_LIVE})) AS sessions,
       (SELECT count(*) FROM tasks WHERE ended_us < ?1 AND ${TASK_IS_OVER}) AS tasks`,
    beforeUs,
  ) ?? { sessions: 0, tasks: 0 };
}

/** Removes some sessions and tasks that ended before `beforeUs`, longest ago first. */
export function removeEndedStep(db: Database, beforeUs: number): PrunedSessions {
  const sessions = db.all<{ number: number }>(
    `SELECT number FROM sessions WHERE ended_us < ? AND NOT (${IS_LIVE}) ORDER BY ended_us LIMIT ?`,
    beforeUs,
    STEP_ROWS,
  );
  const tasks = db.all<{ number: number }>(
    `SELECT number FROM tasks WHERE ended_us < ? AND ${TASK_IS_OVER} ORDER BY ended_us LIMIT ?`,
    beforeUs,
    STEP_ROWS,
  );
  if (sessions.length + tasks.length === 0) return { sessions: 0, tasks: 0, outputBytes: 0 };
  return db.transaction(() => {
    const removed = { sessions: 0, tasks: tasks.length, outputBytes: 0 };
    for (const { number } of sessions) {
      if (removed.outputBytes >= STEP_BYTES) break;
      removed.outputBytes += outputBytes(db, number);
      removed.sessions++;
      removeSession(db, number);
    }
    for (const { number } of tasks) removeTask(db, number);
    return removed;
  });
}

/** The oldest output that may go, with its time; undefined where there is none. */
export function oldestOutput(db: Database): OldOutput | undefined {
  return db.get<OldOutput>(
    `SELECT o.session, o.first_us, NOT (${IS_LIVE}) AS ended FROM session_output AS o JOIN sessions AS s ON s.number = o.session
     WHERE NOT (${IS_LIVE}) OR EXISTS (SELECT 1 FROM session_output WHERE session = o.session AND number > o.number)
     ORDER BY o.number LIMIT 1`,
  );
}

export interface OldOutput {
  readonly session: number;
  readonly first_us: number;
  readonly ended: number;
}

/** Removes about `bytes` of output, at most a step: with its session where that has ended. */
export function removeOldOutput(db: Database, { session, ended }: OldOutput, bytes: number): PrunedSessions {
  return db.transaction(() => {
    if (ended === 0) return { sessions: 0, tasks: 0, outputBytes: trimOutput(db, session, bytes) };
    const removed = { sessions: 1, tasks: 0, outputBytes: outputBytes(db, session) };
    removeSession(db, session);
    return removed;
  });
}

/**
 * Forgets, for a user who deletes everything, what is not needed by a session or task that goes on: those that are over, the audit, and
 * of those that run what they wrote and did so far.
 */
export function eraseSessions(db: Database): void {
  for (
    const { number } of db.all<{ number: number }>(`SELECT number FROM sessions WHERE NOT (${IS_LIVE})`)
  ) removeSession(db, number);
  for (const { number } of db.all<{ number: number }>(`SELECT number FROM tasks WHERE ${TASK_IS_OVER}`)) {
    removeTask(db, number);
  }
  // What a terminal was like before its first chunk is in its session's row.
  db.exec(
    `UPDATE sessions SET (first_cols, first_rows) = (SELECT end_cols, end_rows FROM session_output
       WHERE session = sessions.number ORDER BY number DESC LIMIT 1)
     WHERE number IN (SELECT session FROM session_output)`,
  );
  db.exec("DELETE FROM session_output");
  db.exec("DELETE FROM session_commands WHERE state NOT IN ('queued', 'delivered')");
  db.exec(
    "DELETE FROM session_states WHERE number NOT IN (SELECT max(number) FROM session_states GROUP BY session)",
  );
  db.exec("DELETE FROM task_events");
  db.exec("UPDATE tasks SET event_bytes = 0");
  db.exec("DELETE FROM session_audit");
}

function removeExcessTasks(db: Database): PrunedSessions {
  const tasks = db.all<{ number: number }>(
    `SELECT number FROM tasks WHERE ${TASK_IS_OVER} AND number <=
       (SELECT number FROM tasks ORDER BY number DESC LIMIT 1 OFFSET ?) ORDER BY number LIMIT ?`,
    TASK_LIMITS.tasks,
    STEP_ROWS,
  );
  if (tasks.length > 0) db.transaction(() => tasks.forEach(({ number }) => removeTask(db, number)));
  return { sessions: 0, tasks: tasks.length, outputBytes: 0 };
}

function trimLargeStep(db: Database, maxBytes: number): PrunedSessions {
  const large = db.get<{ session: number; bytes: number }>(
    `SELECT session, sum(bytes) AS bytes FROM session_output GROUP BY session
     HAVING sum(bytes) > ? AND count(*) > 1 LIMIT 1`,
    maxBytes,
  );
  const trimmed = large ? db.transaction(() => trimOutput(db, large.session, large.bytes - maxBytes)) : 0;
  return { sessions: 0, tasks: 0, outputBytes: trimmed };
}

/** Sessions that ended longest ago go first; then the oldest output of those that run. */
function trimTotalStep(db: Database, maxBytes: number): PrunedSessions {
  const excess = storedOutputBytes(db) - maxBytes;
  if (excess <= 0) return { sessions: 0, tasks: 0, outputBytes: 0 };
  const ended = db.get<{ session: number }>(
    `SELECT number AS session FROM sessions WHERE NOT (${IS_LIVE})
       AND number IN (SELECT session FROM session_output) ORDER BY ended_us, number LIMIT 1`,
  );
  if (ended) return removeOldOutput(db, { ...ended, first_us: 0, ended: 1 }, excess);
  const oldest = oldestOutput(db);
  return oldest ? removeOldOutput(db, oldest, excess) : { sessions: 0, tasks: 0, outputBytes: 0 };
}

/** Removes the oldest chunks of a session, of `bytes` together or a little more, but not the last one; returns their bytes. */
function trimOutput(db: Database, session: number, bytes: number): number {
  const chunks = db.all<{ number: number; bytes: number }>(
    `SELECT number, bytes FROM session_output WHERE session = ?1
       AND number < (SELECT max(number) FROM session_output WHERE session = ?1) ORDER BY number`,
    session,
  );
  const wanted = Math.min(bytes, STEP_BYTES);
  let removed = 0;
  let until = 0;
  for (const chunk of chunks) {
    if (removed >= wanted) break;
    removed += chunk.bytes;
    until = chunk.number;
  }
  db.run("DELETE FROM session_output WHERE session = ? AND number <= ?", session, until);
  return removed;
}

function outputBytes(db: Database, session: number): number {
  const row = db.get<{ bytes: number }>(
    "SELECT coalesce(sum(bytes), 0) AS bytes FROM session_output WHERE session = ?",
    session,
  );
  return row?.bytes ?? 0;
}
