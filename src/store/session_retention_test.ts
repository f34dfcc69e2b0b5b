import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { addRemoved, NOTHING_REMOVED } from "../core/removed.ts";
import { eraseLeftovers } from "./erase.ts";
import { countPrunable } from "./prunable.ts";
import { pruneStore } from "./prune.ts";
import { pruneStep } from "./retention.ts";
import { appendAudit, listAudit } from "./session_audit.ts";
import { enqueueCommand, listCommands, queuedCommands, updateCommand } from "./session_commands.ts";
import { TASK_LIMITS } from "./session_limits.ts";
import { appendOutput, outputRange, readOutput } from "./session_output.ts";
import { listSessions, stateHistory } from "./session_reader.ts";
import { pruneSessions, type SessionRetention, storedOutputBytes } from "./session_retention.ts";
import { appendStateChange, updateSession } from "./session_writer.ts";
import { appendTaskEvents, insertTask, listTasks } from "./task_store.ts";
import { DAY_US, makeCall, NOON_US, randomFrom, TempStore } from "./testing.ts";
import { addSession, makeTask, outputFrame } from "./testing_session.ts";

const KEEP: SessionRetention = {
  nowUs: NOON_US,
  maxDays: 0,
  maxBytesPerSession: null,
  maxTotalBytes: null,
};
const random = randomFrom(5);
const CHUNK = 20_000;

/** A session with chunks of output that does not compress, written from `startUs` on. */
function addOutput(
  store: TempStore,
  chunks: number,
  { startUs = NOON_US, endedUs = null }: { startUs?: number; endedUs?: number | null } = {},
) {
  const session = addSession(store.db, {
    createdUs: startUs,
    state: endedUs === null ? "idle" : "exited",
    endedUs,
  });
  for (let i = 0; i < chunks; i++) {
    const bytes = Uint8Array.from({ length: CHUNK }, () => random() * 256);
    appendOutput(store.db, session.id, { firstSeq: i * CHUNK, frames: [outputFrame(bytes, startUs + i)] });
  }
  updateSession(store.db, session.id, { seq: chunks * CHUNK });
  return session;
}

function numbers(store: TempStore): number[] {
  return listSessions(store.db, { limit: 100 }).map((session) => session.number);
}

Deno.test("pruneSessions() removes sessions and tasks that ended too long ago, never those that go on", () => {
  verifies("session-retention");
  using store = new TempStore();
  addOutput(store, 2, { endedUs: NOON_US - 8 * DAY_US });
  addOutput(store, 1, { endedUs: NOON_US - 6 * DAY_US });
  addOutput(store, 1, { startUs: NOON_US - 90 * DAY_US });
  insertTask(store.db, makeTask({ state: "done", endedUs: NOON_US - 8 * DAY_US }));
  insertTask(store.db, makeTask({ createdUs: NOON_US - 90 * DAY_US }));
  assert.deepEqual(pruneSessions(store.db, KEEP), { sessions: 0, tasks: 0, outputBytes: 0 });
  const pruned = pruneSessions(store.db, { ...KEEP, maxDays: 7 });
  assert.deepEqual([pruned.sessions, pruned.tasks, pruned.outputBytes > 2 * CHUNK], [1, 1, true]);
  assert.deepEqual(numbers(store), [3, 2]);
  assert.deepEqual(listTasks(store.db, { limit: 9 }).map((task) => task.number), [2]);
});

Deno.test("pruneSessions() takes the oldest output of a session that has too much, but never its last chunk", () => {
  verifies("session-retention");
  using store = new TempStore();
  const large = addOutput(store, 5);
  const small = addOutput(store, 2);
  pruneSessions(store.db, { ...KEEP, maxBytesPerSession: 3.5 * CHUNK });
  assert.deepEqual(outputRange(store.db, large.id), { firstSeq: 2 * CHUNK, endSeq: 5 * CHUNK });
  assert.deepEqual(outputRange(store.db, small.id), { firstSeq: 0, endSeq: 2 * CHUNK });
  pruneSessions(store.db, { ...KEEP, maxBytesPerSession: 0 });
  assert.deepEqual(outputRange(store.db, large.id), { firstSeq: 4 * CHUNK, endSeq: 5 * CHUNK });
  appendOutput(store.db, large.id, { firstSeq: 5 * CHUNK, frames: [outputFrame("goes on")] });
});

Deno.test("pruneSessions() by size in all removes what ended longest ago first, then the oldest output", () => {
  verifies("session-retention");
  using store = new TempStore();
  addOutput(store, 2, { endedUs: NOON_US + 3 });
  addOutput(store, 2, { endedUs: NOON_US + 1 });
  const live = addOutput(store, 4);
  const other = addOutput(store, 2);
  const kept = (maxTotalBytes: number) => {
    pruneSessions(store.db, { ...KEEP, maxTotalBytes });
    assert.ok(storedOutputBytes(store.db) <= maxTotalBytes);
    return numbers(store);
  };
  assert.deepEqual(kept(11 * CHUNK), [4, 3, 2, 1]);
  assert.deepEqual(kept(8.5 * CHUNK), [4, 3, 1]);
  assert.deepEqual(kept(6.5 * CHUNK), [4, 3]);
  assert.deepEqual(kept(4.5 * CHUNK), [4, 3]);
  assert.equal(outputRange(store.db, live.id).firstSeq, 2 * CHUNK);
  assert.equal(outputRange(store.db, other.id).firstSeq, 0);
});

Deno.test("pruneSessions() bounds the tasks that are over", () => {
  using store = new TempStore();
  insertTask(store.db, makeTask({ state: "done", endedUs: NOON_US }));
  const open = insertTask(store.db, makeTask());
  store.db.exec(
    `WITH RECURSIVE copies (place) AS (SELECT 3 UNION ALL SELECT place + 1 FROM copies WHERE place <= ${TASK_LIMITS.tasks})
     INSERT INTO tasks (number, id, provider, prompt, cwd, full_access, args, keeps_session, state, reason, created_us, ended_us, attempts, created_by, event_bytes)
     SELECT place, randomblob(16), provider, prompt, cwd, 0, args, 0, state, reason, created_us, ended_us, attempts, created_by, 0
     FROM copies, tasks WHERE tasks.number = 1`,
  );
  assert.equal(pruneSessions(store.db, KEEP).tasks, 1);
  const left = listTasks(store.db, { limit: TASK_LIMITS.tasks * 2 });
  assert.deepEqual([left.length, left.at(-1)?.number], [TASK_LIMITS.tasks, open.number]);
});

Deno.test("pruneStep() by age removes sessions that ended and tasks that are over, and counts them", () => {
  verifies("session-retention", "store-retention");
  using store = new TempStore();
  store.append(makeCall(NOON_US - DAY_US).batch);
  addOutput(store, 1, { startUs: NOON_US - 3 * DAY_US, endedUs: NOON_US - 2 * DAY_US });
  addOutput(store, 1, { startUs: NOON_US - 3 * DAY_US });
  insertTask(store.db, makeTask({ state: "failed", endedUs: NOON_US - 2 * DAY_US }));
  insertTask(store.db, makeTask({ createdUs: NOON_US - 3 * DAY_US }));
  assert.deepEqual(
    countPrunable(store.db, { olderThanUs: NOON_US - DAY_US / 2, erase: false }),
    { deleted: 2, sessions: 1, tasks: 1 },
  );
  let sum = NOTHING_REMOVED;
  for (let done = false; !done;) {
    const step = pruneStep(store.db, { olderThanUs: NOON_US - DAY_US / 2, maxEvents: 100 });
    sum = addRemoved(sum, step);
    ({ done } = step);
  }
  assert.deepEqual(sum, { deleted: 2, sessions: 1, tasks: 1 });
  assert.deepEqual(numbers(store), [2]);
});

Deno.test("pruneStep() by size removes events and output by their age, whichever is older", () => {
  verifies("session-retention", "store-retention");
  using store = new TempStore();
  const text = () => Array.from({ length: 4000 }, () => random().toString(36)).join("");
  const appendEvents = (timeUs: number) => {
    for (let i = 0; i < 4; i++) store.append(makeCall(timeUs + i, "ok", { text: text() }).batch);
  };
  appendEvents(NOON_US);
  addOutput(store, 10, { startUs: NOON_US + DAY_US, endedUs: NOON_US + DAY_US });
  const live = addOutput(store, 10, { startUs: NOON_US + 2 * DAY_US });
  appendEvents(NOON_US + 3 * DAY_US);
  const seen: string[] = [];
  for (let maxBytes = 1_500_000; maxBytes > 0; maxBytes -= 20_000) {
    while (!pruneStep(store.db, { maxBytes, maxEvents: 2 }).done);
    const events = store.db.get<{ days: number }>(
      `SELECT coalesce((min(time_us) - ${NOON_US}) / ${DAY_US}, 9) AS days FROM events`,
    )?.days;
    const state = `${events} ${numbers(store)} ${
      outputRange(store.db, live.id).firstSeq === 0 ? "whole" : "cut"
    }`;
    if (seen.at(-1) !== state) seen.push(state);
  }
  assert.deepEqual(seen, ["0 2,1 whole", "3 2,1 whole", "3 2 whole", "3 2 cut", "9 2 cut"]);
  assert.equal([...readOutput(store.db, live.id)].length, 1);
});

Deno.test("eraseLeftovers() leaves of sessions only what those that run need", () => {
  verifies("store-retention");
  using store = new TempStore();
  addOutput(store, 1, { endedUs: NOON_US });
  const live = addSession(store.db, { size: { cols: 100, rows: 30 } });
  appendStateChange(store.db, live.id, { state: "running", reason: "", source: "screen", timeUs: NOON_US });
  const resize = { kind: "resize", timeUs: NOON_US, size: { cols: 90, rows: 20 } } as const;
  appendOutput(store.db, live.id, { firstSeq: 0, frames: [outputFrame("marker"), resize] });
  for (const id of ["a", "b"]) enqueueCommand(store.db, live.id, { id, text: "t", by: "u", queuedUs: 1 });
  updateCommand(store.db, live.id, "a", { state: "done" });
  const queued = insertTask(store.db, makeTask());
  appendTaskEvents(store.db, queued.id, [{ timeUs: 1, kind: "output", text: "marker" }]);
  insertTask(store.db, makeTask({ state: "cancelled", endedUs: 1 }));
  appendAudit(store.db, { timeUs: 1, who: "u", via: "km", action: "a", subject: null, detail: "" });
  eraseLeftovers(store.db);
  assert.deepEqual(numbers(store), [live.number]);
  assert.deepEqual(stateHistory(store.db, live.id).map((change) => change.state), ["running"]);
  assert.deepEqual(listCommands(store.db, live.id, { limit: 9 }), queuedCommands(store.db, live.id));
  assert.deepEqual(listTasks(store.db, { limit: 9 }), [queued]);
  assert.deepEqual(listAudit(store.db, { limit: 9 }), []);
  appendOutput(store.db, live.id, { firstSeq: 6, frames: [outputFrame("goes on")] });
  assert.deepEqual([...readOutput(store.db, live.id)].map((chunk) => chunk.size), [resize.size]);
});

Deno.test("pruneStore() of everything removes sessions, and nothing of them can be read in the file", async () => {
  verifies("store-retention");
  using store = new TempStore();
  const { id } = addSession(store.db, { state: "exited", endedUs: NOON_US, cwd: "/home/cwdmarker" });
  appendOutput(store.db, id, { firstSeq: 0, frames: [outputFrame("outputmarker")] });
  enqueueCommand(store.db, id, { id: "a", text: "commandmarker", by: "u", queuedUs: 1 });
  const pruned = await pruneStore(store.db.path, { olderThanUs: NOON_US + DAY_US, erase: true });
  assert.deepEqual(pruned, { deleted: 0, sessions: 1, wiped: true });
  for (const name of ["km.db", "km.db-wal"]) {
    const bytes = Deno.readFileSync(`${store.folder.path}/${name}`);
    assert.doesNotMatch(new TextDecoder("latin1").decode(bytes), /(cwd|output|command)marker/);
  }
});
