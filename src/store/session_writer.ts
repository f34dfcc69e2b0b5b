/** Writing sessions and the history of their states. @module */
import { KmError } from "../core/error.ts";
import { hasEnded, type Session, type StateChange } from "../core/session.ts";
import type { Database } from "./database.ts";
import { cutLine, SESSION_LIMITS, sessionIdBytes } from "./session_limits.ts";
import { columnsOf, IS_LIVE, newColumnsOf, type SessionChanges } from "./session_rows.ts";

/** Tables of what belongs to one session and goes with it. */
export const SESSION_PART_TABLES = ["session_states", "session_commands", "session_output"] as const;

/**
 * Stores a session that is new, with its state as the first of its history. Its `number` is chosen here, and where it has none, its name
 * (`claude-3`). Returns it with both.
 * @throws {KmError} usage when one that runs has its name, or a text is too long
 */
export function insertSession(db: Database, session: Session): Session {
  // The id, until the number is known: no other session is called so.
  const columns = newColumnsOf(session.name === "" ? { ...session, name: session.id } : session);
  return db.transaction(() => {
    if (session.name !== "" && !hasEnded(session.state)) refuseTakenName(db, session.name, session.id);
    const row = db.get<{ number: number }>(
      `INSERT INTO sessions (${columns.map(([column]) => column).join(", ")})
       VALUES (${columns.map(() => "?").join(", ")}) RETURNING number`,
      ...columns.map(([, value]) => value),
    );
    const number = Number(row?.number);
    insertState(db, number, {
      state: session.state,
      reason: session.stateReason,
      source: session.stateSource,
      timeUs: session.stateSinceUs,
    });
    const name = session.name === ""
      ? freeName(db, `${session.provider}-${number}`, session.id)
      : session.name;
    if (name !== session.name) db.run("UPDATE sessions SET name = ? WHERE number = ?", name, number);
    return { ...session, number, name };
  });
}

/** `name`, or where one that runs has it, what begins so and is free. */
function freeName(db: Database, name: string, id: string): string {
  return isNameTaken(db, name, id) ? `${name}-${id.slice(-12)}` : name;
}

/** Changes what is given; null where a value is taken away. @throws {KmError} not_found; usage when another that runs has the name */
export function updateSession(db: Database, id: string, changes: SessionChanges): void {
  const columns = columnsOf(changes);
  const key = sessionIdBytes(id);
  const set = columns.map(([column]) => `${column} = ?`).join(", ");
  const update = () => {
    const changed = columns.length === 0
      ? Number(db.get("SELECT 1 FROM sessions WHERE id = ?", key) !== undefined)
      : db.run(`UPDATE sessions SET ${set} WHERE id = ?`, ...columns.map(([, value]) => value), key);
    if (changed === 0) throw noSession(id);
  };
  const { name } = changes;
  if (name === undefined) return update();
  db.transaction(() => {
    refuseTakenName(db, name, id);
    update();
  });
}

/** Adds a change of state to the session's history, and gives the session that state. */
export function appendStateChange(db: Database, id: string, change: StateChange): void {
  db.transaction(() => writeStateChange(db, id, change));
}

/** The same within a transaction. */
export function writeStateChange(db: Database, id: string, change: StateChange): void {
  updateSession(db, id, {
    state: change.state,
    stateReason: change.reason,
    stateSource: change.source,
    stateSinceUs: change.timeUs,
  });
  insertState(db, sessionNumber(db, id), change);
}

/** Forgets a session with all it left. What was done to it stays in the audit. @throws {KmError} not_found */
export function deleteSession(db: Database, id: string): void {
  db.transaction(() => removeSession(db, sessionNumber(db, id)));
}

/** The same by number, within a transaction. */
export function removeSession(db: Database, number: number): void {
  for (const table of SESSION_PART_TABLES) db.run(`DELETE FROM ${table} WHERE session = ?`, number);
  db.run("DELETE FROM sessions WHERE number = ?", number);
}

/** @throws {KmError} not_found */
export function sessionNumber(db: Database, id: string): number {
  const row = db.get<{ number: number }>("SELECT number FROM sessions WHERE id = ?", sessionIdBytes(id));
  if (!row) throw noSession(id);
  return row.number;
}

export function noSession(id: string): KmError {
  return new KmError(
    "not_found",
    `Cannot find session "${cutLine(id, SESSION_LIMITS.nameChars)}": there is none`,
    {
      hint: 'see "km sessions list --all"',
    },
  );
}

function insertState(db: Database, session: number, { state, reason, source, timeUs }: StateChange): void {
  db.run(
    "INSERT INTO session_states (session, state, reason, source, time_us) VALUES (?, ?, ?, ?, ?)",
    session,
    state,
    cutLine(reason, SESSION_LIMITS.reasonChars),
    source,
    timeUs,
  );
  db.run(
    `DELETE FROM session_states WHERE session = ?1 AND number <=
       (SELECT number FROM session_states WHERE session = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)`,
    session,
    SESSION_LIMITS.states,
  );
}

function isNameTaken(db: Database, name: string, id: string): boolean {
  const other = db.get(
    `SELECT 1 FROM sessions WHERE name = ? AND ${IS_LIVE} AND id <> ?`,
    name.toWellFormed(),
    sessionIdBytes(id),
  );
  return other !== undefined;
}

function refuseTakenName(db: Database, name: string, id: string): void {
  if (!isNameTaken(db, name, id)) return;
  throw new KmError(
    "usage",
    `Cannot name a session "${cutLine(name, SESSION_LIMITS.nameChars)}": one that runs has this name`,
    { hint: "choose another name" },
  );
}
