/** How a run ends: by the client, by the server, by a signal, by force. Nothing outlives it. @module */
import assert from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { isAlive, until } from "./harness.ts";
import { FakeClient } from "../fakes/fake_client.ts";
import { fakeServer, npxChain, testEachRelay, testEveryWay } from "../fakes/ways.ts";

/** Short waits, so that an escalation is seen in less than a second. */
const QUICK = ["--grace", "300ms", "--kill-after", "300ms"];
/** Far below the default waits of 2 s and 3 s, far above what an exit takes on a busy machine. */
const AT_ONCE_MS = 1500;

testEveryWay("ends with the server when the client closes stdin", async (way) => {
  verifies("fm-06-exit-code-kept");
  await using client = new FakeClient(way, fakeServer("close-stdout", 9));
  await client.witness.until("closed");
  assert.deepEqual(await client.finish(), { code: 9, signal: null });
});

testEveryWay("delivers answers that come after the client closed stdin", async (way) => {
  verifies("lifecycle-in-flight-delivered", "fm-08-in-flight-at-eof");
  await using client = new FakeClient(way, fakeServer("slow-after-eof", 400));
  await client.send("one\ntwo\n");
  await client.closeStdin();
  assert.equal(new TextDecoder().decode(await client.readAll()), "one\ntwo\n");
  assert.deepEqual(await client.finish(), { code: 0, signal: null });
});

testEveryWay("delivers what the server wrote last, even to a client that reads late", async (way) => {
  verifies("fm-09-stdout-tail-at-exit");
  const bytes = 60_000;
  await using client = new FakeClient(way, fakeServer("exit-with-tail", 3, bytes));
  await client.readLine();
  await client.tell();
  const serverPid = await client.serverPid();
  if (way.name !== "direct") await until(() => !isAlive(serverPid), "the server to exit");
  assert.equal((await client.readAll()).length, bytes);
  assert.deepEqual(await client.finish(), { code: 3, signal: null });
});

testEveryWay("exits at once, with the server's code, while the client is idle", async (way) => {
  verifies("lifecycle-idle-exit", "fm-06-exit-code-kept", "fm-07-exit-while-client-idle");
  await using client = new FakeClient(way, fakeServer("exit", 7));
  await client.readLine();
  await client.tell();
  const { timeMs } = await client.witness.until("exiting");
  assert.deepEqual(await client.exit(), { code: 7, signal: null });
  assert.ok(Date.now() - timeMs < AT_ONCE_MS, `took ${Date.now() - timeMs} ms`);
  await client.noneLeft();
});

for (
  const [signal, code] of [["SIGSEGV", 139], ["SIGABRT", 134], ["SIGKILL", 137], ["SIGTERM", 143]] as const
) {
  testEveryWay(`dies as the server dies: ${signal}`, async (way) => {
    verifies("lifecycle-signal-status", "fm-06-exit-code-kept");
    await using client = new FakeClient(way, fakeServer("die", signal), { shell: 'ulimit -c 0; exec "$@"' });
    await client.readLine();
    await client.tell();
    assert.equal((await client.exit()).code, code);
    await client.noneLeft();
  });
}

testEachRelay("ends a server that ignores EOF: SIGTERM after the grace time", async (way) => {
  verifies("lifecycle-eof-escalation", "fm-01-stdin-eof-ignored");
  await using client = new FakeClient(way, fakeServer("ignore-eof"), { flags: QUICK });
  await client.readLine();
  await client.closeStdin();
  const eof = await client.witness.until("eof");
  assert.equal((await client.exit()).code, 143);
  const tookMs = Date.now() - eof.timeMs;
  assert.ok(tookMs > 250, `only ${tookMs} ms of grace`);
  await client.noneLeft();
});

testEachRelay("ends a server that ignores EOF and SIGTERM: SIGKILL after both waits", async (way) => {
  verifies("lifecycle-eof-escalation", "fm-01-stdin-eof-ignored");
  await using client = new FakeClient(way, fakeServer("ignore-eof", "SIGTERM"), { flags: QUICK });
  await client.readLine();
  await client.closeStdin();
  const eof = await client.witness.until("eof");
  const term = await client.witness.until("signal");
  assert.equal((await client.exit()).code, 137);
  assert.ok(term.timeMs - eof.timeMs > 250, "SIGTERM before the grace time was over");
  assert.ok(Date.now() - term.timeMs > 250, "SIGKILL before the wait was over");
  await client.noneLeft();
});

testEachRelay("waits 2 s and 3 s unless it is told otherwise", async (way) => {
  verifies("lifecycle-eof-escalation");
  await using client = new FakeClient(way, fakeServer("ignore-eof", "SIGTERM"));
  await client.readLine();
  await client.closeStdin();
  const eof = await client.witness.until("eof");
  const term = await client.witness.until("signal");
  assert.equal((await client.exit()).code, 137);
  const waited = [term.timeMs - eof.timeMs, Date.now() - term.timeMs];
  assert.ok(near(waited[0], 2000) && near(waited[1], 3000), `waited ${waited} ms`);
});

testEachRelay("ends every process of an npx chain", async (way) => {
  verifies("lifecycle-no-orphan", "fm-02-npx-chain-term");
  const server = npxChain(fakeServer("ignore-eof", "SIGTERM"));
  await using client = new FakeClient(way, server, { flags: QUICK });
  await client.readLine();
  await client.closeStdin();
  await client.exit();
  await client.noneLeft();
});

testEachRelay("ends what a server left behind in its group", async (way) => {
  verifies("lifecycle-no-orphan", "fm-02-npx-chain-term");
  await using client = new FakeClient(way, fakeServer("leave-behind", "group", 5), { flags: QUICK });
  await client.readLine();
  assert.deepEqual(await client.finish(), { code: 5, signal: null });
});

testEachRelay("does not wait for a child in a session of its own that holds the streams", async (way) => {
  verifies("lifecycle-idle-exit", "fm-07-exit-while-client-idle");
  await using client = new FakeClient(way, fakeServer("leave-behind", "session", 5));
  await client.readLine();
  await client.closeStdin();
  const begin = Date.now();
  assert.deepEqual(await client.exit(), { code: 5, signal: null });
  assert.ok(Date.now() - begin < 2 * AT_ONCE_MS, `took ${Date.now() - begin} ms`);
});

testEachRelay("killed with SIGKILL, leaves neither the server nor its grandchildren", async (way) => {
  verifies("lifecycle-parent-death", "lifecycle-no-orphan", "fm-03-km-sigkilled");
  const server = npxChain(fakeServer("ignore-eof", "SIGTERM", "SIGHUP"));
  await using client = new FakeClient(way, server, { flags: QUICK });
  await client.readLine();
  client.kill("SIGKILL");
  await client.exit();
  await client.noneLeft();
});

testEachRelay("killed with its whole process group, leaves nothing behind", async (way) => {
  verifies("lifecycle-parent-death", "fm-03-km-sigkilled");
  const server = npxChain(fakeServer("ignore-eof", "SIGTERM"));
  await using client = new FakeClient(way, server, { flags: QUICK, detached: true });
  await client.readLine();
  Deno.kill(-client.pid, "SIGKILL");
  await client.exit();
  await client.noneLeft();
});

testEachRelay("killed just after its start, leaves nothing behind", async (way) => {
  verifies("lifecycle-parent-death");
  await using client = new FakeClient(way, fakeServer("ignore-eof", "SIGTERM"), { flags: QUICK });
  await client.serverPid();
  client.kill("SIGKILL");
  await client.exit();
  await client.noneLeft();
});

testEachRelay("ends when its client died, though another process keeps its stdin open", async (way) => {
  verifies("fm-04-parent-died-stdin-open");
  // The shell is the client; this test holds the other end of km's stdin all the time.
  await using client = new FakeClient(way, fakeServer("ignore-eof"), {
    flags: QUICK,
    shell: 'exec 3<&0; "$@" <&3 3<&- & wait',
  });
  await client.readLine();
  client.kill("SIGKILL");
  await client.witness.until("eof");
  await client.noneLeft();
});

testEachRelay("leaves no watcher behind", async (way) => {
  verifies("lifecycle-no-orphan");
  await using client = new FakeClient(way, fakeServer("echo"));
  await client.ask({ ready: true });
  const serverPid = await client.serverPid();
  assert.equal(watchersOf(serverPid).length, 1);
  await client.finish();
  await until(() => watchersOf(serverPid).length === 0, "the watcher to end");
});

testEachRelay("runs a server whose own exit code is 255, or that closed its stdin", async (way) => {
  verifies("fm-06-exit-code-kept");
  await using client = new FakeClient(way, fakeServer("close-stdin", 255));
  await client.readLine();
  for (let i = 1; i <= 3; i++) {
    await client.witness.until("waiting", i);
    await client.tell();
    assert.deepEqual(await client.readJson(), { line: i });
  }
  assert.deepEqual(await client.exit(), { code: 255, signal: null });
  await client.noneLeft();
});

function near(ms: number | undefined, expectedMs: number): boolean {
  return ms !== undefined && ms > expectedMs - 300 && ms < expectedMs + 1500;
}

/** Ids of the shells that watch over process group `group`. Their environment is empty, so they carry no mark. */
function watchersOf(group: number): string[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => name).filter((name) => {
    try {
      return Deno.readTextFileSync(`/proc/${name}/cmdline`).includes(`km-watch\0${group}\0`);
    } catch {
      return false;
    }
  });
}
