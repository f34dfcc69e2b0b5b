/** One run of a task: what runs it needs, and what comes of it. @module */
import type { Task } from "../../core/task.ts";
import type { TaskChanges } from "../../store/task_rows.ts";
import type { Provider } from "../providers/provider.ts";
import type { TaskLog } from "./task_log.ts";

/** Why a run is ended before it has come to an end itself. */
export class StopRun {
  readonly state: "cancelled" | "failed";
  readonly reason: string;
  /** Nobody waits for programs to say goodbye: km itself ends. */
  readonly isHasty: boolean;

  constructor(state: "cancelled" | "failed", reason: string, isHasty = false) {
    this.state = state;
    this.reason = reason;
    this.isHasty = isHasty;
  }
}

export interface TaskRun {
  readonly task: Task;
  readonly provider: Provider;
  /** Of who submitted it, as far as km still knows. */
  readonly env: Readonly<Record<string, string>>;
  readonly log: TaskLog;
  /** Aborted with a `StopRun`. */
  readonly stop: AbortSignal;
  /** Tells what is known while it runs. */
  change(changes: TaskChanges): void;
}

/** How a run ended, and what is known at its end. */
export interface TaskOutcome extends TaskChanges {
  readonly state: "done" | "failed";
  readonly reason: string;
}
