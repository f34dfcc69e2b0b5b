import { equal, ok } from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { GuardedDaemon, JSON_TYPE } from "./guarded_daemon.ts";
import { rawRequest, sendRaw } from "./raw_http.ts";

Deno.test("a change, and a socket, needs the exact Origin, or a Bearer and none", async (t) => {
  verifies("guard-origin");
  await using km = await GuardedDaemon.start();
  const { port } = km;
  const cookie = `Cookie: ${await km.cookie()}`;
  const websocket = [
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
  ];
  const change = (...headers: string[]) => km.send("POST /api/auth/tokens", headers);
  const socket = (...headers: string[]) => km.send("GET /api/stream/ws", [...websocket, ...headers]);

  await t.step("the page's own", async () => {
    equal((await change(cookie, `Origin: ${km.origin}`)).status, 201);
    equal((await change(cookie, `Origin: ${km.origin}`, "Sec-Fetch-Site: same-origin")).status, 201);
    equal((await socket(cookie, `Origin: ${km.origin}`)).status, 101);
    const other = `localhost:${port}`;
    equal((await change(km.bearer(), `Host: ${other}`, `Origin: http://${other}`)).status, 201);
  });
  await t.step("a program's", async () => {
    equal((await change(km.bearer())).status, 201);
    equal((await socket(km.bearer())).status, 101);
  });
  await t.step("a socket by JWT", async () => {
    const { token } = JSON.parse((await change(km.bearer())).body) as { token: string };
    const protocols = `Sec-WebSocket-Protocol: km.stream.v1, km.jwt.${token}`;
    const opened = await socket(protocols, `Origin: ${km.origin}`);
    equal(opened.status, 101);
    equal(opened.headers.get("sec-websocket-protocol"), "km.stream.v1");
    equal((await socket(protocols, "Origin: http://attacker.tld")).status, 403);
    equal((await socket(protocols)).status, 403, "no Origin");
    equal((await socket(`${protocols.slice(0, -4)}AAAA`, `Origin: ${km.origin}`)).status, 401);
    equal((await socket("Sec-WebSocket-Protocol: km.stream.v1", `Origin: ${km.origin}`)).status, 401);
  });
  await t.step("none, with a cookie alone", async () => {
    equal((await change(cookie)).status, 403);
    equal((await socket(cookie)).status, 403);
    equal((await km.send("DELETE /api/keys/read", [cookie])).status, 403);
  });
  const foreign = [
    "null",
    "http://attacker.tld",
    "http://localhost.attacker.tld",
    `http://localhost:${port}.attacker.tld`,
    `http://127.0.0.1:${port}.attacker.tld`,
    `http://127.0.0.1:${port}@attacker.tld`,
    `http://attacker.tld:${port}`,
    `http://127.0.0.1:${port + 1}`,
    "http://127.0.0.1",
    `https://127.0.0.1:${port}`,
    `http://127.0.0.1.:${port}`,
    `HTTP://127.0.0.1:${port}`,
    `http://localhost:${port}`,
    `http://LOCALHOST:${port}`,
    `http://127.0.0.1:${port}/`,
    `http://127.0.0.1:${port} http://attacker.tld`,
    `file://`,
    `chrome-extension://127.0.0.1:${port}`,
    "",
  ];
  for (const origin of foreign) {
    await t.step(
      `refused: ${
        JSON.stringify(origin).replaceAll(String(port), "<port>").replaceAll(String(port + 1), "<other>")
      }`,
      async () => {
        for (const credential of [cookie, km.bearer()]) {
          equal((await change(credential, `Origin: ${origin}`)).status, 403, "a change");
          equal((await socket(credential, `Origin: ${origin}`)).status, 403, "a socket");
          equal(
            (await km.send("GET /api/activity", [credential, `Origin: ${origin}`])).status,
            403,
            "a read",
          );
          equal(
            (await km.send("PUT /api/settings/output", [credential, `Origin: ${origin}`, JSON_TYPE], "{}"))
              .status,
            403,
          );
        }
      },
    );
  }
  await t.step("Sec-Fetch-Site says that a foreign page asks", async () => {
    for (const site of ["cross-site", "same-site"]) {
      equal((await change(cookie, `Origin: ${km.origin}`, `Sec-Fetch-Site: ${site}`)).status, 403);
      equal(
        (await km.send("GET /api/search?q=x", [cookie, `Sec-Fetch-Site: ${site}`, "Sec-Fetch-Mode: no-cors"]))
          .status,
        403,
      );
    }
    equal(
      (await km.send("GET /live", ["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate"])).status,
      200,
      "a link",
    );
  });
});

Deno.test("a form, or a script without a preflight, of a foreign page changes nothing", async () => {
  verifies("guard-content-type");
  await using km = await GuardedDaemon.start();
  const cookie = `Cookie: ${await km.cookie()}`;
  const body = JSON.stringify({ name: "evil", scopes: ["admin"] });
  const types = [
    "text/plain",
    "text/plain; application/json",
    "text/plain;charset=application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json-patch+json",
    "application/jsonx",
    "application/xml",
    "",
  ];
  for (const type of types) {
    const answer = await km.send(
      "POST /api/keys",
      [cookie, `Origin: ${km.origin}`, `Content-Type: ${type}`],
      body,
    );
    equal(answer.status, 415, type);
  }
  equal((await km.send("POST /api/keys", [cookie, `Origin: ${km.origin}`], body)).status, 415, "no type");
  const chunked = rawRequest(km.port, "POST /api/keys", [
    cookie,
    `Origin: ${km.origin}`,
    "Transfer-Encoding: chunked",
  ]);
  equal(
    (await sendRaw(km.port, `${chunked}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`)).status,
    415,
    "chunked, no type",
  );
  const { body: keys } = await km.send("GET /api/keys", [cookie]);
  ok(!keys.includes("evil"));
  const json = "Content-Type: Application/JSON; charset=utf-8";
  equal((await km.send("POST /api/keys", [cookie, `Origin: ${km.origin}`, json], body)).status, 201);
});
