import { deepEqual, equal, match, ok } from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { GuardedDaemon, JSON_TYPE } from "./guarded_daemon.ts";
import { runKm, until } from "./harness.ts";

Deno.test("credentials in a URL are refused and told nowhere", async () => {
  verifies("auth-no-secrets-told");
  await using km = await GuardedDaemon.start();
  for (
    const query of [
      `token=${km.token}`,
      `access_token=${km.token}`,
      `x=1&api_key=${km.readKey}`,
      `q=${km.readKey}`,
      `%74oken=${km.token}`,
      "jwt=eyJhbGciOiJub25lIn0.eyJ9.",
    ]
  ) {
    const answer = await km.send(`GET /api/activity?${query}`);
    equal(answer.status, 400, query);
    const both = await km.send(`GET /api/activity?${query}`, [km.bearer()]);
    equal(both.status, 400, "also beside a good one");
  }
  equal((await km.send(`GET /?token=${km.token}`)).status, 400, "pages too");
  const cookie = await km.cookie();
  await km.send("GET /api/activity", [km.bearer("wrong-token-of-somebody")]);
  const said = km.answers.filter((answer) => !answer.includes('"key":') && !answer.includes("Set-Cookie"))
    .join("\n");
  const told = { "the log": km.log, "the answers": said };
  const secrets = [
    km.token,
    km.readKey.slice(16),
    km.ingestKey.slice(16),
    cookie.slice(-43),
    "wrong-token-of-somebody",
  ];
  for (const [where, text] of Object.entries(told)) {
    for (const secret of secrets) ok(!text.includes(secret), `${where} tells ${secret.slice(0, 4)}…`);
  }
});

/** What needs no credentials, by method and path. The code of a sign-in is its own credential, and so is the first message over a WebSocket. */
const OPEN_TO_ALL = new Set([
  "get /health",
  "get /ready",
  "get /api/openapi.json",
  "post /api/auth/session",
  "get /api/ws",
  "get /api/sessions/{id}/ws",
]);
/** What changes nothing that others recorded, so that who may read may do it. */
const READING = new Set([
  "post /api/auth/tokens",
  "post /api/sessions/tokens",
  "post /api/sessions/{id}/seen",
]);
/** What needs credentials, but no scope. */
const OPEN_TO_KNOWN = new Set(["get /api/auth/me", "delete /api/auth/session"]);

Deno.test("every route of the contract refuses who is unknown (401) and who may not (403)", async () => {
  verifies("auth-every-route");
  await using km = await GuardedDaemon.start();
  const contract = JSON.parse((await km.send("GET /api/openapi.json")).body) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const routes = Object.entries(contract.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method, path }))
  );
  ok(routes.length >= 20, `only ${routes.length} routes`);
  for (const { method, path } of routes) {
    const name = `${method} ${path}`;
    if (OPEN_TO_ALL.has(name)) continue;
    const ask = async (...credentials: string[]) => {
      const line = `${method.toUpperCase()} ${path.replaceAll(/\{[^}]*\}/g, "x")}`;
      const body = method === "get" || method === "delete" ? "" : "{}";
      return (await km.send(line, [
        ...credentials,
        `Origin: ${km.origin}`,
        ...(body === "" ? [] : [JSON_TYPE]),
      ], body)).status;
    };
    equal(await ask(), 401, name);
    equal(await ask(`Cookie: km_session_${km.port}=x`), 401, `${name}, a false cookie`);
    if (OPEN_TO_KNOWN.has(name)) continue;
    const isIngest = name.startsWith("post /api/events");
    const isRead = method === "get" || READING.has(name);
    if (!isIngest) equal(await ask(km.bearer(km.ingestKey)), 403, `${name}, a key that may ingest`);
    if (!isRead) equal(await ask(km.bearer(km.readKey)), 403, `${name}, a key that may read`);
  }
});

Deno.test("km keys: shown once, known at once by a running km serve, refused at once when revoked", async () => {
  verifies("auth-keys");
  await using km = await GuardedDaemon.start();
  const made = await runKm(["keys", "add", "ci", "--scope", "read,ingest"], { home: km.home });
  match(made.out, /^km_[0-9a-f]{12}_[A-Za-z0-9_-]{43}\n$/, "the key alone is on stdout");
  match(made.err, /shown this once/);
  const key = made.out.trim();
  const me = await km.send("GET /api/auth/me", [km.bearer(key)]);
  deepEqual(JSON.parse(me.body), { name: "ci", via: "key", scopes: ["ingest", "read"] });
  await until(async () => {
    const { out } = await runKm(["keys", "list", "--json"], { home: km.home });
    return out.includes('"name":"ci"') && !out.includes(key.slice(16)) && /"ci".*"lastUsedAt":"2/.test(out);
  }, "the last use to be written");
  equal((await runKm(["keys", "revoke", "ci"], { home: km.home })).code, 0);
  equal((await km.send("GET /api/auth/me", [km.bearer(key)])).status, 401);
  equal((await runKm(["keys", "revoke", "ci"], { home: km.home })).code, 3);
});
