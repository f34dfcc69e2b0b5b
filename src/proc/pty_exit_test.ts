import { verifies } from "../../tests/verifies.ts";
import assert from "node:assert/strict";
import { missingProgram, testUnless, unlessOs } from "../../tests/skip.ts";
import { startTerminal } from "../../tests/terminal.ts";
import { Ptys } from "./pty.ts";
import { sessionMembers } from "./session_members.ts";

const unlessUnix = unlessOs("linux", "darwin");
const unlessLinux = unlessOs("linux");
const unlessSetsid = unlessLinux ?? missingProgram("setsid");

testUnless(unlessUnix, "a program's last bytes arrive before its exit, in 100 runs", async () => {
  verifies("pty-no-tail-lost");
  await using ptys = new Ptys();
  for (let run = 0; run < 20; run++) {
    const terminals = Array.from(
      { length: 5 },
      () => startTerminal(ptys, ["sh", "-c", "head -c 30000 /dev/zero | tr '\\0' x; printf '<the end>'"]),
    );
    for (const { exit, text } of terminals) {
      assert.deepEqual(await exit, { code: 0, signal: null });
      assert.equal(text().length, 30_009);
      assert.ok(text().endsWith("<the end>"));
    }
  }
});

testUnless(unlessUnix, "a grandchild that holds the terminal open does not hold up the exit", async () => {
  verifies("pty-grandchild-holds");
  await using ptys = new Ptys();
  const { exit, text, pty } = startTerminal(ptys, [
    "sh",
    "-c",
    "trap '' HUP; sleep 1000 & printf bye; exit 3",
  ]);
  assert.deepEqual(await exit, { code: 3, signal: null });
  assert.equal(text(), "bye");
  await ptys.end(pty, { graceMs: 50 });
  assert.deepEqual(await sessionMembers(pty.pid), []);
});

testUnless(unlessSetsid, "a grandchild in a session of its own does not, either", async () => {
  await using ptys = new Ptys();
  const { exit, text } = startTerminal(ptys, [
    "sh",
    "-c",
    "setsid sh -c 'echo $$; exec sleep 1000' & sleep 0.1; exit 4",
  ]);
  assert.deepEqual(await exit, { code: 4, signal: null });
  Deno.kill(Number.parseInt(text()), "SIGKILL");
});

testUnless(unlessUnix, "a program that closes its terminal and opens it again is heard again", async () => {
  await using ptys = new Ptys();
  const script = "echo before; exec <&- >&- 2>&-; sleep 0.05; echo after > /dev/tty; exit 5";
  const { exit, text } = startTerminal(ptys, ["sh", "-c", script]);
  assert.equal((await exit).code, 5);
  assert.equal(text(), "before\r\nafter\r\n");
});

testUnless(
  unlessLinux,
  "Pty.pause() stops reading, and a hung-up paused terminal does not spin",
  async () => {
    verifies("pty-paused-no-spin");
    await using ptys = new Ptys();
    const terminal = startTerminal(ptys, ["sh", "-c", "read -r line; printf tail; exit 6"]);
    terminal.pty.pause();
    assert.equal(terminal.pty.isPaused, true);
    terminal.write("go\n");
    while ((await sessionMembers(terminal.pty.pid)).length > 0);
    const before = Deno.build.os === "linux" ? cpuTicks() : 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 200); // What spins needs time to be seen.
    await promise;
    assert.equal(terminal.text(), "");
    // 100 ticks a second; one terminal that spins would take 20 of one thread, here and in the thread of the wait.
    assert.ok(cpuTicks() - before < 10, `${cpuTicks() - before} ticks`);
    terminal.pty.resume();
    assert.equal((await terminal.exit).code, 6);
    assert.equal(terminal.text(), "go\r\ntail");
  },
);

/** Processor time of the calling thread: tests run beside each other in one process. */
function cpuTicks(): number {
  const stat = Deno.readTextFileSync("/proc/thread-self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

testUnless(
  unlessUnix,
  "Ptys.end() ends a program that ignores SIGHUP and SIGTERM, and its background jobs",
  async () => {
    verifies("session-fault-sighup");
    await using ptys = new Ptys();
    const script =
      "trap '' HUP TERM; set -m; sleep 1000 & sleep 1001 & printf ready; while :; do sleep 1; done";
    const terminal = startTerminal(ptys, ["sh", "-c", script]);
    await terminal.until(/ready/);
    assert.ok((await sessionMembers(terminal.pty.pid)).length >= 3);
    assert.deepEqual(await ptys.end(terminal.pty, { graceMs: 50 }), { code: null, signal: "SIGKILL" });
    assert.deepEqual(await sessionMembers(terminal.pty.pid), []);
  },
);

testUnless(
  unlessUnix,
  "Ptys.end() lets a program end by itself at SIGHUP, also one that is stopped or paused",
  async () => {
    await using ptys = new Ptys();
    const script = "trap 'echo ends; exit 8' HUP; printf ready; kill -STOP $$; while :; do sleep 0.01; done";
    const terminal = startTerminal(ptys, ["sh", "-c", script]);
    await terminal.until(/ready/);
    terminal.pty.pause();
    assert.deepEqual(await ptys.end(terminal.pty), { code: 8, signal: null });
    assert.match(terminal.text(), /ends/);
  },
);

testUnless(unlessUnix, "disposing of Ptys ends all that live", async () => {
  const ptys = new Ptys();
  const terminals = [0, 1, 2].map(() => startTerminal(ptys, ["sleep", "1000"]));
  await ptys[Symbol.asyncDispose]();
  for (const { exit } of terminals) assert.deepEqual(await exit, { code: null, signal: "SIGHUP" });
});
