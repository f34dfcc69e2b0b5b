/** A session as a row. @module */
import type { Session, SessionState, StateSource } from "../core/session.ts";
import { formatId } from "./codes.ts";
import type { SqlValue } from "./database.ts";
import { cutLine, SESSION_LIMITS, sessionIdBytes, wholeText } from "./session_limits.ts";

export interface SessionRow {
  readonly number: number;
  readonly id: Uint8Array;
  readonly name: string;
  readonly provider: string;
  readonly command: string;
  readonly cwd: string;
  readonly full_access: number;
  readonly state: SessionState;
  readonly state_reason: string;
  readonly state_source: StateSource;
  readonly state_since_us: number;
  readonly created_us: number;
  readonly ended_us: number | null;
  readonly exit_code: number | null;
  readonly exit_signal: string | null;
  readonly cols: number;
  readonly rows: number;
  readonly title: string;
  readonly pid: number | null;
  readonly resume_id: string | null;
  readonly resumed_from: Uint8Array | null;
  readonly created_by: string;
  readonly seq: number;
  readonly seen: number;
}

/** The columns of `SessionRow`. */
export const SESSION_COLUMNS =
  `number, id, name, provider, command, cwd, full_access, state, state_reason, state_source, state_since_us, created_us,
   ended_us, exit_code, exit_signal, cols, rows, title, pid, resume_id, resumed_from, created_by, seq, seen`;

export function sessionOf(row: SessionRow): Session {
  return {
    id: formatId(row.id),
    number: row.number,
    name: row.name,
    provider: row.provider,
    command: JSON.parse(row.command) as string[], // as: `commandJson` wrote it
    cwd: row.cwd,
    fullAccess: row.full_access === 1,
    state: row.state,
    stateReason: row.state_reason,
    stateSource: row.state_source,
    stateSinceUs: row.state_since_us,
    createdUs: row.created_us,
    endedUs: row.ended_us,
    exitCode: row.exit_code,
    exitSignal: row.exit_signal,
    size: { cols: row.cols, rows: row.rows },
    title: row.title,
    pid: row.pid,
    resumeId: row.resume_id,
    resumedFrom: row.resumed_from === null ? null : formatId(row.resumed_from),
    createdBy: row.created_by,
    seq: row.seq,
    seen: row.seen === 1,
  };
}

/** What of a session may change after it was made. */
export type SessionChanges = Partial<
  Pick<
    Session,
    | "name"
    | "state"
    | "stateReason"
    | "stateSource"
    | "stateSinceUs"
    | "endedUs"
    | "exitCode"
    | "exitSignal"
    | "size"
    | "title"
    | "pid"
    | "resumeId"
    | "seq"
    | "seen"
  >
>;

/** Columns and their values for what of a session is given. */
export function columnsOf(changes: SessionChanges): [column: string, value: SqlValue][] {
  const { name, size, stateReason, exitSignal, title, resumeId, seen } = changes;
  const columns: [string, SqlValue | undefined][] = [
    ["name", name && wholeText(name, "name of the session", SESSION_LIMITS.nameChars)],
    ["state", changes.state],
    [
      "state_reason",
      stateReason === undefined ? undefined : cutLine(stateReason, SESSION_LIMITS.reasonChars),
    ],
    ["state_source", changes.stateSource],
    ["state_since_us", changes.stateSinceUs],
    ["ended_us", changes.endedUs],
    ["exit_code", changes.exitCode],
    ["exit_signal", exitSignal && cutLine(exitSignal, SESSION_LIMITS.wordChars)],
    ["cols", size?.cols],
    ["rows", size?.rows],
    ["title", title === undefined ? undefined : cutLine(title, SESSION_LIMITS.titleChars)],
    ["pid", changes.pid],
    ["resume_id", resumeId && wholeText(resumeId, "id to resume by", SESSION_LIMITS.resumeIdChars)],
    ["seq", changes.seq],
    ["seen", seen === undefined ? undefined : Number(seen)],
  ];
  return columns.filter((pair): pair is [string, SqlValue] => pair[1] !== undefined);
}

/** All columns of a session that is new, but its number. */
export function newColumnsOf(session: Session): [column: string, value: SqlValue][] {
  const { provider, cwd, resumedFrom, createdBy, size } = session;
  return [
    ...columnsOf(session),
    ["id", sessionIdBytes(session.id)],
    ["provider", wholeText(provider, "name of the provider", SESSION_LIMITS.providerChars)],
    ["command", commandJson(session.command)],
    ["cwd", wholeText(cwd, "folder of the session", SESSION_LIMITS.cwdChars)],
    ["full_access", Number(session.fullAccess)],
    ["created_us", session.createdUs],
    ["first_cols", size.cols],
    ["first_rows", size.rows],
    ["resumed_from", resumedFrom === null ? null : sessionIdBytes(resumedFrom)],
    ["created_by", cutLine(createdBy, SESSION_LIMITS.wordChars)],
  ];
}

function commandJson(command: readonly string[]): string {
  for (const part of command) wholeText(part, "argument", SESSION_LIMITS.argumentChars);
  const json = JSON.stringify(command.map((part) => part.toWellFormed()));
  return wholeText(json, "command of the session", SESSION_LIMITS.commandChars);
}

/** Which rows are of sessions whose program has not ended. */
export const IS_LIVE = "state NOT IN ('exited', 'lost')";
