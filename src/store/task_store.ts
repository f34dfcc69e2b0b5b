/** Tasks: prompts for providers, what became of them, and what happened on the way. @module */
import { KmError } from "../core/error.ts";
import type { Task, TaskEvent, TaskState } from "../core/task.ts";
import type { Database } from "./database.ts";
import { byIdStart } from "./id_start.ts";
import { cutLine, cutText, isId, SESSION_LIMITS, sessionIdBytes, TASK_LIMITS } from "./session_limits.ts";
import {
  LISTED_TASK_COLUMNS,
  newTaskColumnsOf,
  TASK_COLUMNS,
  type TaskChanges,
  taskColumnsOf,
  taskOf,
  type TaskRow,
} from "./task_rows.ts";

export interface TaskQuery {
  readonly state?: TaskState | undefined;
  readonly provider?: string | undefined;
  readonly limit: number;
  /** Only tasks of a lower number: the last one of the page before. */
  readonly before?: number | undefined;
}

/**
 * Stores a task that is new, and returns it with the number chosen for it. A task whose key is stored already is that task: it stays as it is, and is returned.
 * @throws {KmError} usage when a text is too long
 */
export function insertTask(db: Database, task: Task): Task {
  const columns = newTaskColumnsOf(task);
  return db.transaction(() => {
    const stored = task.key === null ? undefined : readTask(db, "key = ?", task.key.toWellFormed());
    if (stored) return stored;
    const row = db.get<{ number: number }>(
      `INSERT INTO tasks (${columns.map(([column]) => column).join(", ")})
       VALUES (${columns.map(() => "?").join(", ")}) RETURNING number`,
      ...columns.map(([, value]) => value),
    );
    // As: it was inserted above.
    return readTask(db, "number = ?", Number(row?.number)) as Task;
  });
}

/** Changes what is given; null where a value is taken away. @throws {KmError} not_found */
export function updateTask(db: Database, id: string, changes: TaskChanges): void {
  const columns = taskColumnsOf(changes);
  if (columns.length === 0) return;
  const changed = db.run(
    `UPDATE tasks SET ${columns.map(([column]) => `${column} = ?`).join(", ")} WHERE id = ?`,
    ...columns.map(([, value]) => value),
    sessionIdBytes(id, "task"),
  );
  if (changed === 0) throw noTask(id);
}

/** Adds what happened in a task, and returns it with the numbers chosen for it. Beyond the limits the oldest events of the task go. @throws {KmError} not_found */
export function appendTaskEvents(
  db: Database,
  id: string,
  events: readonly Omit<TaskEvent, "seq">[],
): TaskEvent[] {
  return db.transaction(() => writeTaskEvents(db, id, events));
}

/** The same within a transaction. */
export function writeTaskEvents(
  db: Database,
  id: string,
  events: readonly Omit<TaskEvent, "seq">[],
): TaskEvent[] {
  const task = taskNumber(db, id);
  let seq = lastEventSeq(db, task);
  const stored = events.map(({ timeUs, kind, text }) => ({
    seq: ++seq,
    timeUs,
    kind,
    text: cutText(text, TASK_LIMITS.eventChars),
  }));
  for (const event of stored) {
    db.run(
      "INSERT INTO task_events (task, seq, time_us, kind, text) VALUES (?, ?, ?, ?, ?)",
      task,
      event.seq,
      event.timeUs,
      event.kind,
      event.text,
    );
  }
  db.run(
    `UPDATE tasks SET event_bytes = event_bytes +
         (SELECT coalesce(sum(octet_length(text)), 0) FROM task_events WHERE task = ?1 AND seq > ?2) WHERE number = ?1`,
    task,
    seq - stored.length,
  );
  trimEvents(db, task, seq);
  return stored;
}

/** Tasks, newest first; of prompts and results the beginnings. */
export function listTasks(db: Database, { state, provider, limit, before }: TaskQuery): Task[] {
  return db.all<TaskRow>(
    `SELECT ${LISTED_TASK_COLUMNS} FROM tasks WHERE (?1 IS NULL OR state = ?1) AND (?2 IS NULL OR provider = ?2)
       AND (?3 IS NULL OR number < ?3) ORDER BY number DESC LIMIT ?4`,
    state ?? null,
    provider ?? null,
    before ?? null,
    limit,
  ).map(taskOf);
}

/** Finds a task by id, number, key, or a beginning of its id (≥ 6 hex digits). @throws {KmError} not_found, ambiguous */
export function findTask(db: Database, ref: string): Task {
  const task = isId(ref)
    ? readTask(db, "id = ?", sessionIdBytes(ref))
    : (/^[1-9][0-9]{0,9}$/.test(ref) ? readTask(db, "number = ?", Number(ref)) : undefined) ??
      readTask(db, "key = ?", ref.toWellFormed()) ?? startingWith(db, ref);
  if (!task) throw noTask(ref);
  return task;
}

/** What happened in a task, in order; `after`: the seq of the last one that is known. */
export function taskEvents(
  db: Database,
  id: string,
  { after = 0, limit }: { readonly after?: number | undefined; readonly limit: number },
): TaskEvent[] {
  return db.all<Pick<TaskEvent, "seq" | "kind" | "text"> & { readonly time_us: number }>(
    "SELECT seq, time_us, kind, text FROM task_events WHERE task = ? AND seq > ? ORDER BY seq LIMIT ?",
    taskNumber(db, id),
    after,
    limit,
  ).map(({ seq, time_us, kind, text }) => ({ seq, timeUs: time_us, kind, text }));
}

/** What waits to be run, in order. */
export function queuedTasks(db: Database): Task[] {
  return db.all<TaskRow>(
    `SELECT ${TASK_COLUMNS} FROM tasks WHERE state = 'queued' AND state IN ('queued', 'running') ORDER BY number`,
  ).map(taskOf);
}

/** Forgets a task and what happened in it, within a transaction. */
export function removeTask(db: Database, number: number): void {
  db.run("DELETE FROM task_events WHERE task = ?", number);
  db.run("DELETE FROM tasks WHERE number = ?", number);
}

function trimEvents(db: Database, task: number, lastSeq: number): void {
  const sum = db.get<{ bytes: number }>("SELECT event_bytes AS bytes FROM tasks WHERE number = ?", task);
  let removedUntil = lastSeq - TASK_LIMITS.events;
  let bytes = sum?.bytes ?? 0;
  if (removedUntil <= 0 && bytes <= TASK_LIMITS.eventsBytes) return;
  let removed = 0;
  for (
    const row of db.all<{ seq: number; bytes: number }>(
      "SELECT seq, octet_length(text) AS bytes FROM task_events WHERE task = ? ORDER BY seq",
      task,
    )
  ) {
    if (row.seq > removedUntil && bytes <= TASK_LIMITS.eventsBytes) break;
    removedUntil = Math.max(removedUntil, row.seq);
    bytes -= row.bytes;
    removed += row.bytes;
  }
  db.run("DELETE FROM task_events WHERE task = ? AND seq <= ?", task, removedUntil);
  db.run("UPDATE tasks SET event_bytes = event_bytes - ? WHERE number = ?", removed, task);
}

function startingWith(db: Database, ref: string): Task | undefined {
  const row = byIdStart("task", ref, (first, last) =>
    db.all<TaskRow>(
      `SELECT ${TASK_COLUMNS} FROM tasks WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 2`,
      first,
      last,
    ));
  return row && taskOf(row);
}

function lastEventSeq(db: Database, task: number): number {
  return db.get<{ seq: number | null }>("SELECT max(seq) AS seq FROM task_events WHERE task = ?", task)
    ?.seq ??
    0;
}

/** @throws {KmError} not_found */
function taskNumber(db: Database, id: string): number {
  const row = db.get<{ number: number }>("SELECT number FROM tasks WHERE id = ?", sessionIdBytes(id, "task"));
  if (!row) throw noTask(id);
  return row.number;
}

function readTask(db: Database, where: string, value: string | number | Uint8Array): Task | undefined {
  const row = db.get<TaskRow>(`SELECT ${TASK_COLUMNS} FROM tasks WHERE ${where}`, value);
  return row && taskOf(row);
}

function noTask(ref: string): KmError {
  return new KmError(
    "not_found",
    `Cannot find task "${cutLine(ref, SESSION_LIMITS.nameChars)}": there is none`,
    {
      hint: 'see "km tasks list"',
    },
  );
}
