import { deepEqual, equal, ok } from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { GuardedDaemon, JSON_TYPE } from "./guarded_daemon.ts";

Deno.test("every answer has the headers that keep a page safe, and none that open it to others", async () => {
  verifies("guard-headers");
  await using km = await GuardedDaemon.start();
  const answers = [
    await km.send("GET /"),
    await km.send("GET /assets/app.js"),
    await km.send("GET /nothing"),
    await km.send("GET /health"),
    await km.send("GET /api/activity"),
    await km.send("GET /api/activity", [km.bearer(), `Origin: ${km.origin}`]),
    await km.send("GET /", ["Host: attacker.tld"]),
    await km.send("OPTIONS /api/activity", [
      "Origin: http://attacker.tld",
      "Access-Control-Request-Method: GET",
    ]),
    await km.send("POST /api/keys", [km.bearer(), JSON_TYPE], "{"),
    await km.send("POST /api/keys", [km.bearer(), JSON_TYPE], JSON.stringify("x".repeat(70_000))),
  ];
  deepEqual(answers.map(({ status }) => status), [200, 200, 404, 200, 401, 200, 421, 405, 400, 413]);
  for (const { status, headers } of answers) {
    const csp = headers.get("content-security-policy") ?? "";
    for (
      const part of [
        "default-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "object-src 'none'",
      ]
    ) {
      ok(csp.split("; ").includes(part), `${status}: ${part}`);
    }
    ok(!/unsafe|\*|data:|https?:/.test(csp), csp);
    equal(headers.get("x-content-type-options"), "nosniff");
    equal(headers.get("referrer-policy"), "no-referrer");
    equal(headers.get("cross-origin-resource-policy"), "same-origin");
    equal(headers.get("cross-origin-opener-policy"), "same-origin");
    equal(headers.get("strict-transport-security"), undefined, "no TLS here");
    equal([...headers.keys()].find((name) => name.startsWith("access-control-")), undefined);
  }
  for (const index of [3, 4, 5]) equal(answers[index]?.headers.get("cache-control"), "no-store");
  ok(
    !/<script(?![^>]* src=)|<style|\son[a-z]+=|\sstyle=/i.test(answers[0]?.body ?? ""),
    "the page has nothing inline",
  );
});

Deno.test("methods that nobody asked for are refused, HEAD is as GET without a body", async () => {
  await using km = await GuardedDaemon.start();
  for (const method of ["OPTIONS", "TRACE", "PATCH", "CONNECT", "PROPFIND", "FOO", "get"]) {
    const answer = await km.send(`${method} /api/activity`, [km.bearer()]);
    ok([400, 405, 421].includes(answer.status), `${method}: ${answer.status}`);
    ok(!answer.text.includes(km.token), `${method} echoes nothing`);
  }
  equal((await km.send("OPTIONS *")).status, 405);
  equal((await km.send("POST /health", [km.bearer()])).status, 405);
  const override = await km.send("POST /api/activity", [km.bearer(), "X-HTTP-Method-Override: GET"]);
  equal(override.status, 405, "no header changes the method");
});
