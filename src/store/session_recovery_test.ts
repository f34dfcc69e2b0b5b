import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { enqueueCommand, listCommands, queuedCommands, updateCommand } from "./session_commands.ts";
import { appendOutput, outputRange, readOutput } from "./session_output.ts";
import { findSession, listSessions, stateHistory } from "./session_reader.ts";
import { LOST_REASON, recoverSessions } from "./session_recovery.ts";
import { appendStateChange, updateSession } from "./session_writer.ts";
import { appendTaskEvents, findTask, insertTask, queuedTasks, taskEvents, updateTask } from "./task_store.ts";
import { MINUTE_US, NOON_US, TempStore } from "./testing.ts";
import { addSession, makeTask, outputFrame } from "./testing_session.ts";

const LATER_US = NOON_US + MINUTE_US;
const NOTHING = {
  lost: [],
  failedCommands: 0,
  queuedCommands: 0,
  failedTasks: 0,
  queuedTasks: 0,
  repairs: [],
};

Deno.test("recoverSessions() of a sound store in which nothing runs changes nothing", () => {
  using store = new TempStore();
  assert.deepEqual(recoverSessions(store.db, LATER_US), NOTHING);
  const { id } = addSession(store.db);
  appendOutput(store.db, id, { firstSeq: 0, frames: [outputFrame("hello")] });
  updateSession(store.db, id, { endedUs: NOON_US, exitCode: 0, seq: 5, pid: null });
  appendStateChange(store.db, id, { state: "exited", reason: "exit 0", source: "exit", timeUs: NOON_US });
  const before = listSessions(store.db, { limit: 10 });
  assert.deepEqual(recoverSessions(store.db, LATER_US), NOTHING);
  assert.deepEqual(listSessions(store.db, { limit: 10 }), before);
});

Deno.test("recoverSessions() gives sessions that ran up as lost, and tells them as they were", () => {
  verifies("session-lost-resume");
  using store = new TempStore();
  const first = addSession(store.db, { state: "waiting_approval", seen: true, resumeId: "conversation" });
  const second = addSession(store.db);
  addSession(store.db, { state: "exited", endedUs: NOON_US, pid: null });
  const report = recoverSessions(store.db, LATER_US);
  assert.deepEqual(report, { ...NOTHING, lost: [first, second] });
  assert.deepEqual(findSession(store.db, first.id), {
    ...first,
    state: "lost",
    stateReason: LOST_REASON,
    stateSource: "restart",
    stateSinceUs: LATER_US,
    endedUs: LATER_US,
    pid: null,
    seen: false,
  });
  assert.deepEqual(stateHistory(store.db, first.id).at(-1), {
    state: "lost",
    reason: LOST_REASON,
    source: "restart",
    timeUs: LATER_US,
  });
  assert.deepEqual(recoverSessions(store.db, LATER_US), NOTHING);
});

Deno.test("recoverSessions() leaves commands that wait in the queue, and tells those that were typed in as failed", () => {
  verifies("session-recovery-report");
  using store = new TempStore();
  const { id } = addSession(store.db);
  for (const name of ["done", "typed", "b", "a"]) {
    enqueueCommand(store.db, id, { id: name, text: name, by: "user", queuedUs: NOON_US });
  }
  updateCommand(store.db, id, "done", { state: "done", endedUs: NOON_US, outcome: "idle" });
  updateCommand(store.db, id, "typed", { state: "delivered", deliveredUs: NOON_US });
  const { failedCommands, queuedCommands: queued } = recoverSessions(store.db, LATER_US);
  assert.deepEqual([failedCommands, queued], [1, 2]);
  assert.deepEqual(queuedCommands(store.db, id).map((command) => command.id), ["b", "a"]);
  const typed = listCommands(store.db, id, { limit: 100 }).find(({ id }) => id === "typed");
  assert.deepEqual([typed?.state, typed?.outcome, typed?.endedUs], ["failed", LOST_REASON, LATER_US]);
  assert.equal(listCommands(store.db, id, { limit: 100 }).find(({ id }) => id === "done")?.outcome, "idle");
});

Deno.test("recoverSessions() leaves tasks that wait in the queue, and tells those that ran as failed", () => {
  verifies("task-restart");
  using store = new TempStore();
  const [waiting, running] = [insertTask(store.db, makeTask()), insertTask(store.db, makeTask())];
  updateTask(store.db, running.id, { state: "running", startedUs: NOON_US, attempts: 1 });
  const { failedTasks, queuedTasks: queued, repairs } = recoverSessions(store.db, LATER_US);
  assert.deepEqual([failedTasks, queued, repairs], [1, 1, []]);
  assert.deepEqual(queuedTasks(store.db), [waiting]);
  const { state, reason, endedUs } = findTask(store.db, running.id);
  assert.deepEqual([state, reason, endedUs], ["failed", LOST_REASON, LATER_US]);
  assert.deepEqual(taskEvents(store.db, running.id, { limit: 9 }).map((event) => event.text), [
    `failed: ${LOST_REASON}`,
  ]);
});

Deno.test("recoverSessions() repairs what cannot be, and says each thing", () => {
  verifies("session-recovery-report");
  using store = new TempStore();
  const { id, number } = addSession(store.db, { state: "exited" });
  for (const [firstSeq, text] of [[0, "hello"], [5, " you "], [10, "there"]] as const) {
    appendOutput(store.db, id, { firstSeq, frames: [outputFrame(text)] });
  }
  const task = insertTask(store.db, makeTask({ state: "done" }));
  appendTaskEvents(store.db, task.id, [{ timeUs: NOON_US, kind: "message", text: "hi" }]);
  store.db.exec(`
    UPDATE sessions SET state = 'idle', ended_us = 5, seq = 3;
    UPDATE tasks SET event_bytes = 77;
    INSERT INTO session_states (session, state, reason, source, time_us) VALUES (99, 'idle', '', 'quiet', 1);
    INSERT INTO task_events (task, seq, time_us, kind, text) VALUES (99, 1, 1, 'message', '');
    UPDATE session_output SET bytes = 1 WHERE first_seq = 5;
    INSERT INTO session_output SELECT 50, session, first_seq, end_seq, first_us, bytes, cols, rows, end_cols, end_rows, compressed, data
      FROM session_output WHERE first_seq = 10;
    INSERT INTO sessions SELECT 7, x'${
    "07".repeat(16)
  }', 'odd', provider, command, cwd, 0, 'asleep', '', 'spawn', 1, 1, NULL, NULL, NULL, 80, 24, 80, 24, '', NULL, NULL, NULL, 'u', 0, 0
      FROM sessions WHERE number = ${number};
  `);
  const { repairs, lost } = recoverSessions(store.db, LATER_US);
  assert.deepEqual(repairs, [
    "Removed 1 row of sessions that are not there",
    "Removed 1 event of tasks that are not there",
    "Removed 1 chunk of output that was not whole",
    "Removed 1 chunk of output that was there twice",
    "Gave 1 session of unknown state up as lost",
    "Counted the output of 1 session again",
    "Set the time at which 1 session ended",
    "Took back the end of 1 session that had not ended",
    "Completed the history of 2 sessions",
    "Set the time at which 1 task ended",
    "Counted the events of 1 task again",
  ]);
  assert.deepEqual(lost.map((session) => [session.id, session.seq]), [[id, 15]]);
  assert.deepEqual([...readOutput(store.db, id)].map((chunk) => chunk.firstSeq), [0, 10]);
  assert.deepEqual(outputRange(store.db, id), { firstSeq: 0, endSeq: 15 });
  assert.deepEqual(stateHistory(store.db, id).map((change) => change.state), ["exited", "idle", "lost"]);
  assert.deepEqual(recoverSessions(store.db, LATER_US), NOTHING);
});
