import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { type ErrorCode, KmError } from "../core/error.ts";
import { TASK_LIMITS } from "./session_limits.ts";
import {
  appendTaskEvents,
  findTask,
  insertTask,
  listTasks,
  queuedTasks,
  removeTask,
  taskEvents,
  updateTask,
} from "./task_store.ts";
import { NOON_US, TempStore } from "./testing.ts";
import { makeTask, newId } from "./testing_session.ts";

function isRefused(code: ErrorCode) {
  return (error: unknown) => error instanceof KmError && error.code === code;
}

Deno.test("insertTask() keeps every field, and chooses the number", () => {
  verifies("task-lifecycle");
  using store = new TempStore();
  const task = makeTask({
    number: 9,
    key: "build-42",
    fullAccess: true,
    model: "large",
    args: ["--flag", "a b\u{1f600}"],
    timeoutMs: 60_000,
    keepsSession: true,
    state: "done",
    startedUs: NOON_US,
    endedUs: NOON_US + 1,
    attempts: 2,
    sessionId: newId(),
    conversationId: "thread",
    result: "42\n\x1b[1m…",
    exitCode: 0,
    metrics: { inputTokens: 1, outputTokens: 2, turns: 3, costMicroUsd: 4_000_000_000, durationMs: 5 },
  });
  assert.deepEqual(insertTask(store.db, task), { ...task, number: 1 });
  assert.deepEqual(findTask(store.db, "1"), { ...task, number: 1 });
});

Deno.test("insertTask() of a key that is stored gives the task that has it, and makes no other", () => {
  verifies("task-lifecycle");
  using store = new TempStore();
  const first = insertTask(store.db, makeTask({ key: "k" }));
  updateTask(store.db, first.id, { state: "running" });
  const again = insertTask(store.db, makeTask({ key: "k", prompt: "another" }));
  assert.deepEqual(again, { ...first, state: "running" });
  insertTask(store.db, makeTask());
  insertTask(store.db, makeTask());
  assert.deepEqual(listTasks(store.db, { limit: 9 }).map((task) => task.number), [3, 2, 1]);
});

Deno.test("updateTask() changes what is given, and takes whole numbers of what providers report", () => {
  using store = new TempStore();
  const task = insertTask(store.db, makeTask({ result: "before", sessionId: newId() }));
  const metrics = {
    inputTokens: 1.4,
    outputTokens: Infinity,
    turns: NaN,
    costMicroUsd: 1e300,
    durationMs: null,
  };
  updateTask(store.db, task.id, { metrics, result: null, sessionId: null, reason: "a\nb" });
  assert.deepEqual(findTask(store.db, task.id), {
    ...task,
    result: null,
    sessionId: null,
    reason: "a\\nb",
    metrics: { inputTokens: 1, outputTokens: null, turns: null, costMicroUsd: null, durationMs: null },
  });
  assert.throws(() => updateTask(store.db, newId(), { state: "done" }), isRefused("not_found"));
});

Deno.test("insertTask() refuses prompts that are too long; updateTask() cuts results", () => {
  using store = new TempStore();
  const prompt = "x".repeat(TASK_LIMITS.promptChars + 1);
  assert.throws(() => insertTask(store.db, makeTask({ prompt })), isRefused("usage"));
  const { id } = insertTask(store.db, makeTask({ prompt: prompt.slice(1) }));
  updateTask(store.db, id, { result: `${"x".repeat(TASK_LIMITS.resultChars - 2)}\u{1f600}y` });
  const { result } = findTask(store.db, id);
  assert.deepEqual([result?.length, result?.isWellFormed()], [TASK_LIMITS.resultChars, true]);
});

Deno.test("findTask() takes an id, a beginning of it, a number, a key", () => {
  using store = new TempStore();
  const id = "01a1fdfa-4600-7000-a5d5-705dc1aef029";
  insertTask(store.db, makeTask({ id, key: "build-42" }));
  insertTask(store.db, makeTask({ id: "01a1fdfa-4601-7000-a5d5-705dc1aef029" }));
  for (const ref of [id, "01a1fdfa-4600", "1", "build-42"]) assert.equal(findTask(store.db, ref).id, id);
  for (const ref of ["01a1fd", "01a1"]) {
    assert.throws(() => findTask(store.db, ref), isRefused("ambiguous"), ref);
  }
  for (const ref of ["", "3", "build", "01a2"]) {
    assert.throws(() => findTask(store.db, ref), isRefused("not_found"), ref);
  }
});

Deno.test("listTasks() pages and filters; queuedTasks() are in order", () => {
  using store = new TempStore();
  for (const state of ["queued", "done", "running", "queued"] as const) {
    insertTask(store.db, makeTask({ state }));
  }
  insertTask(store.db, makeTask({ provider: "codex" }));
  const numbers = (query: Partial<Parameters<typeof listTasks>[1]>) =>
    listTasks(store.db, { limit: 10, ...query }).map((task) => task.number);
  assert.deepEqual(numbers({ limit: 2, before: 5 }), [4, 3]);
  assert.deepEqual(numbers({ state: "queued" }), [5, 4, 1]);
  assert.deepEqual(numbers({ provider: "codex" }), [5]);
  assert.deepEqual(queuedTasks(store.db).map((task) => task.number), [1, 4, 5]);
});

Deno.test("taskEvents() gives what was appended, numbered from 1, from where a reader was", () => {
  verifies("task-lifecycle");
  using store = new TempStore();
  const [task, other] = [insertTask(store.db, makeTask()), insertTask(store.db, makeTask())];
  const event = (text: string) => ({ timeUs: NOON_US, kind: "message", text }) as const;
  appendTaskEvents(store.db, other.id, [event("x")]);
  assert.deepEqual(appendTaskEvents(store.db, task.id, [event("a"), event("b")]).map(({ seq }) => seq), [
    1,
    2,
  ]);
  appendTaskEvents(store.db, task.id, [event("c")]);
  assert.deepEqual(taskEvents(store.db, task.id, { after: 1, limit: 9 }), [
    { seq: 2, ...event("b") },
    { seq: 3, ...event("c") },
  ]);
  assert.equal(taskEvents(store.db, task.id, { limit: 1 }).length, 1);
  removeTask(store.db, task.number);
  assert.throws(() => taskEvents(store.db, task.id, { limit: 1 }), isRefused("not_found"));
  assert.equal(store.db.get<{ rows: number }>("SELECT count(*) AS rows FROM task_events")?.rows, 1);
});

Deno.test("appendTaskEvents() bounds each text, their number and their sum; numbers go on", () => {
  using store = new TempStore();
  const { id } = insertTask(store.db, makeTask());
  const event = (text: string) => ({ timeUs: NOON_US, kind: "output", text }) as const;
  const [cut] = appendTaskEvents(store.db, id, [event("é".repeat(TASK_LIMITS.eventChars + 1))]);
  assert.equal(cut?.text.length, TASK_LIMITS.eventChars);
  appendTaskEvents(store.db, id, Array.from({ length: TASK_LIMITS.events }, (_, i) => event(`${i}`)));
  const few = taskEvents(store.db, id, { limit: 10_000 });
  assert.deepEqual([few.length, few[0]?.seq], [TASK_LIMITS.events, 2]);
  const large = event("é".repeat(TASK_LIMITS.eventChars));
  const fitting = Math.floor(TASK_LIMITS.eventsBytes / (2 * TASK_LIMITS.eventChars));
  appendTaskEvents(store.db, id, Array.from({ length: fitting + 3 }, () => large));
  const left = taskEvents(store.db, id, { limit: 10_000 });
  assert.deepEqual([left.length, left.at(-1)?.seq], [fitting, TASK_LIMITS.events + fitting + 4]);
  const sum = left.reduce((bytes, { text }) => bytes + new TextEncoder().encode(text).length, 0);
  assert.equal(sum, store.db.get<{ bytes: number }>("SELECT event_bytes AS bytes FROM tasks")?.bytes);
});
