import assert from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { runKm, TempFolder } from "./harness.ts";
import { SseClient, WsClient } from "./stream_clients.ts";

const JSON_TYPE = { "Content-Type": "application/json" };

function bearer(token: string): { readonly Authorization: string } {
  return { Authorization: `Bearer ${token}` };
}

/** Asks as the owner of the home. */
async function post(daemon: RunningDaemon, path: string, body: unknown = {}, headers = {}) {
  return await fetch(daemon.url + path, {
    method: "POST",
    headers: { ...bearer(daemon.token), ...JSON_TYPE, ...headers },
    body: JSON.stringify(body),
  });
}

/** A browser that came by a link: what it sends with each request. */
async function signIn(daemon: RunningDaemon): Promise<{ readonly Cookie: string; readonly Origin: string }> {
  const { code } = await (await post(daemon, "/api/auth/links")).json();
  const answer = await fetch(`${daemon.url}/api/auth/session`, {
    method: "POST",
    headers: { Origin: daemon.url, ...JSON_TYPE },
    body: JSON.stringify({ code }),
  });
  assert.equal(answer.status, 204);
  return { Cookie: answer.headers.get("Set-Cookie")?.split(";")[0] ?? "", Origin: daemon.url };
}

async function statusFor(daemon: RunningDaemon, headers: Readonly<Record<string, string>>): Promise<number> {
  const answer = await fetch(`${daemon.url}/api/auth/me`, { headers });
  await answer.body?.cancel();
  return answer.status;
}

Deno.test("DELETE /api/keys/:name ends the streams of that key at once, and no others", async () => {
  verifies("auth-keys");
  await using daemon = await RunningDaemon.start();
  const { key } = await (await post(daemon, "/api/keys", { name: "ci", scopes: ["read"] })).json();
  using stream = await SseClient.open(daemon, "", bearer(key));
  using socket = new WsClient(daemon, "", { headers: bearer(key) });
  using other = new WsClient(daemon, "", { headers: bearer(daemon.token) });
  await Promise.all([stream.live(), socket.live(), other.live()]);
  const revoked = await fetch(`${daemon.url}/api/keys/ci`, {
    method: "DELETE",
    headers: bearer(daemon.token),
  });
  assert.equal(revoked.status, 204);
  await Promise.all([stream.closed(), socket.closed()]);
  assert.deepEqual(stream.of("end").map(({ data }) => data), [{ reason: "credentials" }]);
  assert.equal(socket.closeCode, 4401);
  assert.equal(other.isClosed, false);
  assert.equal(other.of("heartbeat").length, 1, "the one at its start: it took no other to notice");
  assert.match(await (await daemon.get("/metrics")).text(), /^km_open_streams 1$/m);
});

Deno.test("DELETE /api/auth/session ends a browser's streams and its cookie, also after a restart", async () => {
  verifies("auth-cookie", "auth-jwt");
  using home = new TempFolder();
  let port: number;
  let browser, other: Awaited<ReturnType<typeof signIn>>;
  {
    await using daemon = await RunningDaemon.start([], { home: home.path });
    port = daemon.record.ports[0] ?? 0;
    [browser, other] = [await signIn(daemon), await signIn(daemon)];
    const { token } = await (await fetch(`${daemon.url}/api/auth/tokens`, {
      method: "POST",
      headers: browser,
    })).json();
    const protocols = ["km.stream.v1", `km.jwt.${token}`];
    using byCookie = new WsClient(daemon, "", { headers: browser });
    using byJwt = new WsClient(daemon, "", { protocols, headers: { Origin: browser.Origin } });
    using ofOther = new WsClient(daemon, "", { headers: other });
    await Promise.all([byCookie.live(), byJwt.live(), ofOther.live()]);
    const out = await fetch(`${daemon.url}/api/auth/session`, { method: "DELETE", headers: browser });
    assert.equal(out.status, 204);
    await Promise.all([byCookie.closed(), byJwt.closed()]);
    assert.deepEqual([byCookie.closeCode, byJwt.closeCode], [4401, 4401]);
    assert.equal(ofOther.isClosed, false);
    assert.equal(ofOther.of("heartbeat").length, 1, "at once");
    using late = new WsClient(daemon, "", { protocols, headers: { Origin: browser.Origin } });
    await late.closed();
    assert.equal(late.messages.length, 0, "the JWT that it asked for opens nothing either");
    assert.deepEqual([await statusFor(daemon, browser), await statusFor(daemon, other)], [401, 200]);
    daemon.process.kill("SIGTERM");
    await daemon.process.ended();
  }
  await using daemon = await RunningDaemon.start(["--port", String(port)], { home: home.path });
  assert.deepEqual([await statusFor(daemon, browser), await statusFor(daemon, other)], [401, 200]);
});

Deno.test("km keys rotate-token signs everybody out of a running km serve, and leaves keys alone", async () => {
  verifies("auth-token", "auth-cookie");
  await using daemon = await RunningDaemon.start();
  const old = bearer(daemon.token);
  const browser = await signIn(daemon);
  const { key } = await (await post(daemon, "/api/keys", { name: "ci", scopes: ["read"] })).json();
  const { code, out } = await runKm(["keys", "rotate-token"], { home: daemon.home });
  assert.deepEqual([code, out], [0, ""]);
  assert.equal(await statusFor(daemon, old), 401);
  assert.equal(await statusFor(daemon, browser), 401);
  assert.equal(await statusFor(daemon, bearer(key)), 200);
  assert.equal(await statusFor(daemon, bearer(daemon.token)), 200);
  assert.equal(await statusFor(daemon, await signIn(daemon)), 200);
  assert.equal((await runKm(["keys", "rotate-token", "ci"], { home: daemon.home })).code, 2);
});
