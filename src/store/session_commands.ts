/** Commands for sessions: a queue that survives km, and what became of each. @module */
import { KmError } from "../core/error.ts";
import { COMMAND_ID, type SessionCommand, type SessionCommandState } from "../core/session.ts";
import type { Database, SqlValue } from "./database.ts";
import { cutLine, SESSION_LIMITS, wholeText } from "./session_limits.ts";
import { sessionNumber } from "./session_writer.ts";

interface CommandRow {
  readonly id: string;
  readonly text: string;
  readonly state: SessionCommandState;
  readonly by: string;
  readonly queued_us: number;
  readonly delivered_us: number | null;
  readonly ended_us: number | null;
  readonly outcome: string | null;
}

const COLUMNS = "id, text, state, by, queued_us, delivered_us, ended_us, outcome";
const OPEN = "state IN ('queued', 'delivered')";

/**
 * Puts a command at the end of its session's queue. The same id again is the same command: it stays as it is stored, which is returned.
 * @throws {KmError} not_found; usage when the id is not 1 to 64 printable ASCII characters, the text is too long, or too many wait
 */
export function enqueueCommand(
  db: Database,
  sessionId: string,
  command: Pick<SessionCommand, "id" | "text" | "by" | "queuedUs">,
): { readonly command: SessionCommand; readonly isNew: boolean } {
  const { id, by, queuedUs } = command;
  if (!COMMAND_ID.test(id)) {
    throw new KmError(
      "usage",
      `Cannot queue a command "${cutLine(id, SESSION_LIMITS.commandIdChars)}": not an id`,
      { hint: `an id is 1 to ${SESSION_LIMITS.commandIdChars} printable ASCII characters without spaces` },
    );
  }
  const text = wholeText(command.text, "command", SESSION_LIMITS.commandTextChars);
  return db.transaction(() => {
    const session = sessionNumber(db, sessionId);
    const stored = readCommand(db, session, id);
    if (stored) return { command: stored, isNew: false };
    refuseTooMany(db, session);
    db.run(
      "INSERT INTO session_commands (session, id, text, state, by, queued_us) VALUES (?, ?, ?, 'queued', ?, ?)",
      session,
      id,
      text,
      cutLine(by, SESSION_LIMITS.wordChars),
      queuedUs,
    );
    forgetOldest(db, session);
    // As: it was inserted above.
    return { command: readCommand(db, session, id) as SessionCommand, isNew: true };
  });
}

/** Changes what is given. @throws {KmError} not_found when the session has no such command */
export function updateCommand(
  db: Database,
  sessionId: string,
  commandId: string,
  changes: Partial<Pick<SessionCommand, "state" | "deliveredUs" | "endedUs" | "outcome">>,
): void {
  const { outcome } = changes;
  const columns = ([
    ["state", changes.state],
    ["delivered_us", changes.deliveredUs],
    ["ended_us", changes.endedUs],
    ["outcome", outcome && cutLine(outcome, SESSION_LIMITS.outcomeChars)],
  ] as [string, SqlValue | undefined][]).filter((pair): pair is [string, SqlValue] => pair[1] !== undefined);
  if (columns.length === 0) return;
  const changed = db.run(
    `UPDATE session_commands SET ${
      columns.map(([column]) => `${column} = ?`).join(", ")
    } WHERE session = ? AND id = ?`,
    ...columns.map(([, value]) => value),
    sessionNumber(db, sessionId),
    commandId,
  );
  if (changed > 0) return;
  throw new KmError(
    "not_found",
    `Cannot find command "${
      cutLine(commandId, SESSION_LIMITS.commandIdChars)
    }": the session has none of this id`,
  );
}

/** What waits to be delivered, in order. */
export function queuedCommands(db: Database, sessionId: string): SessionCommand[] {
  return db.all<CommandRow>(
    `SELECT ${COLUMNS} FROM session_commands INDEXED BY session_commands_open
     WHERE session = ? AND ${OPEN} AND state = 'queued' ORDER BY number`,
    sessionNumber(db, sessionId),
  ).map(commandOf);
}

/** How many commands wait, by the number of their session; of sessions in which some do. */
export function queuedCounts(db: Database): Map<number, number> {
  const rows = db.all<{ session: number; waiting: number }>(
    `SELECT session, count(*) AS waiting FROM session_commands INDEXED BY session_commands_open
     WHERE ${OPEN} AND state = 'queued' GROUP BY session`,
  );
  return new Map(rows.map(({ session, waiting }) => [session, waiting]));
}

/** Gives what waits in one session to the one that goes on with it, behind what waits there; what has an id that is used there stays. Returns how many went. */
export function moveQueuedCommands(db: Database, fromId: string, toId: string): number {
  return db.transaction(() => {
    const to = sessionNumber(db, toId);
    const last = db.get<{ number: number }>(
      "SELECT coalesce(max(number), 0) AS number FROM session_commands",
    );
    const waiting = db.all<{ number: number }>(
      `SELECT number FROM session_commands WHERE session = ?2 AND state = 'queued'
         AND id NOT IN (SELECT id FROM session_commands WHERE session = ?1) ORDER BY number`,
      to,
      sessionNumber(db, fromId),
    );
    for (const [at, { number }] of waiting.entries()) {
      db.run(
        "UPDATE session_commands SET session = ?, number = ? WHERE number = ?",
        to,
        (last?.number ?? 0) + 1 + at,
        number,
      );
    }
    return waiting.length;
  });
}

/** Commands of a session, newest first; `before`: the id of the last one of the page before. @throws {KmError} usage when it has none of that id */
export function listCommands(
  db: Database,
  sessionId: string,
  { limit, before }: { readonly limit: number; readonly before?: string | undefined },
): SessionCommand[] {
  const session = sessionNumber(db, sessionId);
  if (before !== undefined && !readCommand(db, session, before)) {
    const called = cutLine(before, SESSION_LIMITS.commandIdChars);
    throw new KmError("usage", `Cannot go on from "${called}": the session has no command of this id`, {
      hint: "begin with the newest again: what is old is forgotten",
    });
  }
  return db.all<CommandRow>(
    `SELECT ${COLUMNS} FROM session_commands WHERE session = ?1 AND (?2 IS NULL OR number <
       (SELECT number FROM session_commands WHERE session = ?1 AND id = ?2)) ORDER BY number DESC LIMIT ?3`,
    session,
    before ?? null,
    limit,
  ).map(commandOf);
}

function readCommand(db: Database, session: number, id: string): SessionCommand | undefined {
  const row = db.get<CommandRow>(
    `SELECT ${COLUMNS} FROM session_commands WHERE session = ? AND id = ?`,
    session,
    id,
  );
  return row && commandOf(row);
}

function commandOf(row: CommandRow): SessionCommand {
  return {
    id: row.id,
    text: row.text,
    state: row.state,
    by: row.by,
    queuedUs: row.queued_us,
    deliveredUs: row.delivered_us,
    endedUs: row.ended_us,
    outcome: row.outcome,
  };
}

function refuseTooMany(db: Database, session: number): void {
  const open = db.get<{ open: number }>(
    `SELECT count(*) AS open FROM session_commands INDEXED BY session_commands_open WHERE session = ? AND ${OPEN}`,
    session,
  );
  if ((open?.open ?? 0) < SESSION_LIMITS.queuedCommands) return;
  throw new KmError("usage", `Cannot queue a command: ${SESSION_LIMITS.queuedCommands} wait already`, {
    hint: "wait until the session has taken some, or cancel them",
  });
}

function forgetOldest(db: Database, session: number): void {
  db.run(
    `DELETE FROM session_commands WHERE session = ?1 AND NOT (${OPEN}) AND number <=
       (SELECT number FROM session_commands WHERE session = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)`,
    session,
    SESSION_LIMITS.commands,
  );
}
