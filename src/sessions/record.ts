/** What the main thread asks of the store, by name: each a function of an open database. Runs in the sessions thread, which alone writes sessions and tasks. @module */
import type { Database } from "../store/database.ts";
import { appendAudit, listAudit } from "../store/session_audit.ts";
import {
  enqueueCommand,
  listCommands,
  moveQueuedCommands,
  queuedCommands,
  queuedCounts,
  updateCommand,
} from "../store/session_commands.ts";
import { findSession, listSessions, stateHistory } from "../store/session_reader.ts";
import { recoverSessions } from "../store/session_recovery.ts";
import { appendStateChange, deleteSession, insertSession, updateSession } from "../store/session_writer.ts";
import {
  appendTaskEvents,
  findTask,
  insertTask,
  listTasks,
  queuedTasks,
  taskEvents,
  updateTask,
} from "../store/task_store.ts";

export const RECORD = {
  insertSession,
  updateSession,
  deleteSession,
  appendStateChange,
  findSession,
  listSessions,
  stateHistory,
  recoverSessions,
  enqueueCommand,
  updateCommand,
  queuedCommands,
  queuedCounts,
  moveQueuedCommands,
  listCommands,
  appendAudit,
  listAudit,
  insertTask,
  updateTask,
  appendTaskEvents,
  listTasks,
  findTask,
  taskEvents,
  queuedTasks,
} as const satisfies Record<string, (db: Database, ...args: never[]) => unknown>;

export type RecordName = keyof typeof RECORD;
type Rest<List extends readonly unknown[]> = List extends readonly [unknown, ...infer Others] ? Others
  : never;
export type RecordArgs<Name extends RecordName> = Rest<Parameters<typeof RECORD[Name]>>;
export type RecordAnswer<Name extends RecordName> = ReturnType<typeof RECORD[Name]>;

/** What keeps sessions and tasks, from wherever it is asked. */
export interface SessionRecord {
  /** Settles when it is committed. @throws {KmError} as the function of that name */
  record<Name extends RecordName>(name: Name, ...args: RecordArgs<Name>): Promise<RecordAnswer<Name>>;
  /** As `record`, for what has happened already: in order, and again while the store refuses. */
  keep<Name extends RecordName>(name: Name, ...args: RecordArgs<Name>): void;
}
