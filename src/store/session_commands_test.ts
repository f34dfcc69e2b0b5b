import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { KmError } from "../core/error.ts";
import {
  enqueueCommand,
  listCommands,
  moveQueuedCommands,
  queuedCommands,
  updateCommand,
} from "./session_commands.ts";
import { SESSION_LIMITS } from "./session_limits.ts";
import { NOON_US, TempStore } from "./testing.ts";
import { addSession, newId } from "./testing_session.ts";

function command(id: string, text = `text of ${id}`) {
  return { id, text, by: "user", queuedUs: NOON_US };
}

function ids(commands: readonly { readonly id: string }[]): string[] {
  return commands.map(({ id }) => id);
}

function isRefused(code: string) {
  return (error: unknown) => error instanceof KmError && error.code === code;
}

Deno.test("enqueueCommand() of one id twice is one command, as it was the first time", () => {
  verifies("session-stored");
  using store = new TempStore();
  const { id } = addSession(store.db);
  const first = enqueueCommand(store.db, id, command("a"));
  assert.deepEqual(first, {
    isNew: true,
    command: { ...command("a"), state: "queued", deliveredUs: null, endedUs: null, outcome: null },
  });
  updateCommand(store.db, id, "a", { state: "delivered", deliveredUs: NOON_US + 1 });
  const again = enqueueCommand(store.db, id, command("a", "another text"));
  assert.deepEqual(again, {
    isNew: false,
    command: { ...first.command, state: "delivered", deliveredUs: NOON_US + 1 },
  });
  assert.equal(enqueueCommand(store.db, addSession(store.db).id, command("a")).isNew, true);
});

Deno.test("queuedCommands() are those that wait, in order", () => {
  using store = new TempStore();
  const { id } = addSession(store.db);
  for (const name of ["c", "a", "b"]) enqueueCommand(store.db, id, command(name));
  updateCommand(store.db, id, "a", { state: "cancelled", endedUs: NOON_US, outcome: "by the user\n" });
  assert.deepEqual(ids(queuedCommands(store.db, id)), ["c", "b"]);
  assert.equal(
    listCommands(store.db, id, { limit: 100 }).find(({ id }) => id === "a")?.outcome,
    "by the user\\n",
  );
  assert.equal(listCommands(store.db, id, { limit: 100 }).find(({ id }) => id === "d"), undefined);
});

Deno.test("listCommands() pages, newest first", () => {
  using store = new TempStore();
  const { id } = addSession(store.db);
  for (const name of ["c", "a", "b"]) enqueueCommand(store.db, id, command(name));
  assert.deepEqual(ids(listCommands(store.db, id, { limit: 2 })), ["b", "a"]);
  assert.deepEqual(ids(listCommands(store.db, id, { limit: 2, before: "a" })), ["c"]);
  assert.throws(() => listCommands(store.db, id, { limit: 2, before: "unknown" }), isRefused("usage"));
});

Deno.test("enqueueCommand() refuses ids that are none, texts that are too long, sessions that are not there", () => {
  using store = new TempStore();
  const { id } = addSession(store.db);
  for (const bad of ["", "a b", "é", "\x1b", "x".repeat(65)]) {
    assert.throws(() => enqueueCommand(store.db, id, command(bad)), isRefused("usage"), bad);
  }
  const long = "x".repeat(SESSION_LIMITS.commandTextChars + 1);
  assert.throws(() => enqueueCommand(store.db, id, command("a", long)), isRefused("usage"));
  assert.equal(
    enqueueCommand(store.db, id, command("a", long.slice(1))).command.text.length,
    long.length - 1,
  );
  assert.throws(() => enqueueCommand(store.db, newId(), command("a")), isRefused("not_found"));
  assert.throws(() => updateCommand(store.db, id, "b", { state: "done" }), isRefused("not_found"));
});

Deno.test("enqueueCommand() bounds what waits, and what is remembered", () => {
  using store = new TempStore();
  const { id } = addSession(store.db);
  store.db.transaction(() => {
    for (let i = 0; i < SESSION_LIMITS.queuedCommands; i++) {
      store.db.run(
        "INSERT INTO session_commands (session, id, text, state, by, queued_us) VALUES (1, ?, '', 'queued', 'u', 0)",
        `q${i}`,
      );
    }
  });
  assert.throws(() => enqueueCommand(store.db, id, command("one more")), isRefused("usage"));
  store.db.exec("UPDATE session_commands SET state = 'done'");
  for (let i = 0; i <= SESSION_LIMITS.commands - SESSION_LIMITS.queuedCommands; i++) {
    enqueueCommand(store.db, id, command(`d${i}`));
    updateCommand(store.db, id, `d${i}`, { state: "done" });
  }
  const all = ids(listCommands(store.db, id, { limit: 10_000 }));
  assert.deepEqual([all.length, all.at(-1)], [SESSION_LIMITS.commands, "q1"]);
});

Deno.test("moveQueuedCommands() gives what waits to the session that goes on, in order, each id once", () => {
  using store = new TempStore();
  const [from, to] = [addSession(store.db), addSession(store.db)];
  for (const name of ["a", "b", "c", "d"]) enqueueCommand(store.db, from.id, command(name));
  updateCommand(store.db, from.id, "a", { state: "failed" });
  for (const name of ["x", "c"]) enqueueCommand(store.db, to.id, command(name));
  assert.equal(moveQueuedCommands(store.db, from.id, to.id), 2);
  assert.deepEqual(ids(queuedCommands(store.db, to.id)), ["x", "c", "b", "d"]);
  assert.deepEqual(ids(listCommands(store.db, from.id, { limit: 9 })), ["c", "a"]);
});

Deno.test("moveQueuedCommands() moves what waits a hundred times", () => {
  using store = new TempStore();
  let from = addSession(store.db);
  for (const name of ["a", "b"]) enqueueCommand(store.db, from.id, command(name));
  for (let move = 0; move < 100; move++) {
    const to = addSession(store.db);
    assert.equal(moveQueuedCommands(store.db, from.id, to.id), 2);
    from = to;
  }
  assert.deepEqual(ids(queuedCommands(store.db, from.id)), ["a", "b"]);
});
