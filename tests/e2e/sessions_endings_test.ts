import assert from "node:assert/strict";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { findProcesses, isAlive, TempFolder, until } from "./harness.ts";
import { SeenText, SessionCalls } from "./session_calls.ts";

const onLinux = unlessOs("linux");
/** Takes no notice of SIGHUP and SIGTERM, nor do its child and its background job. */
const STUBBORN = "trap '' HUP TERM; sleep 1000 & echo stubborn; while :; do sleep 1; done";

/** How many processes have `mark` in their environment. */
function marked(mark: string): number {
  return findProcesses(`FAULT_MARK=${mark}`).length;
}

testUnless(
  onLinux,
  "a program that ignores SIGHUP and SIGTERM is ended by DELETE, with its background job",
  async () => {
    verifies("session-fault-sighup");
    await using daemon = await RunningDaemon.start();
    const calls = new SessionCalls(daemon);
    const mark = crypto.randomUUID();
    const { id } = await calls.run(["sh", "-c", STUBBORN], { env: { FAULT_MARK: mark } });
    await until(() => marked(mark) >= 3, "the program to run");
    const ended = await calls.end(id);
    assert.deepEqual([ended.state, ended.exitSignal, marked(mark)], ["exited", "SIGKILL", 0]);
  },
);

testUnless(
  onLinux,
  "km serve that is stopped ends 20 sessions by itself, whatever they ignore; what waits goes on waiting",
  async () => {
    verifies("session-fault-sighup", "session-lost-resume");
    await using daemon = await RunningDaemon.start();
    const calls = new SessionCalls(daemon);
    const mark = crypto.randomUUID();
    const env = { FAULT_MARK: mark };
    const sessions = await Promise.all(
      Array.from(
        { length: 20 },
        (_, at) => calls.run(["sh", "-c", at % 4 === 0 ? STUBBORN : "sleep 1000; :"], { env }),
      ),
    );
    await until(() => marked(mark) >= 40, "all programs to run");
    const sent = await calls.send(sessions[1]?.id ?? "", "for later", "later-1");
    assert.equal(sent.status, 202, JSON.stringify(sent.body));
    daemon.process.kill("SIGTERM");
    // After 5 s it would have given up, with another code.
    const { code } = await daemon.process.exit();
    assert.deepEqual([code, marked(mark)], [0, 0]);

    await using again = await RunningDaemon.start([], { home: daemon.home });
    const callsAgain = new SessionCalls(again);
    const states = (await callsAgain.list()).map(({ state, endedAt, pid }) => [state, endedAt !== null, pid]);
    assert.deepEqual(states, Array(20).fill(["lost", true, null]));
    assert.equal((await callsAgain.get(sessions[1]?.id ?? "")).queuedCommands, 1);
    const [command] = await callsAgain.commands(sessions[1]?.id ?? "");
    assert.deepEqual([command?.id, command?.state], ["later-1", "queued"]);
  },
);

testUnless(onLinux, "a second signal ends km serve at once; its watcher ends what is left", async () => {
  verifies("session-fault-sighup");
  await using daemon = await RunningDaemon.start();
  const mark = crypto.randomUUID();
  await new SessionCalls(daemon).run(["sh", "-c", STUBBORN], { env: { FAULT_MARK: mark } });
  await until(() => marked(mark) >= 3, "the program to run");
  // One that comes close behind the first is taken for the same.
  await until(() => {
    if (!isAlive(daemon.process.pid)) return true;
    daemon.process.kill("SIGTERM");
    return false;
  }, "its end");
  assert(marked(mark) > 0, "it waited for the program");
  await until(() => marked(mark) === 0, "nothing to be left");
});

testUnless(
  onLinux,
  "a paste into a program that does not read delays no other session, is bounded, and comes whole",
  async () => {
    verifies("session-fault-unread-paste");
    await using daemon = await RunningDaemon.start();
    const calls = new SessionCalls(daemon);
    using folder = new TempFolder();
    const file = `${folder.path}/taken`;
    // Reads as soon as there is a file `go`.
    const deaf = await calls.run([
      "sh",
      "-c",
      `stty raw -echo; echo deaf; until [ -e ${folder.path}/go ]; do sleep 0.05; done; exec cat >${file}`,
    ]);
    const other = await calls.run(["cat"]);
    using link = calls.connect();
    const [deafSeen, otherSeen] = [new SeenText(), new SeenText()];
    const attached = await link.attach(deaf.id, deafSeen.view(true));
    const echo = await link.attach(other.id, otherSeen.view(true));
    await deafSeen.shows("deaf");

    const paste = "0123456789abcdef".repeat(4096); // 64 KiB
    assert.equal((await calls.keys(deaf.id, paste)).status, 202);
    let typed = paste;
    const large = "x".repeat(1024 * 1024);
    attached.input(encode(large));
    for (let n = 0; n < 20; n++) {
      echo.input(encode(`echo-${n};`));
      await otherSeen.shows(`echo-${n};`);
    }
    const piece = "y".repeat(256 * 1024);
    let refusal: string | undefined;
    for (let n = 0; n < 64 && refusal === undefined; n++) {
      const { status, body } = await calls.keys(deaf.id, piece);
      if (status === 202) typed += piece;
      else refusal = `${status} ${body.error?.code}`;
    }
    assert.equal(refusal, "429 busy");
    echo.input(encode("still;"));
    await otherSeen.shows("still;");

    Deno.writeTextFileSync(`${folder.path}/go`, "");
    const all = typed.length + large.length;
    await until(() => sizeOf(file) >= all, () => `${all} bytes to arrive, not ${sizeOf(file)}`);
    const text = Deno.readTextFileSync(file);
    assert.equal(text.length, all);
    assert(text.replaceAll("x", "") === typed, "some of it is lost, or not in order");
  },
);

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
