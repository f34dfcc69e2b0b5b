import assert from "node:assert/strict";
import { asciicastLines } from "./asciicast.ts";
import { openDatabase } from "../store/database.ts";
import { readOutput } from "../store/session_output.ts";
import { ME, TestSessions, TestViewer } from "./testing_sessions.ts";

const worker = new URL("./testing_dying_worker.ts", import.meta.url);
const LOOK = { since: null, size: null };
const bytes = (text: string) => new TextEncoder().encode(text);

/** Says what it reads; draws when its size is another one than before, as programs do that draw their whole screen. */
const DRAWS = `
  let { rows } = Deno.consoleSize();
  Deno.addSignalListener("SIGWINCH", () => {
    const size = Deno.consoleSize();
    if (size.rows !== rows) console.log("drawn anew with " + size.rows);
    rows = size.rows;
  });
  console.log("ready");
  for await (const line of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) console.log("got " + line.trim());
`;

Deno.test("a sessions thread that dies ends no session: programs go on, terminals are drawn anew, viewers keep getting output", async () => {
  await using test = new TestSessions({ worker });
  const { id } = await test.run([Deno.execPath(), "eval", DRAWS]);
  const viewer = new TestViewer();
  const { attachment } = await test.sessions.attach(id, viewer, LOOK);
  await viewer.until(() => viewer.text.includes("ready"));
  attachment.input(bytes("before\r"));
  await viewer.until(() => viewer.text.includes("got before"));
  attachment.input(bytes("die now\r"));
  await viewer.until(() => viewer.text.includes("drawn anew with 24"));
  assert(test.logged.some((line) => line.includes("the sessions thread ended")), test.logged.join("\n"));
  attachment.input(bytes("after\r"));
  await viewer.until(() => viewer.text.includes("got after"));

  const second = new TestViewer();
  await test.sessions.attach(id, second, LOOK);
  await second.until(() => second.text.includes("got after"));
  assert.match(
    (await test.sessions.screen(id, "text") as string[]).join("\n"),
    /drawn anew with 24[^]*got after/,
  );
  await test.until(id, "running");
  await test.sessions.end(id, ME);
  assert.equal((await test.until(id, "exited")).state, "exited");
  const { seq } = await test.sessions.get(id);
  assert.equal(seq, viewer.seq);
});

Deno.test("a command that was sent before the thread died is typed in once", async () => {
  await using test = new TestSessions({ worker });
  const { id } = await test.run([
    "bash",
    "-c",
    "read x; echo die now; PS1='$ ' exec bash --norc --noprofile",
  ]);
  await test.sessions.send(id, { id: "one", text: "echo $((6 * 7))-typed" }, ME);
  const viewer = new TestViewer();
  const { attachment } = await test.sessions.attach(id, viewer, LOOK);
  attachment.input(bytes("\r"));
  await viewer.until(() => viewer.text.includes("42-typed"));
  await test.until(id, "idle");
  assert.equal(viewer.text.split("42-typed").length, 2);
});

Deno.test("a program that ends while the sessions thread is dead is exited, with its code, in memory and in the store", async () => {
  await using test = new TestSessions({ worker });
  const { id } = await test.run(["sh", "-c", "echo die now; exit 7"]);
  const ended = await test.until(id, "exited");
  assert.equal(ended.exitCode, 7);
  await test.sessions[Symbol.asyncDispose]();
  using db = openDatabase(`${test.folder}/km.db`, { mode: "read" });
  const rows = db.all<{ state: string; exit_code: number }>("SELECT state, exit_code FROM sessions");
  assert.deepEqual(rows.map(({ state, exit_code }) => [state, exit_code]), [["exited", 7]]);
});

Deno.test("a recording says what is missing of it because the sessions thread died", async () => {
  await using test = new TestSessions({ worker });
  const { id } = await test.run(["sh", "-c", "echo die now; sleep 1; echo later; exec cat"]);
  const viewer = new TestViewer();
  await test.sessions.attach(id, viewer, LOOK);
  await viewer.until(() => viewer.text.includes("later"));
  await test.sessions.end(id, ME);
  const session = await test.sessions.get(id);
  await test.sessions.record.record("stateHistory", id); // What waits is stored first.
  using db = openDatabase(`${test.folder}/km.db`, { mode: "read" });
  const lines = [...asciicastLines(session, readOutput(db, id))].join("");
  assert.match(lines, /bytes of output before this are not kept/);
  assert.match(lines, /later/);
});
