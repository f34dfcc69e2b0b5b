/**
 * What the daemon does to sessions and tasks when it starts: programs that ran under one that ended before it are gone, and the record says so.
 * What waits goes on waiting. The record is looked through for what cannot be, and repaired. @module
 */
import {
  COMMAND_STATES,
  type Session,
  SESSION_STATES,
  STATE_SOURCES,
  type StateChange,
} from "../core/session.ts";
import { TASK_STATES } from "../core/task.ts";
import { plural } from "../core/quantity.ts";
import type { Database } from "./database.ts";
import { IS_LIVE, SESSION_COLUMNS, sessionOf, type SessionRow } from "./session_rows.ts";
import { SESSION_PART_TABLES, updateSession, writeStateChange } from "./session_writer.ts";
import { queuedTasks, updateTask, writeTaskEvents } from "./task_store.ts";
import { TASK_COLUMNS, taskOf, type TaskRow } from "./task_rows.ts";

/** Why sessions are lost, and commands and tasks failed. */
export const LOST_REASON = "km serve ended before it did";

export interface RecoveryReport {
  /** Sessions that are lost now, as they were: with their process ids. */
  readonly lost: readonly Session[];
  /** Commands that were typed in, of which nobody knows what became. */
  readonly failedCommands: number;
  /** Commands that still wait, of all sessions. */
  readonly queuedCommands: number;
  readonly failedTasks: number;
  readonly queuedTasks: number;
  /** What was not as it should be, one printable sentence each. */
  readonly repairs: readonly string[];
}

/** Brings the record of sessions and tasks to what is true when no program of theirs runs. All or nothing. @throws {KmError} store_… */
export function recoverSessions(db: Database, nowUs: number): RecoveryReport {
  return db.transaction(() => {
    const repairs = [
      ...repairParts(db),
      ...repairOutput(db),
      ...repairSessions(db),
      ...repairCommands(db),
      ...repairTasks(db),
    ];
    const lost = loseSessions(db, nowUs);
    return {
      lost,
      failedCommands: failCommands(db, nowUs),
      queuedCommands: count(db, "session_commands WHERE state = 'queued'"),
      failedTasks: failTasks(db, nowUs),
      queuedTasks: queuedTasks(db).length,
      repairs,
    };
  });
}

function loseSessions(db: Database, nowUs: number): Session[] {
  const lost = db.all<SessionRow>(
    `SELECT ${SESSION_COLUMNS} FROM sessions WHERE ${IS_LIVE} ORDER BY number`,
  ).map(sessionOf);
  const change: StateChange = { state: "lost", reason: LOST_REASON, source: "restart", timeUs: nowUs };
  for (const { id } of lost) {
    writeStateChange(db, id, change);
    updateSession(db, id, { endedUs: nowUs, pid: null, seen: false });
  }
  return lost;
}

function failCommands(db: Database, nowUs: number): number {
  return db.run(
    "UPDATE session_commands SET state = 'failed', ended_us = ?, outcome = ? WHERE state = 'delivered'",
    nowUs,
    LOST_REASON,
  );
}

function failTasks(db: Database, nowUs: number): number {
  const running = db.all<TaskRow>(`SELECT ${TASK_COLUMNS} FROM tasks WHERE state = 'running'`).map(taskOf);
  for (const { id } of running) {
    updateTask(db, id, { state: "failed", reason: LOST_REASON, endedUs: nowUs });
    writeTaskEvents(db, id, [{ timeUs: nowUs, kind: "state", text: `failed: ${LOST_REASON}` }]);
  }
  return running.length;
}

/** What belongs to sessions or tasks that are not there. */
function repairParts(db: Database): string[] {
  const orphans = SESSION_PART_TABLES.map((table) =>
    db.run(`DELETE FROM ${table} WHERE session NOT IN (SELECT number FROM sessions)`)
  ).reduce((sum, rows) => sum + rows, 0);
  const events = db.run("DELETE FROM task_events WHERE task NOT IN (SELECT number FROM tasks)");
  return [
    ...told(orphans, (rows) => `Removed ${plural(rows, "row")} of sessions that are not there`),
    ...told(events, (rows) => `Removed ${plural(rows, "event")} of tasks that are not there`),
  ];
}

/** Chunks that are not whole, or hold bytes that another one holds. */
function repairOutput(db: Database): string[] {
  const broken = db.run("DELETE FROM session_output WHERE end_seq < first_seq OR length(data) <> bytes");
  const doubled = db.run(
    `DELETE FROM session_output WHERE number IN (SELECT number FROM (SELECT number, first_seq,
       max(end_seq) OVER (PARTITION BY session ORDER BY number ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
     FROM session_output) WHERE first_seq < before)`,
  );
  return [
    ...told(
      broken,
      (rows) => `Removed ${plural(rows, "chunk")} of output that ${rows === 1 ? "was" : "were"} not whole`,
    ),
    ...told(
      doubled,
      (rows) => `Removed ${plural(rows, "chunk")} of output that ${rows === 1 ? "was" : "were"} there twice`,
    ),
  ];
}

/** What a session's row says of its output, its history and its end. */
function repairSessions(db: Database): string[] {
  const unknown = db.run(
    `UPDATE sessions SET state = 'lost', state_source = 'restart', state_reason = 'its state was not one that km knows'
     WHERE state NOT IN (${listed(SESSION_STATES)}) OR state_source NOT IN (${listed(STATE_SOURCES)})`,
  );
  const behind = db.run(
    `UPDATE sessions SET seq = (SELECT max(end_seq) FROM session_output WHERE session = sessions.number)
     WHERE seq < (SELECT max(end_seq) FROM session_output WHERE session = sessions.number)`,
  );
  const endless = db.run(
    `UPDATE sessions SET ended_us = state_since_us WHERE ended_us IS NULL AND NOT (${IS_LIVE})`,
  );
  const revived = db.run(`UPDATE sessions SET ended_us = NULL WHERE ended_us IS NOT NULL AND ${IS_LIVE}`);
  const silent = db.run(
    `INSERT INTO session_states (session, state, reason, source, time_us)
     SELECT number, state, state_reason, state_source, state_since_us FROM sessions AS s WHERE state IS NOT
       (SELECT state FROM session_states WHERE session = s.number ORDER BY number DESC LIMIT 1)`,
  );
  return [
    ...told(unknown, (rows) => `Gave ${plural(rows, "session")} of unknown state up as lost`),
    ...told(behind, (rows) => `Counted the output of ${plural(rows, "session")} again`),
    ...told(endless, (rows) => `Set the time at which ${plural(rows, "session")} ended`),
    ...told(revived, (rows) => `Took back the end of ${plural(rows, "session")} that had not ended`),
    ...told(silent, (rows) => `Completed the history of ${plural(rows, "session")}`),
  ];
}

function repairCommands(db: Database): string[] {
  const unknown = db.run(
    `UPDATE session_commands SET state = 'failed', outcome = 'its state was not one that km knows'
     WHERE state NOT IN (${listed(COMMAND_STATES)})`,
  );
  return told(unknown, (rows) => `Gave ${plural(rows, "command")} of unknown state up as failed`);
}

function repairTasks(db: Database): string[] {
  const unknown = db.run(
    `UPDATE tasks SET state = 'failed', reason = 'its state was not one that km knows'
     WHERE state NOT IN (${listed(TASK_STATES)})`,
  );
  const endless = db.run(
    `UPDATE tasks SET ended_us = coalesce(started_us, created_us)
     WHERE ended_us IS NULL AND state NOT IN ('queued', 'running')`,
  );
  const miscounted = db.run(
    `UPDATE tasks SET event_bytes = (SELECT coalesce(sum(octet_length(text)), 0) FROM task_events WHERE task = tasks.number)
     WHERE event_bytes <> (SELECT coalesce(sum(octet_length(text)), 0) FROM task_events WHERE task = tasks.number)`,
  );
  return [
    ...told(unknown, (rows) => `Gave ${plural(rows, "task")} of unknown state up as failed`),
    ...told(endless, (rows) => `Set the time at which ${plural(rows, "task")} ended`),
    ...told(miscounted, (rows) => `Counted the events of ${plural(rows, "task")} again`),
  ];
}

function told(rows: number, sentence: (rows: number) => string): string[] {
  return rows === 0 ? [] : [sentence(rows)];
}

function listed(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(", ");
}

function count(db: Database, from: string): number {
  return db.get<{ count: number }>(`SELECT count(*) AS count FROM ${from}`)?.count ?? 0;
}
