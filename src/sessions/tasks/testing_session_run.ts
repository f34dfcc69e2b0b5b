/** One task in a session of a shell, as the tests of `runInSession()` run it. Not part of the program. @module */
import type { Task } from "../../core/task.ts";
import type { TaskChanges } from "../../store/task_rows.ts";
import type { Provider } from "../providers/provider.ts";
import { loadProviders } from "../providers/providers.ts";
import type { TestSessions } from "../testing_sessions.ts";
import { runInSession } from "./session_run.ts";
import { TaskLog } from "./task_log.ts";
import type { TaskOutcome, TaskRun } from "./task_run.ts";

/** Longest that a test waits for what must be over soon, in ms. */
const PATIENCE_MS = 15_000;

export interface TestTask {
  readonly provider?: string;
  readonly prompt?: string;
  readonly stop?: AbortSignal;
  readonly change?: (changes: TaskChanges) => void;
}

/** Runs a task; what became of it, or why it was stopped. */
export async function runTask(
  test: TestSessions,
  { provider: name = "shell", prompt = "echo hi", stop = new AbortController().signal, change = () => {} }:
    TestTask,
): Promise<TaskOutcome | unknown> {
  const task = {
    id: "task",
    provider: name,
    prompt,
    args: [],
    cwd: test.folder,
    createdBy: "me",
    fullAccess: false,
    keepsSession: false,
  } as unknown as Task; // as: what a run in a session looks at
  const provider = loadProviders({}).providers.get("shell") as Provider; // as: it is built in
  const log = new TaskLog(test.sessions.record, "task");
  const taskRun: TaskRun = { task, provider, env: {}, log, stop, change };
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("it did not end")), PATIENCE_MS);
  try {
    return await Promise.race([runInSession(taskRun, test.sessions), late.promise]).catch((error) => error);
  } finally {
    clearTimeout(timer);
  }
}
