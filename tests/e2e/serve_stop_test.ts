/** How km serve ends: nothing cut, in time. @module */
import assert from "node:assert/strict";
import { testUnless } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { isAlive, until } from "./harness.ts";

const NO_SIGNALS = Deno.build.os === "windows" ? "no signals on Windows" : null;

testUnless(NO_SIGNALS, "a stop answers the request that is under way, then ends with 0", async () => {
  verifies("serve-graceful-stop");
  await using daemon = await RunningDaemon.start();
  const port = daemon.record.ports[0] ?? 0;
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const send = (text: string) => connection.write(new TextEncoder().encode(text));
  const body = JSON.stringify({ scopes: ["read"], name: "slow" });
  await send(
    `POST /api/keys HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${daemon.token}\r\nConnection: close\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`,
  );
  // Its answer comes after that of the slow one has begun to be read: the same process, one after the other.
  await (await daemon.get("/health")).body?.cancel();
  daemon.process.kill("SIGTERM");
  await daemon.process.stderr.text("stopping");
  await send(body.slice(10));
  const answer = await new Response(connection.readable).text();
  assert.match(answer, /^HTTP\/1\.1 (?!503)\d{3} /);
  assert.ok(!answer.includes('"stopping"'), answer);
  const { code, err } = await daemon.process.ended();
  assert.equal(code, 0);
  assert.match(err, /stopped\n$/);
});

testUnless(
  NO_SIGNALS,
  "a stop does not wait for ever for a request that never comes to its end",
  async () => {
    verifies("serve-graceful-stop");
    await using daemon = await RunningDaemon.start();
    const port = daemon.record.ports[0] ?? 0;
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(new TextEncoder().encode(
      `POST /api/keys HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${daemon.token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
    ));
    await (await daemon.get("/health")).body?.cancel();
    daemon.process.kill("SIGTERM");
    const { code, err } = await daemon.process.ended();
    assert.equal(code, 0, err);
    await assert.rejects(Deno.stat(`${daemon.home}/daemon.json`), Deno.errors.NotFound);
  },
);

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
  const port = daemon.record.ports[0] ?? 0;
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(
    `POST /api/keys HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${daemon.token}\r\n` +
      `Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
  ));
  await (await daemon.get("/health")).body?.cancel();
  daemon.process.kill("SIGTERM");
  await daemon.process.stderr.text("stopping");
  // What comes right after the first may be the same one, from a program in between; so it is said until it is heard.
  await until(() => {
    if (isAlive(daemon.process.pid)) daemon.process.kill("SIGINT");
    return !isAlive(daemon.process.pid);
  }, "the end");
  const { code, err } = await daemon.process.ended();
  assert.equal(code, 130);
  assert.match(err, /second signal/);
});
