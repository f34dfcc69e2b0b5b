import { equal, ok } from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { GuardedDaemon, JSON_TYPE } from "./guarded_daemon.ts";
import { rawRequest, sendRaw } from "./raw_http.ts";

Deno.test("no path leads out of the dashboard's own files", async () => {
  verifies("guard-paths");
  await using km = await GuardedDaemon.start();
  const paths = [
    "/assets/../token",
    "/assets/../../token",
    "/../../../../etc/passwd",
    "/%2e%2e/token",
    "/assets/%2e%2e/%2e%2e/token",
    "/assets/%2e%2e%2ftoken",
    "/assets/..%2f..%2ftoken",
    "/assets/..%5c..%5ctoken",
    "/assets/..\\token",
    "/assets/....//token",
    "/assets/%252e%252e/token",
    "/assets/app.js%00.html",
    "/assets/%00",
    "/assets/app.js/../../../deno.json",
    "//etc/passwd",
    "//127.0.0.1/assets/app.js",
    "/assets//app.js",
    "/assets/",
    "/assets",
    "/static/app.js",
    "/token",
    "/keys.json",
    "/km.db",
    "/daemon.json",
    "/.git/config",
    "/assets/app.js;x",
    "/ASSETS/APP.JS",
    "/assets/constructor",
    "/__proto__",
    "/inspect/../token",
    `/inspect/${"a".repeat(40)}`,
    "/%",
    "/%zz",
    "/%c0%ae%c0%ae/token",
  ];
  for (const path of paths) {
    const answer = await km.send(`GET ${path}`);
    ok(answer.status === 404 || answer.status === 400, `${path}: ${answer.status}`);
    ok(!answer.body.includes(km.token) && !answer.body.includes("root:"), path);
  }
  equal((await sendRaw(km.port, rawRequest(km.port, "GET /assets/app.js\0.html"))).status, 400, "NUL");
});

Deno.test("line ends in ids and names of keys reach no header and no log", async () => {
  verifies("guard-paths");
  await using km = await GuardedDaemon.start();
  const evil = [
    "%0d%0aSet-Cookie:%20x=1",
    "%0aX-Evil:1",
    "a%0d%0a%0d%0a<script>",
    "%E5%98%8A%E5%98%8DSet-Cookie:x=1",
    "%00",
  ];
  for (const text of evil) {
    for (
      const line of [
        `GET /api/events/${text}`,
        `GET /api/calls/${text}`,
        `DELETE /api/keys/${text}`,
        `GET /${text}`,
        `GET /live?x=${text}`,
      ]
    ) {
      const answer = await km.send(line, [km.bearer()]);
      ok(answer.status < 500, `${line}: ${answer.status}`);
      equal(answer.headers.get("set-cookie"), undefined, line);
      equal(answer.headers.get("x-evil"), undefined, line);
    }
  }
  for (const name of ["a\r\nSet-Cookie: x=1", "a\u0000", "../x", "", "\u001b[2J"]) {
    const body = JSON.stringify({ name, scopes: ["read"] });
    equal(
      (await km.send("POST /api/keys", [km.bearer(), JSON_TYPE], body)).status,
      400,
      JSON.stringify(name),
    );
  }
  // deno-lint-ignore no-control-regex -- that is what is looked for
  ok(!/\u001b|\r/.test(km.log));
});
