/** Tasks in sessions that are stopped at moments at which they wait for nothing. @module */
import assert from "node:assert/strict";
import type { TaskChanges } from "../../store/task_rows.ts";
import { loadProviders } from "../providers/providers.ts";
import { TestSessions } from "../testing_sessions.ts";
import { StopRun } from "./task_run.ts";
import { runTask } from "./testing_session_run.ts";

Deno.test("runInSession() ends the session when it is stopped as soon as that has started", async () => {
  // Never idle, so that nothing else ends the wait for that.
  const busy = { busy: { command: ["sh", "-c", "sleep 60"], quiet: "busy" } };
  await using test = new TestSessions({ providers: (() => loadProviders(busy).providers) as never });
  const stop = new AbortController();
  const reason = new StopRun("cancelled", "cancelled by me");
  const change = ({ sessionId }: TaskChanges): void => void (sessionId && stop.abort(reason));
  const outcome = await runTask(test, { stop: stop.signal, change, provider: "busy" });
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
  assert.equal(await runTask(test, { stop: stop.signal }), reason);
  const [session] = await test.sessions.list({ limit: 1 });
  assert.deepEqual(await test.sessions.record.record("listCommands", session?.id ?? "", { limit: 9 }), []);
});
