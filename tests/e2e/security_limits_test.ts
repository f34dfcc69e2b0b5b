import { equal, match } from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { GuardedDaemon, JSON_TYPE } from "./guarded_daemon.ts";
import { TempFolder } from "./harness.ts";
import { rawRequest, readAnswer, sendRaw, writeAll } from "./raw_http.ts";

Deno.test("who guesses has to wait, whoever has a valid credential has not", async () => {
  verifies("auth-rate-limit");
  await using km = await GuardedDaemon.start();
  const guess = () => km.send("GET /api/auth/me", [km.bearer("wrong")]);
  for (let attempt = 0; attempt < 10; attempt++) equal((await guess()).status, 401);
  const refused = await guess();
  equal(refused.status, 429);
  match(refused.headers.get("retry-after") ?? "", /^\d+$/);
  equal((await km.send("GET /api/auth/me", [km.bearer()])).status, 200);
  equal((await km.send("GET /health", [km.bearer("wrong")])).status, 200, "what needs none is answered");
  const code = await km.send(
    "POST /api/auth/session",
    [`Origin: ${km.origin}`, JSON_TYPE],
    '{"code":"wrong"}',
  );
  equal(code.status, 429);
});

Deno.test("bodies that are too large or too slow end with 413 and 408, and delay nobody else", async () => {
  verifies("guard-slow-bodies", "api-limits");
  await using km = await GuardedDaemon.start();
  const head = (length: number) =>
    rawRequest(km.port, "POST /api/keys", [km.bearer(), JSON_TYPE, `Content-Length: ${length}`]);
  equal((await sendRaw(km.port, head(65_537))).status, 413, "refused before a byte of it came");
  using slow = await Deno.connect({ hostname: "127.0.0.1", port: km.port });
  await writeAll(slow, new TextEncoder().encode(head(1000) + "{"));
  const waiting = readAnswer(slow);
  for (let at = 0; at < 20; at++) equal((await km.send("GET /api/auth/me", [km.bearer()])).status, 200);
  equal((await waiting).status, 408);
});

Deno.test("500 idle connections and half requests delay nobody", async () => {
  verifies("guard-slow-bodies");
  await using km = await GuardedDaemon.start();
  const connections = await Promise.all(
    Array.from({ length: 500 }, () => Deno.connect({ hostname: "127.0.0.1", port: km.port })),
  );
  try {
    await Promise.all(
      connections.map((connection, at) =>
        at % 2
          ? writeAll(connection, new TextEncoder().encode("GET / HTTP/1.1\r\nHost: "))
          : Promise.resolve()
      ),
    );
    for (let at = 0; at < 20; at++) equal((await km.send("GET /api/auth/me", [km.bearer()])).status, 200);
  } finally {
    for (const connection of connections) connection.close();
  }
});

Deno.test("serve.maxRequestsPerMinute is a real limit, per caller", async () => {
  verifies("api-limits");
  using folder = new TempFolder();
  Deno.writeTextFileSync(`${folder.path}/config.jsonc`, '{"serve": {"maxRequestsPerMinute": 3}}');
  await using km = await GuardedDaemon.start([], { home: folder.path });
  const ask = (path: string) => km.send(`GET ${path}`, [km.bearer()]);
  for (let at = 0; at < 3; at++) equal((await ask("/api/auth/me")).status, 200);
  const refused = await ask("/api/auth/me");
  equal(refused.status, 429);
  match(refused.headers.get("retry-after") ?? "", /^\d+$/);
  equal((await ask("/health")).status, 200);
});
