/** How km serve ends: nothing cut, in time. @module */
import assert from "node:assert/strict";
import { missingProgram, testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { decode, isAlive, KM, PATIENCE_MS, until, within } from "./harness.ts";

const NO_SIGNALS = Deno.build.os === "windows" ? "no signals on Windows" : null;
const BODY = JSON.stringify({ scopes: ["read"], name: "slow" });

/** Begins a request whose body is yet to come; returns when the daemon waits for it. */
async function beginRequest({ record, token }: RunningDaemon): Promise<Deno.TcpConn> {
  const port = record.ports[0] ?? 0;
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await send(
    connection,
    `POST /api/keys HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${BODY.length}\r\nExpect: 100-continue\r\n\r\n`,
  );
  const answer = new Uint8Array(1000);
  const size = await within(connection.read(answer), PATIENCE_MS, () => "100 Continue");
  assert.match(decode(answer.subarray(0, size ?? 0)), /^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  return connection;
}

async function send(connection: Deno.TcpConn, text: string): Promise<void> {
  await connection.write(new TextEncoder().encode(text));
}

testUnless(NO_SIGNALS, "a stop answers the request that is under way, then ends with 0", async () => {
  verifies("serve-graceful-stop");
  await using daemon = await RunningDaemon.start();
  const connection = await beginRequest(daemon);
  daemon.process.kill("SIGTERM");
  await daemon.process.stderr.text("stopping");
  await send(connection, BODY);
  assert.match(await new Response(connection.readable).text(), /^HTTP\/1\.1 201 Created\r\n/);
  const { code, err } = await daemon.process.ended();
  assert.equal(code, 0);
  assert.match(err, /stopped\n$/);
  assert.ok(!err.includes("were cut"), err);
});

testUnless(
  NO_SIGNALS,
  "a stop does not wait for ever for a request that never comes to its end",
  async () => {
    verifies("serve-graceful-stop");
    await using daemon = await RunningDaemon.start();
    using _connection = await beginRequest(daemon);
    daemon.process.kill("SIGTERM");
    const { code, err } = await daemon.process.ended();
    assert.equal(code, 0, err);
    await assert.rejects(Deno.stat(`${daemon.home}/daemon.json`), Deno.errors.NotFound);
  },
);

testUnless(NO_SIGNALS, "SIGHUP, as of a terminal that is closed, stops km serve gracefully", async () => {
  verifies("serve-graceful-stop");
  await using daemon = await RunningDaemon.start();
  daemon.process.kill("SIGHUP");
  const { code, signal, err } = await daemon.process.ended();
  assert.deepEqual([code, signal], [0, null]);
  assert.match(err, /stopping: SIGHUP\n(.*\n)*.*stopped\n$/);
  await assert.rejects(Deno.stat(`${daemon.home}/daemon.json`), Deno.errors.NotFound);
});

testUnless(NO_SIGNALS ?? missingProgram("nohup"), "SIGHUP does nothing to km serve under nohup", async () => {
  await using daemon = await RunningDaemon.start([], { command: ["nohup", ...KM] });
  daemon.process.kill("SIGHUP");
  assert.match(await (await daemon.get("/health")).text(), /"status":"ok"/);
  daemon.process.kill("SIGTERM");
  const { code, err } = await daemon.process.ended();
  assert.deepEqual([code, /stopping: SIGTERM/.test(err)], [0, true], err);
});

testUnless(NO_SIGNALS, "a stop ends open streams cleanly", async () => {
  verifies("serve-graceful-stop");
  await using daemon = await RunningDaemon.start();
  const stream = await daemon.get("/api/stream");
  assert.equal(stream.status, 200);
  daemon.process.kill("SIGTERM");
  // A body that was cut would reject.
  await stream.text();
  const { code, err } = await daemon.process.ended();
  assert.deepEqual([code, /were cut/.test(err)], [0, false]);
});

testUnless(NO_SIGNALS, "a second signal ends a stop that waits", async () => {
  verifies("serve-graceful-stop");
  await using daemon = await RunningDaemon.start();
  using _connection = await beginRequest(daemon);
  daemon.process.kill("SIGTERM");
  await daemon.process.stderr.text("stopping");
  // What comes right after the first may be the same one, from a program in between; so it is said until it is heard.
  await until(() => {
    if (!isAlive(daemon.process.pid)) return true;
    try {
      daemon.process.kill("SIGINT");
    } catch {
      // It ended between the two.
    }
    return false;
  }, "the end");
  const { code, err } = await daemon.process.ended();
  assert.equal(code, 130);
  assert.match(err, /second signal/);
});
