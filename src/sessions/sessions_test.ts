import { verifies } from "../../tests/verifies.ts";
import assert from "node:assert/strict";
import { KmError } from "../core/error.ts";
import { openDatabase } from "../store/database.ts";
import { readOutput } from "../store/session_output.ts";
import { findSession } from "../store/session_reader.ts";
import { loadProviders } from "./providers/providers.ts";
import { ME, TestSessions, TestViewer } from "./testing_sessions.ts";
import type { SessionEvent } from "./viewer.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const LOOK = { since: null, size: null };
const options = { sanitizeOps: true };

Deno.test("Sessions.start() runs a program, records it, and tells its end", options, async () => {
  await using test = new TestSessions();
  const { id, number, state } = await test.run(["sh", "-c", "echo hello; exit 3"]);
  assert.deepEqual([number, state], [1, "starting"]);
  const ended = await test.until(id, "exited");
  assert.deepEqual([ended.exitCode, ended.exitSignal, ended.pid], [3, null, null]);
  assert.deepEqual((await test.sessions.screen(id, "text") as string[])[0], "hello");
  const history = await test.sessions.record.record("stateHistory", id);
  assert.deepEqual(history.map(({ state, source }) => `${state} ${source}`), [
    "starting spawn",
    "exited exit",
  ]);
});

Deno.test("Sessions.start() refuses what cannot run, and leaves nothing behind", async (t) => {
  await using test = new TestSessions();
  const cases: [string, Parameters<typeof test.sessions.start>[0], string][] = [
    ["a program that is not there", { provider: "shell", command: ["no-such-program"] }, "command_not_found"],
    ["a provider that is not there", { provider: "clod" }, "not_found"],
    ["a folder that is not there", { provider: "shell", cwd: "/no/such/folder" }, "not_found"],
    ["a relative folder", { provider: "shell", cwd: "here" }, "usage"],
    ["a terminal without columns", { provider: "shell", size: { cols: 0, rows: 24 } }, "usage"],
    ["a terminal that is too large", { provider: "shell", size: { cols: 80, rows: 5000 } }, "usage"],
    ["a name that is a number", { provider: "shell", name: "7" }, "usage"],
    ["a command for a provider that has one", { provider: "codex", command: ["sh"] }, "usage"],
  ];
  for (const [name, start, code] of cases) {
    await t.step(name, async () => {
      await assert.rejects(
        test.sessions.start(start, ME),
        (error) => error instanceof KmError && error.code === code,
      );
    });
  }
  assert.deepEqual(await test.sessions.list({ limit: 10 }), []);
});

Deno.test("a viewer gets a snapshot, then every byte in order, and types", async () => {
  await using test = new TestSessions();
  const { id } = await test.run(["sh", "-c", "echo first; read line; echo got $line; read again"]);
  const viewer = new TestViewer();
  const { attachment } = await test.sessions.attach(id, viewer, LOOK);
  await viewer.until(() => viewer.text.includes("first"));
  attachment.input(bytes("words\r"));
  await viewer.until(() => viewer.text.includes("got words"));
  attachment.detach();
});

Deno.test("a viewer that comes back with its place gets what it missed, and nothing twice", async () => {
  verifies("session-reconnect-exact");
  await using test = new TestSessions();
  const { id } = await test.run(["sh"]);
  const first = new TestViewer();
  const { attachment } = await test.sessions.attach(id, first, LOOK);
  attachment.input(bytes("echo one$((40+2))\r"));
  await first.until(() => first.text.includes("one42"));
  attachment.detach();
  const { seq } = first;
  await test.sessions.input(id, bytes("echo two$((40+2))\r"));
  const again = new TestViewer();
  again.seq = seq;
  await test.sessions.attach(id, again, { since: seq, size: null });
  await again.until(() => again.text.includes("two42"));
  assert.deepEqual([again.snapshots.length, again.text.includes("one42")], [0, false]);
});

Deno.test("a viewer that lags gets one snapshot, and slows no other", async () => {
  verifies("session-backpressure");
  await using test = new TestSessions();
  const { id } = await test.run(["sh"]);
  const [slow, fast] = [new TestViewer({ name: "slow" }), new TestViewer({ name: "fast" })];
  const { attachment } = await test.sessions.attach(id, slow, LOOK);
  await test.sessions.attach(id, fast, LOOK);
  await fast.until(() => fast.snapshots.length === 1 && slow.snapshots.length === 1);
  slow.isFull = true;
  await test.sessions.input(id, bytes("seq 1 20000; echo the-end$((40+2))\r"));
  await fast.until(() => fast.text.includes("the-end42"));
  assert.equal(slow.text.includes("the-end42"), false);
  slow.isFull = false;
  attachment.drained();
  await slow.until(() => slow.snapshots.length === 2 && slow.seq >= fast.seq);
  assert.match(slow.text, /19999\r\n20000\r\nthe-end42/);
});

Deno.test("the program is held while all who look lag, and goes on when one has read", async () => {
  await using test = new TestSessions();
  const { id } = await test.run(["sh"]);
  const viewer = new TestViewer();
  const { attachment } = await test.sessions.attach(id, viewer, LOOK);
  await viewer.until(() => viewer.snapshots.length === 1);
  viewer.isFull = true;
  const { seq } = viewer;
  await test.sessions.input(id, bytes("seq 1 200000; echo the-end$((40+2))\r"));
  await viewer.until(() => viewer.seq > seq);
  // What the kernel and one turn of reading hold, and no more.
  assert.ok((await test.sessions.get(id)).seq < 500_000);
  viewer.isFull = false;
  attachment.drained();
  await viewer.until(() => viewer.text.includes("the-end42"));
});

Deno.test("who only reads cannot type, and is told", async () => {
  verifies("session-read-only");
  await using test = new TestSessions();
  const { id } = await test.run(["cat"]);
  const { attachment } = await test.sessions.attach(id, new TestViewer({ mayWrite: false }), LOOK);
  assert.throws(() => attachment.input(bytes("x")), { code: "not_granted" });
  assert.equal(attachment.resize({ cols: 20, rows: 5 }), false);
});

Deno.test("one viewer owns the size; it passes on when that one leaves, and can be taken", async () => {
  verifies("session-size-owner");
  await using test = new TestSessions();
  const { id } = await test.run(["cat"]);
  const sizeNow = async () => {
    const { size, sizeOwner } = await test.sessions.get(id);
    return `${size.cols}x${size.rows} ${sizeOwner}`;
  };
  const desktop = new TestViewer({ name: "desktop" });
  const phone = new TestViewer({ name: "phone" });
  const first = await test.sessions.attach(id, desktop, { since: null, size: { cols: 120, rows: 40 } });
  const second = await test.sessions.attach(id, phone, { since: null, size: { cols: 40, rows: 20 } });
  assert.equal(await sizeNow(), "120x40 desktop");
  assert.equal(second.attachment.resize({ cols: 41, rows: 21 }), false);
  assert.equal(await sizeNow(), "120x40 desktop");
  assert.equal(second.attachment.resize({ cols: 41, rows: 21 }, { takes: true }), true);
  assert.equal(await sizeNow(), "41x21 phone");
  second.attachment.detach();
  assert.equal(await sizeNow(), "120x40 desktop");
  first.attachment.detach();
  assert.equal(await sizeNow(), "120x40 null");
});

Deno.test("commands wait until the program is idle, go in one at a time, and are done when it is idle again", async () => {
  await using test = new TestSessions();
  const { id } = await test.sessions.start({ provider: "quiet", cwd: test.folder }, ME);
  await test.until(id, "idle");
  const viewer = new TestViewer();
  await test.sessions.attach(id, viewer, LOOK);
  await test.sessions.send(id, { id: "a", text: "echo first $((40+2))" }, ME);
  await test.sessions.send(id, { id: "b", text: "echo second $((40+3))" }, ME);
  await test.until(id, "idle");
  assert.ok(viewer.text.indexOf("first 42") < viewer.text.indexOf("second 43"), viewer.text);
  const commands = await test.sessions.record.record("listCommands", id, { limit: 10 });
  assert.deepEqual(commands.map(({ id, state }) => `${id} ${state}`).sort(), ["a done", "b done"]);
});

Deno.test("a command that is sent twice with one id runs once", async () => {
  await using test = new TestSessions();
  const { id } = await test.sessions.start({ provider: "quiet", cwd: test.folder }, ME);
  for (let i = 0; i < 2; i++) await test.sessions.send(id, { id: "same", text: "echo x >> ran" }, ME);
  await test.until(id, "idle");
  assert.equal(await Deno.readTextFile(`${test.folder}/ran`), "x\n");
});

Deno.test("more commands than may wait are refused, and a waiting one can be taken back", async () => {
  await using test = new TestSessions();
  const { id } = await test.run(["cat"]);
  for (let i = 0; i < 5; i++) await test.sessions.send(id, { id: `c${i}`, text: "x" }, ME);
  await assert.rejects(test.sessions.send(id, { id: "c5", text: "x" }, ME), { code: "busy" });
  assert.equal(await test.sessions.cancelCommand(id, "c3", ME), true);
  assert.equal(await test.sessions.cancelCommand(id, "c3", ME), false);
  assert.equal((await test.sessions.get(id)).queuedCommands, 4);
});

Deno.test("sessions of one caller, and of all, are bounded", async () => {
  await using test = new TestSessions({ limits: () => ({ max: 3, maxPerUser: 2, maxQueue: 5 }) });
  const start = (name: string) =>
    test.sessions.start({ provider: "shell", command: ["cat"], cwd: test.folder }, { name, via: "key" });
  // At once: what is about to start counts, too.
  const results = await Promise.allSettled([start("a"), start("a"), start("a"), start("b"), start("b")]);
  assert.deepEqual(results.map(({ status }) => status === "fulfilled"), [true, true, false, true, false]);
});

Deno.test("Sessions.end() ends a program that ignores SIGHUP", async () => {
  await using test = new TestSessions();
  const { id } = await test.run(["sh", "-c", "trap '' HUP TERM; echo deaf; while :; do read x; done"]);
  const viewer = new TestViewer();
  await test.sessions.attach(id, viewer, LOOK);
  await viewer.until(() => viewer.text.includes("deaf"));
  const { state, exitSignal } = await test.sessions.end(id, ME);
  assert.deepEqual([state, exitSignal], ["exited", "SIGKILL"]);
});

Deno.test("after a stop sessions are lost, their output is there, and commands still wait until they are taken back", async () => {
  await using first = new TestSessions();
  const { id } = await first.run(["sh", "-c", "echo before the end; exec cat"], "work");
  await first.sessions.send(id, { id: "later", text: "x" }, ME);
  const viewer = new TestViewer();
  await first.sessions.attach(id, viewer, LOOK);
  await viewer.until(() => viewer.text.includes("before"));
  await first.sessions[Symbol.asyncDispose]();

  await using second = new TestSessions({ folder: first.folder });
  const report = await second.sessions.recovered;
  assert.deepEqual([report.repairs, report.queuedCommands], [[], 1]);
  const { state, stateReason } = await second.sessions.get("work");
  assert.deepEqual([state, stateReason], ["lost", "km serve was stopped"]);
  assert.equal(await second.sessions.cancelCommand("work", "later", ME), true);
  assert.equal((await second.sessions.get("work")).queuedCommands, 0);
  assert.match((await second.sessions.screen(id, "text") as string[])[0] ?? "", /before the end/);
  const late = new TestViewer();
  await second.sessions.attach(id, late, LOOK);
  assert.match(late.text, /before the end/);
});

Deno.test("an ended session is shown by what was stored of it, also when most of that is gone", async () => {
  await using test = new TestSessions();
  const { id, number } = await test.run(["sh", "-c", "seq 1 400000; echo the-end"]);
  await test.until(id, "exited");
  const { seq } = await test.sessions.get(id);
  // Nine others end after it: its terminal goes.
  for (let i = 0; i < 9; i++) await test.until((await test.run(["true"])).id, "exited");
  const viewer = new TestViewer();
  await test.sessions.attach(String(number), viewer, LOOK);
  assert.match(viewer.text, /399999\r\n400000\r\nthe-end/);
  assert.deepEqual(viewer.snapshots.map((snapshot) => snapshot.seq), [seq]);
});

Deno.test("what a store refused at the end of a session is stored when it takes it again", async () => {
  await using test = new TestSessions();
  const { id } = await test.run(["sh", "-c", "read x; echo last words; exit 7"]);
  using holder = openDatabase(`${test.folder}/km.db`, { mode: "write" });
  holder.exec("BEGIN IMMEDIATE");
  await test.sessions.input(id, bytes("\r"));
  await test.until(id, "exited");
  test.sessions.record.forget(1);
  holder.exec("ROLLBACK");
  await test.sessions[Symbol.asyncDispose]();
  const { state, exitCode } = findSession(holder, id);
  assert.deepEqual([state, exitCode], ["exited", 7]);
  const stored = [...readOutput(holder, id)].flatMap(({ frames }) => frames);
  const text = stored.map((frame) => frame.kind === "output" ? new TextDecoder().decode(frame.bytes) : "")
    .join("");
  assert.match(text, /last words/);
});

Deno.test("Sessions.wait() does not take the prompt of before for the answer to what was just typed", async () => {
  await using test = new TestSessions();
  const { id } = await test.sessions.start({ provider: "quiet", cwd: test.folder }, ME);
  await test.until(id, "idle");
  await test.sessions.input(id, bytes("read x < /dev/tty\r"));
  const view = await test.sessions.wait(id, { states: ["running", "idle"], timeoutMs: 5000 });
  assert.equal(view?.state, "running");
});

Deno.test("a viewer that comes while the program ends sees all of it", async () => {
  await using test = new TestSessions();
  for (let i = 0; i < 10; i++) {
    const { id } = await test.run(["sh", "-c", "read x; echo last words"]);
    const viewer = new TestViewer();
    await test.sessions.attach(id, viewer, LOOK);
    await test.sessions.input(id, bytes("\r"));
    await viewer.until(() => viewer.text.includes("last words"));
  }
});

Deno.test("a session whose record was lost goes on, and keeps no other from being recorded", async () => {
  await using test = new TestSessions();
  const { id } = await test.run(["sh", "-c", "read x; echo of the first; read x"]);
  const other = await test.run(["sh", "-c", "read x; echo of the other"]);
  await test.sessions.record.record("deleteSession", id);
  const viewer = new TestViewer();
  await test.sessions.attach(id, viewer, LOOK);
  await test.sessions.input(id, bytes("\r"));
  await viewer.until(() => viewer.text.includes("of the first"));
  await test.sessions.input(other.id, bytes("\r"));
  await test.until(other.id, "exited");
  const history = await test.sessions.record.record("stateHistory", other.id);
  assert.equal(history.at(-1)?.state, "exited");
  assert.ok(
    test.logged.some((line) => line.includes(`session 1 is not recorded any further`)),
    test.logged.join(),
  );
});

Deno.test("a child sees the variables it is allowed, and none of km's", async () => {
  verifies("session-environment");
  const env = {
    PATH: "/usr/bin:/bin",
    HOME: "/",
    KM_HOME: "/x",
    KM_TOKEN: "t",
    AWS_SECRET_ACCESS_KEY: "s",
    LANG: "C",
  };
  await using test = new TestSessions({ environment: () => env });
  const { id } = await test.run(["sh", "-c", "env; echo done; read x"]);
  const viewer = new TestViewer();
  await test.sessions.attach(id, viewer, LOOK);
  await viewer.until(() => viewer.text.includes("done"));
  assert.match(viewer.text, /LANG=C/);
  assert.doesNotMatch(viewer.text, /KM_(?!HOME=\/x)|AWS_|SECRET/);
  assert.match(viewer.text, /KM_HOME=\/x/);
});

/** Providers with one that never is idle, and can be resumed. */
const RESUMABLE = () =>
  loadProviders({
    agent: {
      extends: "shell",
      command: ["/bin/sh", "-c", "exec cat"],
      quiet: "busy",
      resume: { args: ["{id}"], chooseId: ["{id}"] },
    },
  }).providers;

async function fates(test: TestSessions, id: string): Promise<string[]> {
  const commands = await test.sessions.record.record("listCommands", id, { limit: 9 });
  return commands.map(({ id, state }) => `${id} ${state}`).sort();
}

Deno.test("commands that wait for a program that ends fail with it, where nothing can go on with it", async () => {
  await using test = new TestSessions();
  const { id } = await test.run(["cat"]);
  await test.sessions.send(id, { id: "w", text: "x" }, ME);
  assert.equal((await test.sessions.end(id, ME)).queuedCommands, 0);
  const [command] = await test.sessions.record.record("listCommands", id, { limit: 9 });
  assert.equal(command?.state, "failed");
  assert.match(command?.outcome ?? "", /^the session ended before it was typed in: ended by SIG/);
});

Deno.test("commands of an ended session can be cancelled, and count where they moved to alone", async () => {
  await using test = new TestSessions({ providers: RESUMABLE as never });
  const { id: first } = await test.sessions.start({ provider: "agent", cwd: test.folder }, ME);
  for (const name of ["v", "w"]) await test.sessions.send(first, { id: name, text: "x" }, ME);
  assert.equal((await test.sessions.end(first, ME)).queuedCommands, 2);
  assert.equal(await test.sessions.cancelCommand(first, "v", ME), true);
  assert.equal(await test.sessions.cancelCommand(first, "v", ME), false);
  const told: number[] = [];
  test.sessions.onEvent((id, event) => {
    if (id === first && event.event === "session") told.push(event.session.queuedCommands);
  });
  const { id: second } = await test.sessions.resume(first, {}, ME);
  assert.deepEqual(told, [0]);
  await test.sessions.end(second, ME);
  const counts = (await test.sessions.list({ limit: 9 })).map(({ queuedCommands }) => queuedCommands);
  assert.deepEqual(counts, [1, 0]);
  assert.deepEqual([await fates(test, first), await fates(test, second)], [["v cancelled"], ["w queued"]]);
});

Deno.test("commands of a session of another day can be cancelled", async () => {
  await using first = new TestSessions({ providers: RESUMABLE as never });
  const { id } = await first.sessions.start({ provider: "agent", cwd: first.folder }, ME);
  await first.sessions.send(id, { id: "w", text: "x" }, ME);
  await first.sessions[Symbol.asyncDispose]();
  await using second = new TestSessions({ folder: first.folder, providers: RESUMABLE as never });
  assert.equal((await second.sessions.recovered).queuedCommands, 1);
  const told: SessionEvent[] = [];
  second.sessions.onEvent((_, event) => told.push(event));
  assert.equal(await second.sessions.cancelCommand(id, "w", ME), true);
  assert.deepEqual(told.map((event) => event.event === "command" && event.command.outcome), [
    "cancelled by me",
  ]);
  assert.equal(await second.sessions.cancelCommand(id, "w", ME), false);
  assert.deepEqual(await fates(second, id), ["w cancelled"]);
  assert.equal((await second.sessions.get(id)).queuedCommands, 0);
});

Deno.test("another session can be resumed with a provider that can, and takes along what waits", async () => {
  verifies("session-lost-resume");
  const folder = Deno.makeTempDirSync({ prefix: "km-sessions-" });
  const script = `${folder}/agent`;
  await Deno.writeTextFile(script, `#!/bin/sh\necho "args: $*"\nexec cat\n`);
  await Deno.chmod(script, 0o755);
  const providers = () =>
    loadProviders({
      agent: {
        extends: "shell",
        command: ["/bin/sh", script],
        resume: { args: ["--resume", "{id}"], chooseId: ["--session-id", "{id}"] },
      },
    }).providers;
  {
    await using test = new TestSessions({ folder, providers: providers as never });
    const started = await test.sessions.start({ provider: "agent", cwd: folder }, ME);
    assert.notEqual(started.resumeId, null);
    await test.sessions.send(started.id, { id: "w", text: "x" }, ME);
  }
  {
    await using test = new TestSessions({ folder, providers: providers as never });
    await test.sessions.recovered;
    const old = await test.sessions.get("1");
    assert.deepEqual([old.state, old.isResumable], ["lost", true]);
    const both = await Promise.allSettled([
      test.sessions.resume("1", {}, ME),
      test.sessions.resume("1", {}, ME),
    ]);
    assert.deepEqual(both.map(({ status }) => status), ["fulfilled", "rejected"]);
    await assert.rejects(test.sessions.resume("1", {}, ME), { code: "usage" });
    const resumed = await test.sessions.get("2");
    assert.deepEqual([resumed.resumedFrom, resumed.resumeId], [old.id, old.resumeId]);
    assert.equal((await test.sessions.get("1")).seen, true, "whoever goes on with it has seen its end");
    const viewer = new TestViewer();
    await test.sessions.attach(resumed.id, viewer, LOOK);
    await viewer.until(() => viewer.text.includes(`args: --resume ${old.resumeId}`));
    assert.equal((await test.sessions.get(resumed.id)).queuedCommands, 1);
  }
  Deno.removeSync(folder, { recursive: true });
});

Deno.test("a session that is idle says what holds its commands: text that somebody began to type", async () => {
  await using test = new TestSessions();
  const { id } = await test.run(["sh", "-c", "PS1='$ ' exec sh"]);
  await test.until(id, "idle");
  const type = (keys: string) => test.sessions.input(id, new TextEncoder().encode(keys));
  const reason = async () => (await test.sessions.get(id)).stateReason;
  const before = await reason();
  await type("\x0c\x1b[C");
  assert.equal(await reason(), before);
  await type("echo");
  assert.equal(await reason(), "somebody has begun to type");
  await test.sessions.send(id, { id: "one", text: "echo o''ne" }, ME);
  const [listed] = await test.sessions.list({ limit: 1 });
  assert.deepEqual([listed?.stateReason, listed?.queuedCommands], ["somebody has begun to type", 1]);
  await type("\x15");
  assert.equal(await reason(), before);
  await test.until(id, "idle");
  assert.match((await test.sessions.screen(id, "text") as string[]).join("\n"), /^one$/m);
  const history = await test.sessions.record.record("stateHistory", id);
  assert.ok(history.some((change) => change.reason === "km typed a command"), JSON.stringify(history));
});
