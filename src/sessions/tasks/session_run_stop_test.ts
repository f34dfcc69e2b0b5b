/** Tasks in sessions that are stopped at moments at which they wait for nothing. @module */
import assert from "node:assert/strict";
import type { Task } from "../../core/task.ts";
import type { TaskChanges } from "../../store/task_rows.ts";
import type { Provider } from "../providers/provider.ts";
import { loadProviders } from "../providers/providers.ts";
import { TestSessions } from "../testing_sessions.ts";
import { runInSession } from "./session_run.ts";
import { TaskLog } from "./task_log.ts";
import { StopRun, type TaskOutcome, type TaskRun } from "./task_run.ts";

/** Longest that a test waits for what must be over soon, in ms. */
const PATIENCE_MS = 15_000;

/** Runs a task that is stopped by `abort`; what became of it. */
async function run(
  test: TestSessions,
  stop: AbortSignal,
  change: (changes: TaskChanges) => void,
  options: { readonly provider?: string } = {},
): Promise<TaskOutcome | unknown> {
  const task = {
    id: "task",
    provider: options.provider ?? "shell",
    prompt: "echo hi",
    args: [],
    cwd: test.folder,
    createdBy: "me",
    fullAccess: false,
    keepsSession: false,
  } as unknown as Task; // as: what a run in a session looks at
  const provider = loadProviders({}).providers.get("shell") as Provider; // as: it is built in
  const log = new TaskLog(test.sessions.record, "task");
  const taskRun: TaskRun = { task, provider, log, stop, change };
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("it was not stopped")), PATIENCE_MS);
  try {
    return await Promise.race([runInSession(taskRun, test.sessions), late.promise]).catch((error) => error);
  } finally {
    clearTimeout(timer);
  }
}

Deno.test("runInSession() ends the session when it is stopped as soon as that has started", async () => {
  // Never idle, so that nothing else ends the wait for that.
  const busy = { busy: { command: ["sh", "-c", "sleep 60"], quiet: "busy" } };
  await using test = new TestSessions({ providers: (() => loadProviders(busy).providers) as never });
  const stop = new AbortController();
  const reason = new StopRun("cancelled", "cancelled by me");
  const change = ({ sessionId }: TaskChanges): void => void (sessionId && stop.abort(reason));
  const outcome = await run(test, stop.signal, change, { provider: "busy" });
  assert.equal(outcome, reason);
  const [session] = await test.sessions.list({ limit: 1 });
  assert.equal(session?.state, "exited");
});

Deno.test("runInSession() types nothing when it is stopped while it reads the screen", async () => {
  await using test = new TestSessions();
  const stop = new AbortController();
  const reason = new StopRun("cancelled", "cancelled by me");
  const screen = test.sessions.screen.bind(test.sessions);
  test.sessions.screen = async (...args) => {
    stop.abort(reason);
    return await screen(...args);
  };
  assert.equal(await run(test, stop.signal, () => {}), reason);
  const [session] = await test.sessions.list({ limit: 1 });
  assert.deepEqual(await test.sessions.record.record("listCommands", session?.id ?? "", { limit: 9 }), []);
});
