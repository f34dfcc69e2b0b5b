/** What tasks are called by what they do. @module */
import type { InferResponseType } from "hono/client";
import type { TaskState } from "../../core/task.ts";
import type { api } from "../shell/api.ts";

export type Task = InferResponseType<typeof api.tasks.$get, 200>["tasks"][number];
export type TaskEvent = InferResponseType<typeof api.tasks[":id"]["events"]["$get"], 200>["events"][number];

const LOOKS: Readonly<
  Record<TaskState, { readonly label: string; readonly tone: string; readonly sign: string }>
> = {
  queued: { label: "Queued", tone: "plain", sign: "…" },
  running: { label: "Running", tone: "accent", sign: "▶" },
  done: { label: "Done", tone: "good", sign: "✓" },
  failed: { label: "Failed", tone: "bad", sign: "✕" },
  cancelled: { label: "Cancelled", tone: "plain", sign: "–" },
};

export function taskLook(state: TaskState): typeof LOOKS[TaskState] {
  return LOOKS[state];
}

/** `$0.0123`; null when it was not reported. */
export function taskCost({ metrics: { costMicroUsd } }: Pick<Task, "metrics">): string | null {
  if (costMicroUsd === null) return null;
  return `$${(costMicroUsd / 1_000_000).toFixed(costMicroUsd < 1_000_000 ? 4 : 2)}`;
}
