import assert from "node:assert/strict";
import { type ErrorCode, KmError } from "../core/error.ts";
import { openDatabase, schemaVersion } from "./database.ts";
import { MIGRATIONS } from "./migrations.ts";
import { appendAudit, listAudit } from "./session_audit.ts";
import { enqueueCommand } from "./session_commands.ts";
import { SESSION_LIMITS } from "./session_limits.ts";
import { appendOutput } from "./session_output.ts";
import { findSession, listSessions, stateHistory } from "./session_reader.ts";
import {
  appendStateChange,
  deleteSession,
  insertSession,
  SESSION_PART_TABLES,
  updateSession,
} from "./session_writer.ts";
import { MINUTE_US, NOON_US, TempFolder, TempStore } from "./testing.ts";
import { addSession, makeSession, newId, outputFrame } from "./testing_session.ts";
import { verifies } from "../../tests/verifies.ts";

function refuses(work: () => unknown, code: ErrorCode): KmError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof KmError, String(error));
    assert.equal(error.code, code, error.message);
    return error;
  }
  throw new assert.AssertionError({ message: "nothing was refused" });
}

Deno.test("insertSession() keeps every field, and chooses the number", () => {
  verifies("session-stored");
  using store = new TempStore();
  const session = makeSession({
    number: 77,
    fullAccess: true,
    state: "exited",
    stateSource: "exit",
    endedUs: NOON_US + 5,
    exitCode: 3,
    exitSignal: "SIGTERM",
    size: { cols: 80, rows: 24 },
    title: "✳ Claude Code",
    resumeId: "conversation",
    resumedFrom: newId(),
    seq: 2 ** 40,
    seen: true,
  });
  assert.equal(insertSession(store.db, session).number, 1);
  assert.deepEqual(findSession(store.db, session.id), { ...session, number: 1 });
});

Deno.test("insertSession() never gives a number twice", () => {
  using store = new TempStore();
  addSession(store.db);
  const last = addSession(store.db);
  deleteSession(store.db, last.id);
  assert.equal(addSession(store.db).number, 3);
});

Deno.test("insertSession() refuses the name of a session that runs, and takes that of one that ended", () => {
  using store = new TempStore();
  const first = addSession(store.db, { name: "claude-1" });
  refuses(() => addSession(store.db, { name: "claude-1" }), "usage");
  const other = addSession(store.db, { name: "claude-2" });
  refuses(() => updateSession(store.db, other.id, { name: "claude-1" }), "usage");
  appendStateChange(store.db, first.id, { state: "exited", reason: "", source: "exit", timeUs: NOON_US });
  const second = addSession(store.db, { name: "claude-1" });
  assert.equal(findSession(store.db, "claude-1").id, second.id);
  assert.equal(findSession(store.db, "claude-2").id, other.id);
});

Deno.test("insertSession() refuses what is too long to be kept, and stores nothing of it", () => {
  using store = new TempStore();
  const long = "x".repeat(SESSION_LIMITS.nameChars + 1);
  refuses(() => addSession(store.db, { name: long }), "usage");
  refuses(() => addSession(store.db, { cwd: "/".repeat(SESSION_LIMITS.cwdChars + 1) }), "usage");
  const argument = "x".repeat(SESSION_LIMITS.argumentChars);
  refuses(() => addSession(store.db, { command: [argument, argument, "y"] }), "usage");
  assert.deepEqual(listSessions(store.db, { limit: 10 }), []);
});

Deno.test("updateSession() changes what is given; what a program says is cut and printable", () => {
  using store = new TempStore();
  const session = addSession(store.db, { title: "before", exitSignal: "SIGHUP" });
  updateSession(store.db, session.id, {
    title: "\x1b]0;" + "t".repeat(1000),
    size: { cols: 90, rows: 30 },
    seq: 12,
    exitSignal: null,
  });
  const read = findSession(store.db, session.id);
  assert.equal(read.title, `\\e]0;${"t".repeat(SESSION_LIMITS.titleChars - 6)}…`);
  assert.deepEqual(read, {
    ...session,
    title: read.title,
    size: { cols: 90, rows: 30 },
    seq: 12,
    exitSignal: null,
  });
  refuses(() => updateSession(store.db, newId(), { seq: 1 }), "not_found");
});

Deno.test("appendStateChange() adds to the history and gives the session its state", () => {
  verifies("session-stored");
  using store = new TempStore();
  const session = addSession(store.db);
  const reason = 'asks for approval: "Do you\x1b[2J want\nto proceed?"';
  const change = { state: "waiting_approval", source: "screen", timeUs: NOON_US + MINUTE_US } as const;
  appendStateChange(store.db, session.id, { ...change, reason });
  const stored = { ...change, reason: 'asks for approval: "Do you\\e[2J want\\nto proceed?"' };
  assert.deepEqual(stateHistory(store.db, session.id), [
    { state: "starting", reason: "started", source: "spawn", timeUs: NOON_US },
    stored,
  ]);
  const { state, stateReason, stateSource, stateSinceUs } = findSession(store.db, session.id);
  assert.deepEqual({ state, reason: stateReason, source: stateSource, timeUs: stateSinceUs }, stored);
});

Deno.test("appendStateChange() keeps the latest changes of each session", () => {
  using store = new TempStore();
  const [session, other] = [addSession(store.db), addSession(store.db)];
  for (let i = 0; i <= SESSION_LIMITS.states; i++) {
    appendStateChange(store.db, session.id, { state: "idle", reason: `${i}`, source: "quiet", timeUs: i });
  }
  const history = stateHistory(store.db, session.id);
  assert.deepEqual([history.length, history[0]?.reason, history.at(-1)?.reason], [
    SESSION_LIMITS.states,
    "1",
    String(SESSION_LIMITS.states),
  ]);
  assert.equal(stateHistory(store.db, other.id).length, 1);
});

Deno.test("deleteSession() takes all it left, except the audit", () => {
  using store = new TempStore();
  const [session, other] = [addSession(store.db), addSession(store.db)];
  for (const { id } of [session, other]) {
    appendOutput(store.db, id, { firstSeq: 0, frames: [outputFrame("hello")] });
    enqueueCommand(store.db, id, { id: "1", text: "go", by: "user", queuedUs: NOON_US });
    const base = { timeUs: NOON_US, who: "user", via: "token", detail: "" };
    appendAudit(store.db, { ...base, action: "session.start", subject: id });
  }
  deleteSession(store.db, session.id);
  refuses(() => findSession(store.db, session.id), "not_found");
  refuses(() => deleteSession(store.db, session.id), "not_found");
  for (const table of SESSION_PART_TABLES) {
    assert.deepEqual(store.db.all(`SELECT session FROM ${table}`).map((row) => ({ ...row })), [
      { session: other.number },
    ]);
  }
  assert.equal(listAudit(store.db, { limit: 10, subject: session.id }).length, 1);
});

Deno.test("findSession() takes no beginning of an id that may be a mistyped number, and says so", () => {
  using store = new TempStore();
  const { id } = addSession(store.db, { id: "01a1fdfa-4600-7000-a5d5-705dc1aef029" });
  const { message, hint } = refuses(() => findSession(store.db, "0"), "ambiguous");
  assert.match(message, /an id begins so, and at least 6 of its digits are needed/);
  assert.match(hint ?? "", /at least 6 digits/);
  assert.equal(findSession(store.db, "01a1fd").id, id);
});

Deno.test("findSession() takes an id, a beginning of it, a number, a name", () => {
  using store = new TempStore();
  const session = addSession(store.db, { id: "01a1fdfa-4600-7000-a5d5-705dc1aef029", name: "claude-3" });
  addSession(store.db, { id: "01a1fdfa-4601-7000-a5d5-705dc1aef029", name: "zzz" });
  for (
    const ref of [session.id, session.id.toUpperCase(), "01a1fdfa-4600", "01A1FDFA4600", "1", "claude-3"]
  ) {
    assert.equal(findSession(store.db, ref).id, session.id, ref);
  }
  for (const ref of ["01a1fd", "01a1", "0"]) {
    assert.match(refuses(() => findSession(store.db, ref), "ambiguous").message, /several ids begin so/);
  }
  for (const ref of ["01a1fdfb", "01a2", "9", "claude", "", "-", "\x1b[2J", "99999999999999999999"]) {
    assert.ok(!refuses(() => findSession(store.db, ref), "not_found").message.includes("\x1b"));
  }
});

Deno.test("findSession() by name prefers one that runs, then the latest", () => {
  using store = new TempStore();
  const ended = { name: "api", state: "exited", endedUs: NOON_US } as const;
  addSession(store.db, ended);
  const latest = addSession(store.db, ended);
  assert.equal(findSession(store.db, "api").id, latest.id);
  const live = addSession(store.db, { name: "api" });
  addSession(store.db, ended);
  assert.equal(findSession(store.db, "api").id, live.id);
});

Deno.test("listSessions() pages by number, newest first, and filters", () => {
  using store = new TempStore();
  addSession(store.db, { provider: "codex" });
  addSession(store.db, { state: "lost", endedUs: NOON_US });
  addSession(store.db, { state: "idle" });
  addSession(store.db, { state: "exited", endedUs: NOON_US });
  const numbers = (query: Partial<Parameters<typeof listSessions>[1]>) =>
    listSessions(store.db, { limit: 10, ...query }).map((session) => session.number);
  assert.deepEqual(numbers({}), [4, 3, 2, 1]);
  assert.deepEqual(numbers({ limit: 2 }), [4, 3]);
  assert.deepEqual(numbers({ before: 3 }), [2, 1]);
  assert.deepEqual(numbers({ state: "live" }), [3, 1]);
  assert.deepEqual(numbers({ state: "ended" }), [4, 2]);
  assert.deepEqual(numbers({ state: "lost" }), [2]);
  assert.deepEqual(numbers({ provider: "codex", state: "live" }), [1]);
});

Deno.test("appendAudit() keeps the latest entries, printable and cut", () => {
  verifies("session-audit");
  using store = new TempStore();
  const subject = newId();
  const entry = { timeUs: NOON_US, who: "user\x07", via: "token", action: "session.input", subject };
  appendAudit(store.db, { ...entry, detail: "d".repeat(5000) });
  appendAudit(store.db, { ...entry, subject: null, action: "auth.refused", detail: "a\nb" });
  appendAudit(store.db, { ...entry, subject: "a task", detail: "" });
  const [third, second, first] = listAudit(store.db, { limit: 10 });
  assert.deepEqual([first?.who, first?.subject, first?.detail.length], ["user\\u{7}", subject, 1000]);
  assert.deepEqual([second?.subject, second?.detail, third?.subject], [null, "a\\nb", "a task"]);
  assert.deepEqual(listAudit(store.db, { limit: 10, subject }).map((row) => row.number), [1]);
  assert.deepEqual(listAudit(store.db, { limit: 1, before: 3 }).map((row) => row.number), [2]);
});

Deno.test("appendAudit() is bounded: the oldest entry goes", () => {
  using store = new TempStore();
  const entry = { timeUs: NOON_US, who: "u", via: "token", action: "a", subject: null, detail: "" };
  appendAudit(store.db, entry);
  // As if that many had been written.
  store.db.run(
    "UPDATE sqlite_sequence SET seq = ? WHERE name = 'session_audit'",
    SESSION_LIMITS.auditEntries,
  );
  appendAudit(store.db, entry);
  assert.deepEqual(listAudit(store.db, { limit: 10 }).map((row) => row.number), [
    SESSION_LIMITS.auditEntries + 1,
  ]);
});

Deno.test("openDatabase() brings a store of m004 to where sessions are kept", () => {
  verifies("store-migrations");
  using folder = new TempFolder();
  openDatabase(folder.databasePath, { mode: "write", migrations: MIGRATIONS.slice(0, 4) })[Symbol.dispose]();
  using reader = openDatabase(folder.databasePath, { mode: "read" });
  assert.equal(schemaVersion(reader), MIGRATIONS.length);
  assert.deepEqual(listSessions(reader, { limit: 1 }), []);
  using db = openDatabase(folder.databasePath, { mode: "write" });
  addSession(db);
  assert.equal(listSessions(reader, { limit: 1 }).length, 1);
});
