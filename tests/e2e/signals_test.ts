/** Signals to km reach the server's whole group, and the end is the server's. @module */
import assert from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { until } from "./harness.ts";
import { FakeClient } from "../fakes/fake_client.ts";
import { fakeServer, npxChain, testEachRelay, testEveryWay } from "../fakes/ways.ts";

const QUICK = ["--grace", "300ms", "--kill-after", "300ms"];
const ENDING = [["SIGTERM", 143], ["SIGINT", 130], ["SIGHUP", 129]] as const;

for (const [signal, code] of ENDING) {
  testEveryWay(`dies of ${signal} as a server does that has no handler`, async (way) => {
    verifies("lifecycle-signals-forwarded", "lifecycle-signal-status", "fm-05-client-signals");
    await using client = new FakeClient(way, fakeServer("cat"));
    await client.send("ready");
    await client.readExactly(5);
    client.kill(signal);
    assert.deepEqual(await client.exit(), { code, signal });
    await client.noneLeft();
  });

  testEveryWay(`forwards ${signal} to a server that tidies up, and exits with its code`, async (way) => {
    verifies("lifecycle-signals-forwarded", "lifecycle-in-flight-delivered", "fm-05-client-signals");
    await using client = new FakeClient(way, fakeServer("exit-on-signal", signal, 42));
    await client.readLine();
    client.kill(signal);
    assert.deepEqual(await client.readJson(), { goodbye: signal });
    assert.deepEqual(await client.exit(), { code: 42, signal: null });
    await client.noneLeft();
  });

  testEachRelay(`makes sure after ${signal}: a server that ignores everything is killed`, async (way) => {
    verifies("lifecycle-signals-forwarded", "lifecycle-no-orphan", "fm-05-client-signals");
    const server = fakeServer("ignore-eof", "SIGTERM", "SIGINT", "SIGHUP");
    await using client = new FakeClient(way, server, { flags: QUICK });
    await client.readLine();
    client.kill(signal);
    assert.equal((await client.witness.until("signal")).signal, signal);
    assert.equal((await client.exit()).code, 137);
    await client.noneLeft();
  });
}

testEachRelay("forwards Ctrl-C to every process of an npx chain", async (way) => {
  verifies("fm-02-npx-chain-term", "lifecycle-no-orphan");
  await using client = new FakeClient(way, npxChain(fakeServer("echo")));
  await client.ask({ ready: true });
  client.kill("SIGINT");
  await client.exit();
  await client.noneLeft();
});

testEachRelay("writes the record of a run that a signal ended", async (way) => {
  verifies("fm-05-client-signals", "recorder-flush-on-exit");
  await using client = new FakeClient(way, fakeServer("mcp"));
  await client.ask({ jsonrpc: "2.0", id: 1, method: "ping" });
  client.kill("SIGTERM");
  await client.exit();
  assert.deepEqual((await client.calls()).map(({ method, outcome }) => [method, outcome]), [["ping", "ok"]]);
  const end = (await client.events("--kind", "lifecycle")).at(-1);
  assert.match(JSON.stringify(end?.payload), /SIGTERM/);
});

testEachRelay("goes on when km or the server was stopped and continued", async (way) => {
  verifies("relay-sigstop");
  await using client = new FakeClient(way, fakeServer("mcp"));
  await client.ask({ jsonrpc: "2.0", id: 0, method: "ping" });
  const stopped = [await client.kmPid(), await client.serverPid()];
  let id = 0;
  for (const pid of stopped) {
    Deno.kill(pid, "SIGSTOP");
    await until(() => stateOf(pid) === "T", "the process to stop");
    const messages = Array.from({ length: 100 }, () => ({ jsonrpc: "2.0", id: ++id, method: "ping" }));
    await client.sendJson(...messages);
    Deno.kill(pid, "SIGCONT");
    for (const message of messages) assert.equal((await client.readJson()).id, message.id);
  }
  await client.finish();
  const calls = await client.calls();
  assert.equal(calls.length, 201);
  assert.ok(calls.every(({ outcome }) => outcome === "ok"));
});

function stateOf(pid: number): string | undefined {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(")") + 2)[0];
}
