import assert from "node:assert/strict";
import { SmallDisk, unlessTmpfs } from "../../tests/fakes/small_disk.ts";
import { testUnless } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import { type ErrorCode, KmError } from "../core/error.ts";
import { type Database, openDatabase } from "./database.ts";
import { appendAudit } from "./session_audit.ts";
import { enqueueCommand, listCommands } from "./session_commands.ts";
import { appendOutput, outputRange, readOutput } from "./session_output.ts";
import { findSession, listSessions, stateHistory } from "./session_reader.ts";
import { recoverSessions } from "./session_recovery.ts";
import { pruneSessions } from "./session_retention.ts";
import { appendStateChange, deleteSession, updateSession } from "./session_writer.ts";
import { checkIntegrity } from "./summary.ts";
import { appendTaskEvents, insertTask, listTasks } from "./task_store.ts";
import { NOON_US, randomFrom, TempStore } from "./testing.ts";
import { addSession, makeTask, outputFrame } from "./testing_session.ts";

function codeOf(work: () => unknown): ErrorCode | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof KmError) return error.code;
    throw error;
  }
}

const random = randomFrom(9);

function noise(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, () => random() * 256);
}

/** Every way to write, on a session that is there. */
function writers(db: Database, id: string): Readonly<Record<string, () => unknown>> {
  const change = { state: "idle", reason: "r", source: "quiet", timeUs: NOON_US } as const;
  const seq = outputRange(db, id).endSeq;
  const limits = { nowUs: NOON_US, maxDays: 1, maxBytesPerSession: 1, maxTotalBytes: 1 };
  const entry = { timeUs: NOON_US, who: "u", via: "km", action: "a", subject: null, detail: "" };
  return {
    insertSession: () => addSession(db),
    updateSession: () => updateSession(db, id, { name: "another", seq: 99 }),
    appendStateChange: () => appendStateChange(db, id, change),
    appendOutput: () => appendOutput(db, id, { firstSeq: seq, frames: [outputFrame("x")] }),
    appendOutput2: () => appendOutput(db, id, { firstSeq: seq, frames: [outputFrame(noise(400_000))] }),
    enqueueCommand: () => enqueueCommand(db, id, { id: "c", text: "t", by: "u", queuedUs: 1 }),
    insertTask: () => insertTask(db, makeTask()),
    appendAudit: () => appendAudit(db, entry),
    recoverSessions: () => recoverSessions(db, NOON_US),
    deleteSession: () => deleteSession(db, id),
    pruneSessions: () => pruneSessions(db, limits),
  };
}

function contents(db: Database): unknown {
  return listSessions(db, { limit: 100 }).map((session) => [
    session,
    stateHistory(db, session.id),
    listCommands(db, session.id, { limit: 100 }),
    outputRange(db, session.id),
    listTasks(db, { limit: 100 }),
  ]);
}

Deno.test("Every writer of sessions says that another process keeps the lock, and changes nothing", () => {
  using store = new TempStore();
  using own = openDatabase(store.db.path, { mode: "write", busyTimeoutMs: 1 });
  const { id } = addSession(own);
  for (let i = 0; i < 2; i++) appendOutput(own, id, { firstSeq: i * 9, frames: [outputFrame(noise(9))] });
  const before = contents(own);
  store.db.exec("BEGIN IMMEDIATE");
  for (const [name, write] of Object.entries(writers(own, id))) {
    assert.equal(codeOf(write), "store_locked", name);
  }
  assert.deepEqual(contents(own), before);
  store.db.exec("ROLLBACK");
  for (const [name, write] of Object.entries(writers(own, id))) {
    if (name !== "appendOutput2") assert.equal(codeOf(write), null, name);
  }
});

testUnless(
  unlessTmpfs(),
  "Output that finds a full disk is refused as a whole, and goes on when there is room",
  () => {
    verifies("session-fault-full-disk");
    using disk = new SmallDisk("6m");
    using db = openDatabase(`${disk.path}/km.db`, { mode: "write" });
    const { id } = addSession(db);
    const task = insertTask(db, makeTask());
    const chunk = 300_000;
    let chunks = 0;
    const append = () =>
      appendOutput(db, id, { firstSeq: chunks * chunk, frames: [outputFrame(noise(chunk))] });
    while (codeOf(append) === null) assert.ok(++chunks < 100, "the disk never fills up");
    assert.equal(codeOf(append), "store_full");
    assert.deepEqual(outputRange(db, id), { firstSeq: 0, endSeq: chunks * chunk });
    const text = "x".repeat(60_000);
    const events = Array.from({ length: 50 }, () => ({ timeUs: 1, kind: "output", text }) as const);
    assert.equal(codeOf(() => appendTaskEvents(db, task.id, events)), "store_full");
    assert.equal(listTasks(db, { limit: 9 }).length, 1);
    disk.resize("20m");
    append();
    chunks++;
    assert.deepEqual([...readOutput(db, id)].map((part) => part.endSeq).at(-1), chunks * chunk);
    assert.equal(findSession(db, id).id, id);
    assert.deepEqual(checkIntegrity(db), []);
    assert.deepEqual(recoverSessions(db, NOON_US).repairs, ["Counted the output of 1 session again"]);
  },
);

Deno.test("A writer that is killed at any moment leaves a sound store, in which what waited still waits", async () => {
  verifies("session-fault-kill-9");
  using store = new TempStore();
  const script = new URL("testing_session_writer.ts", import.meta.url).pathname;
  for (let round = 1; round <= 6; round++) {
    const { id } = addSession(store.db);
    await using writer = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", script, store.db.path, id],
      stdout: "piped",
    }).spawn();
    const reader = writer.stdout.getReader();
    let writes = 0;
    while (writes < round * 3) writes += (await reader.read()).value?.length ?? 0;
    writer.kill("SIGKILL");
    await reader.cancel();
    await writer.status;
    const report = recoverSessions(store.db, NOON_US);
    // Output is stored before its session says so: the one thing that is mended.
    assert.deepEqual(report.repairs.filter((text) => text !== "Counted the output of 1 session again"), []);
    assert.deepEqual([report.lost.map((session) => session.id), report.failedTasks], [[id], 1]);
    const commands = listCommands(store.db, id, { limit: 1000 });
    assert.ok(commands.filter(({ state }) => state === "queued").length >= Math.floor(writes / 2));
    let seq = 0;
    for (const chunk of readOutput(store.db, id)) {
      assert.equal(chunk.firstSeq, seq);
      seq = chunk.endSeq;
    }
    assert.ok(seq >= writes * 30_000);
    assert.equal(findSession(store.db, id).seq, seq);
  }
  assert.deepEqual(checkIntegrity(store.db), []);
});
