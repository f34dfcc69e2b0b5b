/** Words about tasks: one prompt for a provider, with a result. @module */

export const TASK_STATES = ["queued", "running", "done", "failed", "cancelled"] as const;
export type TaskState = typeof TASK_STATES[number];

export function isTaskOver(state: TaskState): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}

/** What a provider reported of its work; null: it did not say. */
export interface TaskMetrics {
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly turns: number | null;
  /** Millionths of a US dollar. */
  readonly costMicroUsd: number | null;
  /** As the provider counts it, in ms. */
  readonly durationMs: number | null;
}

export const NO_METRICS: TaskMetrics = {
  inputTokens: null,
  outputTokens: null,
  turns: null,
  costMicroUsd: null,
  durationMs: null,
};

/** One prompt for a provider. */
export interface Task {
  /** UUIDv7. */
  readonly id: string;
  /** Counts up from 1 in each home. */
  readonly number: number;
  /** Sent by the caller so that the same task is not made twice; null: none was. */
  readonly key: string | null;
  readonly provider: string;
  readonly prompt: string;
  readonly cwd: string;
  readonly fullAccess: boolean;
  readonly model: string | null;
  /** Behind the provider's own arguments. */
  readonly args: readonly string[];
  /** It fails when it runs longer; null: no limit. */
  readonly timeoutMs: number | null;
  /** A session that it ran in is left as it is when it is over. */
  readonly keepsSession: boolean;
  readonly state: TaskState;
  /** Why it is in that state, one printable line: `agent reported an error: Not logged in`. */
  readonly reason: string;
  readonly createdUs: number;
  readonly startedUs: number | null;
  readonly endedUs: number | null;
  /** How often it was started. */
  readonly attempts: number;
  readonly createdBy: string;
  /** The session it runs in, where the provider has no structured mode; by id. */
  readonly sessionId: string | null;
  /** The provider's own id of the conversation. */
  readonly conversationId: string | null;
  /** What the agent said at the end; null: nothing yet. */
  readonly result: string | null;
  readonly exitCode: number | null;
  readonly metrics: TaskMetrics;
}

/** Something that happened in a task. `state`: a change; `message`, `tool`, `error`: what the agent said; `output`: a line of its stdout or stderr that is none of these. */
export interface TaskEvent {
  /** Counts up from 1 in each task. */
  readonly seq: number;
  readonly timeUs: number;
  readonly kind: "state" | "message" | "tool" | "error" | "output";
  /** For people; at most 64 KiB. */
  readonly text: string;
}
