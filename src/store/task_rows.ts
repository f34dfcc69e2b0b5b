/** A task as a row. @module */
import type { Task, TaskMetrics, TaskState } from "../core/task.ts";
import { formatId } from "./codes.ts";
import type { SqlValue } from "./database.ts";
import {
  cutLine,
  cutText,
  SESSION_LIMITS,
  sessionIdBytes,
  TASK_LIMITS,
  wholeText,
} from "./session_limits.ts";

export interface TaskRow {
  readonly number: number;
  readonly id: Uint8Array;
  readonly key: string | null;
  readonly provider: string;
  readonly prompt: string;
  readonly cwd: string;
  readonly full_access: number;
  readonly model: string | null;
  /** JSON. */
  readonly args: string;
  readonly timeout_ms: number | null;
  readonly keeps_session: number;
  readonly state: TaskState;
  readonly reason: string;
  readonly created_us: number;
  readonly started_us: number | null;
  readonly ended_us: number | null;
  readonly attempts: number;
  readonly created_by: string;
  readonly session: Uint8Array | null;
  readonly conversation: string | null;
  readonly result: string | null;
  readonly exit_code: number | null;
  readonly input_tokens: number | null;
  readonly output_tokens: number | null;
  readonly turns: number | null;
  readonly cost_micro_usd: number | null;
  readonly duration_ms: number | null;
}

/** The columns of `TaskRow`. */
export const TASK_COLUMNS =
  `number, id, key, provider, prompt, cwd, full_access, model, args, timeout_ms, keeps_session, state, reason, created_us, started_us,
   ended_us, attempts, created_by, session, conversation, result, exit_code, input_tokens, output_tokens, turns, cost_micro_usd, duration_ms`;

/** The same for lists: of prompts and results the beginnings, for each may have a million characters. */
export const LISTED_TASK_COLUMNS = TASK_COLUMNS.replace(/\b(prompt|result)\b/g, "substr($1, 1, 2000) AS $1");

export function taskOf(row: TaskRow): Task {
  return {
    id: formatId(row.id),
    number: row.number,
    key: row.key,
    provider: row.provider,
    prompt: row.prompt,
    cwd: row.cwd,
    fullAccess: row.full_access === 1,
    model: row.model,
    args: JSON.parse(row.args) as string[], // as: only newTaskColumnsOf() writes it
    timeoutMs: row.timeout_ms,
    keepsSession: row.keeps_session === 1,
    state: row.state,
    reason: row.reason,
    createdUs: row.created_us,
    startedUs: row.started_us,
    endedUs: row.ended_us,
    attempts: row.attempts,
    createdBy: row.created_by,
    sessionId: row.session === null ? null : formatId(row.session),
    conversationId: row.conversation,
    result: row.result,
    exitCode: row.exit_code,
    metrics: {
      inputTokens: row.input_tokens,
      outputTokens: row.output_tokens,
      turns: row.turns,
      costMicroUsd: row.cost_micro_usd,
      durationMs: row.duration_ms,
    },
  };
}

/** What of a task may change after it was made. */
export type TaskChanges = Partial<
  Pick<
    Task,
    | "state"
    | "reason"
    | "startedUs"
    | "endedUs"
    | "attempts"
    | "sessionId"
    | "conversationId"
    | "result"
    | "exitCode"
    | "metrics"
  >
>;

/** Columns and their values for what of a task is given. */
export function taskColumnsOf(changes: TaskChanges): [column: string, value: SqlValue][] {
  const { reason, sessionId, conversationId, result, metrics } = changes;
  const columns: [string, SqlValue | undefined][] = [
    ["state", changes.state],
    ["reason", reason === undefined ? undefined : cutLine(reason, TASK_LIMITS.reasonChars)],
    ["started_us", changes.startedUs],
    ["ended_us", changes.endedUs],
    ["attempts", changes.attempts],
    ["session", typeof sessionId === "string" ? sessionIdBytes(sessionId) : sessionId],
    [
      "conversation",
      conversationId && wholeText(conversationId, "id of the conversation", TASK_LIMITS.conversationChars),
    ],
    ["result", result && cutText(result, TASK_LIMITS.resultChars)],
    ["exit_code", changes.exitCode],
    ...(metrics === undefined ? [] : metricColumns(metrics)),
  ];
  return columns.filter((pair): pair is [string, SqlValue] => pair[1] !== undefined);
}

/** All columns of a task that is new, but its number. */
export function newTaskColumnsOf(task: Task): [column: string, value: SqlValue][] {
  const { key, model } = task;
  return [
    ...taskColumnsOf(task),
    ["id", sessionIdBytes(task.id, "task")],
    ["key", key && wholeText(key, "key of the task", TASK_LIMITS.keyChars)],
    ["provider", wholeText(task.provider, "name of the provider", SESSION_LIMITS.providerChars)],
    ["prompt", wholeText(task.prompt, "prompt", TASK_LIMITS.promptChars)],
    ["cwd", wholeText(task.cwd, "folder of the task", SESSION_LIMITS.cwdChars)],
    ["full_access", Number(task.fullAccess)],
    ["model", model && wholeText(model, "name of the model", TASK_LIMITS.modelChars)],
    ["args", wholeText(JSON.stringify(task.args), "arguments of the task", SESSION_LIMITS.commandChars)],
    ["timeout_ms", task.timeoutMs],
    ["keeps_session", Number(task.keepsSession)],
    ["created_us", task.createdUs],
    ["created_by", cutLine(task.createdBy, SESSION_LIMITS.wordChars)],
    ["event_bytes", 0],
  ];
}

/** Whole numbers: a provider may report anything, and a column that is strict refuses fractions. */
function metricColumns(metrics: TaskMetrics): [string, number | null][] {
  return [
    ["input_tokens", whole(metrics.inputTokens)],
    ["output_tokens", whole(metrics.outputTokens)],
    ["turns", whole(metrics.turns)],
    ["cost_micro_usd", whole(metrics.costMicroUsd)],
    ["duration_ms", whole(metrics.durationMs)],
  ];
}

function whole(value: number | null): number | null {
  return value === null || !Number.isSafeInteger(Math.round(value)) ? null : Math.round(value);
}
