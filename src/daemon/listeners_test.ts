import assert from "node:assert/strict";
import { KmError } from "../core/error.ts";
import { verifies } from "../../tests/verifies.ts";
import { listenIfAllowed, listenOrSay } from "./listeners.ts";
import { howToAllow } from "./low_port.ts";

const LOOPBACK = "127.0.0.1";
const ok = () => new Response("ok");

Deno.test("listenOrSay() says who has a port", async () => {
  verifies("serve-ports");
  const first = await listenOrSay(ok, { hostname: LOOPBACK, port: 0 });
  const { port } = first;
  await assert.rejects(listenOrSay(ok, { hostname: LOOPBACK, port }), (error) => {
    assert.ok(error instanceof KmError);
    assert.equal(error.code, "port_taken");
    assert.match(
      error.message,
      Deno.build.os === "linux" ? new RegExp(`pid ${Deno.pid}`) : /another program/,
    );
    return true;
  });
  await first.shutdown();
});

Deno.test("listenOrSay() recognises a km that the system does not name", async () => {
  verifies("serve-ports");
  const km = await listenOrSay(() => Response.json({ status: "ok", version: "9", uptimeMs: 1 }), {
    hostname: LOOPBACK,
    port: 0,
  });
  await assert.rejects(listenOrSay(ok, { hostname: LOOPBACK, port: km.port }), /the km of another home/);
  await km.shutdown();
});

Deno.test("listenIfAllowed() tells in one line what it could not have", async () => {
  verifies("serve-port-42");
  const first = await listenOrSay(ok, { hostname: LOOPBACK, port: 0 });
  const second = await listenIfAllowed(ok, { hostname: LOOPBACK, port: first.port });
  assert.ok("refusal" in second);
  assert.match(second.refusal, /^port \d+ is not served: [^\n]+ has it$/);
  await first.shutdown();
});

Deno.test("howToAllow() knows each system's way, on one line", () => {
  verifies("fm-32-port-42");
  assert.match(howToAllow(42, LOOPBACK, "linux"), /ip_unprivileged_port_start=42.*CAP_NET_BIND_SERVICE/);
  assert.match(howToAllow(42, LOOPBACK, "darwin"), /only root/);
  for (const os of ["linux", "darwin", "windows"] as const) {
    assert.ok(!howToAllow(42, LOOPBACK, os).includes("\n"));
  }
});
