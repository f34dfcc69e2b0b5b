import { deepEqual, equal, match, ok } from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { PATIENCE_MS, runKm, Running, TempFolder, until } from "./harness.ts";
import { type RawAnswer, rawRequest, readAnswer, sendRaw, writeAll } from "./raw_http.ts";

/** A daemon of its own home, with its token and two keys. */
class Served implements AsyncDisposable {
  readonly #folder = new TempFolder();
  readonly #km: Running;
  readonly home: string = `${this.#folder.path}/home`;
  port = 0;
  token = "";
  readKey = "";
  ingestKey = "";
  /** All that was answered, to look for secrets in it. */
  readonly answers: string[] = [];

  private constructor(args: readonly string[]) {
    this.#km = new Running(["serve", "--port", "0", "--also", "off", ...args], { home: this.home });
  }

  static async start(...args: string[]): Promise<Served> {
    const served = new Served(args);
    const url = /http:\/\/127\.0\.0\.1:(\d+)/.exec(await served.#km.stdout.text("\n"))?.[1];
    served.port = Number(url);
    served.token = Deno.readTextFileSync(`${served.home}/token`).trim();
    const add = async (name: string) =>
      (await runKm(["keys", "add", name, "--scope", name], { home: served.home })).out.trim();
    [served.readKey, served.ingestKey] = [await add("read"), await add("ingest")];
    return served;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get log(): string {
    return [this.#km.stdout, this.#km.stderr].map((stream) => stream.lines().join("\n")).join("\n");
  }

  async send(line: string, headers: readonly string[] = [], body = ""): Promise<RawAnswer> {
    const answer = await sendRaw(this.port, rawRequest(this.port, line, headers, body));
    this.answers.push(answer.text);
    return answer;
  }

  async cookie(): Promise<string> {
    const link = await this.send("POST /api/auth/links", [this.bearer()]);
    const { code } = JSON.parse(link.body) as { code: string };
    const session = await this.send(
      "POST /api/auth/session",
      [`Origin: ${this.origin}`, JSON_TYPE],
      JSON.stringify({ code }),
    );
    equal(session.status, 204);
    return session.headers.get("set-cookie")?.split(";")[0] ?? "";
  }

  bearer(token = this.token): string {
    return `Authorization: Bearer ${token}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#km[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

const JSON_TYPE = "Content-Type: application/json";

Deno.test("a request is served only under a name of the daemon's own", async (t) => {
  verifies("guard-host");
  await using km = await Served.start("--allow-host", "km.example");
  const { port } = km;
  const good = [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    `LocalHost:${port}`,
    `[::1]:${port}`,
    `km.example:${port}`,
    "km.example",
  ];
  for (const host of good) {
    await t.step(
      `served: ${host}`,
      async () => equal((await km.send("GET /health", [`Host: ${host}`])).status, 200),
    );
  }
  const bad = [
    "localhost",
    "127.0.0.1",
    `localhost.attacker.tld:${port}`,
    `attacker.tld:${port}`,
    `127.0.0.1.nip.io:${port}`,
    `notlocalhost:${port}`,
    `localhost.:${port}`,
    `2130706433:${port}`,
    `0x7f000001:${port}`,
    `0177.0.0.1:${port}`,
    `127.1:${port}`,
    `127.0.0.2:${port}`,
    `0.0.0.0:${port}`,
    `[::ffff:127.0.0.1]:${port}`,
    `[0:0:0:0:0:0:0:1]:${port}`,
    `[::]:${port}`,
    `localhost:${port + 1}`,
    `localhost:0${port}`,
    `localhost:${port}:${port}`,
    `localhost:`,
    `user@localhost:${port}`,
    `localhost:${port}@attacker.tld`,
    `localhost:${port}/`,
    `localhost:${port}#`,
    `localhost:${port}, attacker.tld`,
    `attacker.tld,localhost:${port}`,
    `localhost :${port}`,
    `km.example.attacker.tld:${port}`,
    `km.example:${port + 1}`,
    `l\u00f6calhost:${port}`,
    "",
  ];
  for (const host of bad) {
    await t.step(
      `refused: ${
        JSON.stringify(host).replaceAll(String(port), "<port>").replaceAll(String(port + 1), "<other>")
      }`,
      async () => {
        for (const path of ["/health", "/", "/nothing", "/api/activity"]) {
          const answer = await km.send(`GET ${path}`, [`Host: ${host}`, km.bearer()]);
          ok(answer.status === 421 || answer.status === 400, `${path}: ${answer.status}`);
        }
      },
    );
  }
  await t.step("refused: no Host", async () => {
    equal((await sendRaw(port, "GET /health HTTP/1.1\r\nConnection: close\r\n\r\n")).status, 421);
    equal((await sendRaw(port, "GET /health HTTP/1.0\r\n\r\n")).status, 421);
  });
  await t.step("refused: two of them", async () => {
    const hosts = [`Host: localhost:${port}`, "Host: attacker.tld"];
    for (const both of [hosts, hosts.toReversed()]) equal((await km.send("GET /health", both)).status, 400);
  });
  await t.step("the request line counts as much as the header", async () => {
    equal((await km.send(`GET http://127.0.0.1:${port}/health`)).status, 200);
    equal((await km.send(`GET http://attacker.tld/health`)).status, 421);
    equal((await km.send(`GET http://localhost:${port}/health`, ["Host: attacker.tld"])).status, 421);
    equal(
      (await km.send(`GET http://localhost:${port}/health`)).status,
      421,
      "two names of ours, but not the same",
    );
    equal((await km.send(`GET https://127.0.0.1:${port}/health`)).status, 421);
    equal((await km.send(`GET http://u:p@127.0.0.1:${port}/health`)).status, 421);
  });
});

Deno.test("a change, and a socket, needs the exact Origin, or a Bearer and none", async (t) => {
  verifies("guard-origin");
  await using km = await Served.start();
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
  await using km = await Served.start();
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

Deno.test("every answer has the headers that keep a page safe, and none that open it to others", async () => {
  verifies("guard-headers");
  await using km = await Served.start();
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

Deno.test("no path leads out of the dashboard's own files", async () => {
  verifies("guard-paths");
  await using km = await Served.start();
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
  await using km = await Served.start();
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

Deno.test("methods that nobody asked for are refused, HEAD is as GET without a body", async () => {
  await using km = await Served.start();
  for (const method of ["OPTIONS", "TRACE", "PATCH", "CONNECT", "PROPFIND", "FOO", "get"]) {
    const answer = await km.send(`${method} /api/activity`, [km.bearer()]);
    ok([400, 405, 421].includes(answer.status), `${method}: ${answer.status}`);
    ok(!answer.text.includes(km.token), `${method} echoes nothing`);
  }
  equal((await km.send("OPTIONS *")).status, 405);
  equal((await km.send("POST /health", [km.bearer()])).status, 404);
  const override = await km.send("POST /api/activity", [km.bearer(), "X-HTTP-Method-Override: GET"]);
  equal(override.status, 404, "no header changes the method");
});

Deno.test("credentials in a URL are refused and told nowhere", async () => {
  verifies("auth-no-secrets-told");
  await using km = await Served.start();
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

/** What needs no credentials, by method and path. The code of a sign-in is its own credential. */
const OPEN_TO_ALL = new Set(["get /health", "get /ready", "get /api/openapi.json", "post /api/auth/session"]);
/** What needs credentials, but no scope. */
const OPEN_TO_KNOWN = new Set(["get /api/auth/me", "delete /api/auth/session"]);

Deno.test("every route of the contract refuses who is unknown (401) and who may not (403)", async () => {
  verifies("auth-every-route");
  await using km = await Served.start();
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
    const isRead = method === "get" || name === "post /api/auth/tokens";
    if (!isIngest) equal(await ask(km.bearer(km.ingestKey)), 403, `${name}, a key that may ingest`);
    if (!isRead) equal(await ask(km.bearer(km.readKey)), 403, `${name}, a key that may read`);
  }
});

Deno.test("who guesses has to wait, whoever has a valid credential has not", async () => {
  verifies("auth-rate-limit");
  await using km = await Served.start();
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
  await using km = await Served.start();
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
  await using km = await Served.start();
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

Deno.test("km keys: shown once, known at once by a running km serve, refused at once when revoked", async () => {
  verifies("auth-keys");
  await using km = await Served.start();
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

Deno.test("km open --print gives a link that signs a browser in once; without km serve it says how to start it", async () => {
  verifies("serve-open", "auth-cookie");
  await using km = await Served.start();
  const { out } = await runKm(["open", "--print"], { home: km.home });
  const [, origin, code] = /^(http:\/\/127\.0\.0\.1:\d+)\/#token=([A-Za-z0-9_-]{43})\n$/.exec(out) ?? [];
  equal(origin, km.origin);
  const signIn = () =>
    km.send("POST /api/auth/session", [`Origin: ${km.origin}`, JSON_TYPE], JSON.stringify({ code }));
  const first = await signIn();
  equal(first.status, 204);
  match(
    first.headers.get("set-cookie") ?? "",
    new RegExp(`^km_session_${km.port}=\\S+; Path=/; Max-Age=2592000; HttpOnly; SameSite=Strict$`),
  );
  equal((await signIn()).status, 401, "a second time");
  const cookie = `Cookie: ${first.headers.get("set-cookie")?.split(";")[0]}`;
  equal((await km.send("GET /api/auth/me", [cookie])).status, 200);
  const out2 = await km.send("DELETE /api/auth/session", [cookie, `Origin: ${km.origin}`]);
  match(out2.headers.get("set-cookie") ?? "", /Max-Age=0/);
  await using other = await Served.start();
  equal(
    (await other.send("GET /api/auth/me", [cookie.replace(String(km.port), String(other.port))])).status,
    401,
    "another port and home",
  );
  using empty = new TempFolder();
  const none = await runKm(["open"], { home: empty.path, timeoutMs: PATIENCE_MS });
  equal(none.code, 3);
  match(none.err, /start it with "km serve"/);
});

Deno.test({
  name: "km open gives the link to the system's browser, and prints it where there is none",
  ignore: Deno.build.os !== "linux",
  async fn() {
    verifies("serve-open");
    await using km = await Served.start();
    using bin = new TempFolder();
    Deno.writeTextFileSync(`${bin.path}/xdg-open`, `#!/bin/sh\nprintf '%s' "$1" > "${bin.path}/opened"\n`, {
      mode: 0o755,
    });
    const open = (env: Record<string, string>) => runKm(["open"], { home: km.home, env });
    const PATH = `${bin.path}:${Deno.env.get("PATH")}`;
    const opened = await open({ PATH, DISPLAY: ":0" });
    equal(opened.code, 0, opened.err);
    equal(opened.out, "", "the link is in the browser and nowhere else");
    ok(Deno.readTextFileSync(`${bin.path}/opened`).startsWith(`${km.origin}/#token=`));
    match((await open({ PATH, DISPLAY: "", WAYLAND_DISPLAY: "" })).out, /\/#token=/);
    Deno.writeTextFileSync(`${bin.path}/xdg-open`, "#!/bin/sh\nexit 3\n");
    match((await open({ PATH, DISPLAY: ":0" })).out, /\/#token=/, "a browser that does not start");
  },
});

Deno.test("serve.maxRequestsPerMinute is a real limit, per caller", async () => {
  verifies("api-limits");
  using folder = new TempFolder();
  Deno.writeTextFileSync(`${folder.path}/config.jsonc`, '{"serve": {"maxRequestsPerMinute": 3}}');
  await using km = new Running(["serve", "--port", "0", "--also", "off"], { home: folder.path });
  const port = Number(/:(\d+)/.exec(await km.stdout.text("\n"))?.[1]);
  const token = Deno.readTextFileSync(`${folder.path}/token`).trim();
  const ask = (path: string) =>
    sendRaw(port, rawRequest(port, `GET ${path}`, [`Authorization: Bearer ${token}`]));
  for (let at = 0; at < 3; at++) equal((await ask("/api/auth/me")).status, 200);
  const refused = await ask("/api/auth/me");
  equal(refused.status, 429);
  match(refused.headers.get("retry-after") ?? "", /^\d+$/);
  equal((await ask("/health")).status, 200);
});
