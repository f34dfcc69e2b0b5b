import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { SignJWT } from "jose";
import { verifies } from "../verifies.ts";
import { rawRequest, sendRaw } from "./raw_http.ts";
import { runKm, TempFolder, until } from "./harness.ts";
import { SessionsDaemon, SocketClient } from "./sessions.ts";

/** An authentication that must fail closes the socket: with this. */
async function refusedWith(client: SocketClient, token: unknown): Promise<number> {
  client.send({ type: "auth", message_id: "a", data: { token } });
  return (await client.untilClosed()).code;
}

Deno.test("a WebSocket of sessions says nothing, and is closed with 4401, before it has authenticated", async (t) => {
  verifies("session-socket-auth");
  await using km = await SessionsDaemon.start();
  const open = () => SocketClient.open(`${km.socketUrl}/api/ws`);
  const late = await open();
  await t.step("another message first", async () => {
    for (
      const first of [
        { type: "command", data: { action: "watch" } },
        { type: "ping" },
        { type: "pong" },
        { type: "cancel", data: { id: "x" } },
      ]
    ) {
      using client = await open();
      client.send(first);
      equal((await client.untilClosed()).code, 4401, first.type);
      equal(client.messages.length, 0);
    }
    using client = await open();
    client.socket.send(new Uint8Array(20));
    equal((await client.untilClosed()).code, 4401, "a frame");
  });
  await t.step("two attempts", async () => {
    using client = await open();
    client.send({ type: "auth", data: { token: "x" } });
    client.send({ type: "auth", data: { token: await km.token() } });
    equal((await client.untilClosed()).code, 4401);
  });
  await t.step("what follows is not looked at when the attempt fails", async () => {
    using client = await open();
    client.send({ type: "auth", data: { token: "x" } });
    client.send({ type: "command", data: { action: "watch" } });
    equal((await client.untilClosed()).code, 4401);
    equal(client.messages.length, 0);
  });
  await t.step("no message for 5 s", async () => {
    equal((await late.untilClosed()).code, 4401);
    match(late.closed?.reason ?? "", /5 s/);
    late[Symbol.dispose]();
  });
});

Deno.test("only a JWT of this daemon for this purpose opens a WebSocket of sessions, and it opens nothing else", async (t) => {
  verifies("session-socket-auth");
  await using km = await SessionsDaemon.start();
  const good = await km.token();
  const [header = "", payload = "", signature = ""] = good.split(".");
  const encode = (value: unknown) =>
    new TextEncoder().encode(JSON.stringify(value)).toBase64({ alphabet: "base64url", omitPadding: true });
  const claims = JSON.parse(
    new TextDecoder().decode(Uint8Array.fromBase64(payload, { alphabet: "base64url" })),
  );
  const sign = (changes: Record<string, unknown>) =>
    new SignJWT({ ...claims, ...changes }).setProtectedHeader({ alg: "HS256" }).sign(new Uint8Array(32));
  const stream = (await km.ask("POST", "/api/auth/tokens")).body.token as string;
  const bad: Record<string, unknown> = {
    "alg none": `${encode({ alg: "none", typ: "JWT" })}.${payload}.`,
    "alg none, with the signature": `${encode({ alg: "none" })}.${payload}.${signature}`,
    "another key": await sign({}),
    "expired": await sign({ exp: 1, iat: 0 }),
    "changed claims": `${header}.${
      encode({ ...claims, access: "admin", exp: claims.exp + 9999 })
    }.${signature}`,
    "a token of the stream": stream,
    "the daemon's token": km.daemon.token,
    "a key": await km.key("writer", "sessions"),
    "nothing": undefined,
  };
  await t.step("as Bearer, and for the stream, it is worth nothing", async () => {
    equal((await km.ask("GET", "/api/sessions", undefined, good)).status, 401);
    const { port } = new URL(km.url);
    const upgrade = rawRequest(Number(port), "GET /api/stream/ws", [
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
      `Sec-WebSocket-Protocol: km.stream.v1, km.jwt.${good}`,
      `Origin: ${km.url}`,
    ]);
    equal((await sendRaw(Number(port), upgrade)).status, 401);
  });
  for (const [name, token] of Object.entries(bad)) {
    await t.step(name, async () => {
      using client = await SocketClient.open(`${km.socketUrl}/api/ws`);
      equal(await refusedWith(client, token), 4401);
      ok(client.messages.length === 0);
    });
  }
  await t.step("nor in the address", async () => {
    equal((await km.ask("GET", `/api/ws?token=${good}`)).status, 400);
  });
  await t.step("who guesses is counted; a good token passes all the same; the audit tells", async () => {
    let reason = "";
    for (let attempt = 0; attempt < 4; attempt++) {
      using client = await SocketClient.open(`${km.socketUrl}/api/ws`);
      equal(await refusedWith(client, `wrong-${attempt}`), 4401);
      reason = client.closed?.reason ?? "";
    }
    match(reason, /too often/);
    using client = await km.socket();
    equal(client.closed, null);
    const { body } = await km.ask("GET", "/api/audit");
    const refused = body.entries.filter(({ action }: { action: string }) => action === "auth.refused");
    equal(refused.length, 1, "written down once a minute");
    equal(refused[0].who, "127.0.0.1");
  });
});

Deno.test("a page of another origin gets 4403 and nothing else", async (t) => {
  verifies("session-socket-closes");
  await using km = await SessionsDaemon.start();
  const { port } = new URL(km.url);
  const { number } = await km.runCat();
  const foreign = [
    "null",
    "http://attacker.tld",
    `http://127.0.0.1:${Number(port) + 1}`,
    "http://127.0.0.1",
    `https://127.0.0.1:${port}`,
    `http://localhost:${port}`,
    `http://sub.localhost:${port}`,
    `http://127.0.0.1:${port}.attacker.tld`,
    `http://127.0.0.1:${port}@attacker.tld`,
    `http://127.0.0.1.:${port}`,
    "file://",
    "chrome-extension://abcdef",
  ];
  for (const Origin of foreign) {
    await t.step(
      Origin.replaceAll(port, "<port>").replaceAll(String(Number(port) + 1), "<other>"),
      async () => {
        for (const path of ["/api/ws", `/api/sessions/${number}/ws`]) {
          using client = await SocketClient.open(km.socketUrl + path, { Origin });
          client.socket.onopen = () => client.send({ type: "auth", data: { token: "x" } });
          equal((await client.untilClosed()).code, 4403);
          equal(client.messages.length, 0);
        }
      },
    );
  }
  await t.step("the page's own, and a program, come in", async () => {
    for (const headers of [{ Origin: km.url }, {} as Record<string, string>]) {
      using client = await SocketClient.open(`${km.socketUrl}/api/ws`, headers);
      equal((await client.authenticate(await km.token()))["event"], "authenticated");
    }
  });
  await t.step("a foreign name for this host is not served at all", async () => {
    const upgrade = rawRequest(Number(port), "GET /api/ws", [
      "Host: attacker.tld",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ]);
    equal((await sendRaw(Number(port), upgrade)).status, 421);
  });
});

Deno.test("a session is given variables that are some, and no others", async () => {
  await using km = await SessionsDaemon.start();
  const start = (env: Record<string, string>) =>
    km.ask("POST", "/api/sessions", { provider: "shell", command: ["/bin/true"], cwd: km.daemon.home, env });
  for (const name of ["A=B", "", "X\nKM_TOKEN", " KM_HOME", "1A", "A\n", "É", "A\0"]) {
    equal((await start({ [name]: "x" })).status, 400, JSON.stringify(name));
  }
  equal((await start({ A: "x\0KM_TOKEN=y" })).status, 400);
  equal((await start({ A_1: "é\n=", _b: "" })).status, 201);
});

Deno.test("who may read sees, and changes nothing; a token for some sessions is for them alone", async (t) => {
  verifies("session-scopes", "session-read-only");
  await using km = await SessionsDaemon.start();
  const read = await km.key("reader", "read");
  const write = await km.key("writer", "sessions");
  const ingest = await km.key("sender", "ingest");
  const [mine, other] = [await km.runCat(), await km.runCat()];
  await t.step("by REST", async () => {
    equal((await km.ask("GET", "/api/sessions", undefined, read)).status, 200);
    equal((await km.ask("GET", "/api/sessions", undefined, write)).status, 200, "sessions reads sessions");
    equal((await km.ask("GET", "/api/sessions", undefined, ingest)).status, 403);
    equal((await km.ask("POST", "/api/sessions", { provider: "shell" }, read)).status, 403);
    equal((await km.ask("POST", `/api/sessions/${mine.id}/input`, { keys: "x" }, read)).status, 403);
    equal((await km.ask("DELETE", `/api/sessions/${mine.id}`, undefined, read)).status, 403);
    equal((await km.ask("POST", "/api/sessions/tokens", { access: "write" }, read)).status, 403);
    equal((await km.ask("GET", "/api/audit", undefined, write)).status, 403, "the audit is the admin's");
    for (const path of ["/api/tasks", "/api/tasks/1", "/api/tasks/1/events", "/api/tasks/1/wait"]) {
      const expected = path === "/api/tasks" ? 200 : 404;
      for (const key of [read, write]) {
        equal((await km.ask("GET", path, undefined, key)).status, expected, path);
      }
      equal((await km.ask("GET", path, undefined, ingest)).status, 403, path);
    }
    equal(
      (await km.ask("GET", "/api/activity", undefined, write)).status,
      403,
      "sessions reads nothing else",
    );
  });
  await t.step("over a socket", async () => {
    using client = await SocketClient.open(`${km.socketUrl}/api/ws`);
    await client.authenticate(await km.token("read", null, read));
    const attached = await client.command({ action: "attach", write: true, cols: 50, rows: 10 }, mine.id);
    equal(attached["write"], false);
    client.type(mine.number, 0, "typed by a reader");
    await until(() => client.messages.some(({ data }) => data?.["code"] === "not_granted"), "the refusal");
    for (
      const data of [
        { action: "send", text: "x" },
        { action: "input", keys: "x" },
        { action: "signal", signal: "SIGKILL" },
        { action: "cancel", id: "x" },
      ]
    ) await rejects(client.command(data, mine.id), /not_granted/, data.action);
    equal(
      (await client.command({ action: "resize", cols: 50, rows: 10, take: true }, mine.id))["owner"],
      false,
    );
    const { body } = await km.ask("GET", `/api/sessions/${mine.id}`);
    deepEqual([body.size, body.state === "exited", body.seq], [{ cols: 80, rows: 24 }, false, 5]);
  });
  await t.step("a token for one session", async () => {
    using client = await SocketClient.open(`${km.socketUrl}/api/ws`);
    await client.authenticate(await km.token("write", [String(mine.number)], write));
    const { sessions } = await client.command({ action: "watch" }) as unknown as {
      sessions: { id: string }[];
    };
    deepEqual(sessions.map(({ id }) => id), [mine.id]);
    for (const action of ["attach", "detach", "send", "resize", "signal"]) {
      const data = { action, text: "x", cols: 9, rows: 9, signal: "SIGINT" };
      await rejects(client.command(data, other.id), /not_found/, action);
    }
    await client.command({ action: "attach", write: true }, mine.id);
    await km.ask("POST", `/api/sessions/${other.id}/resize`, { cols: 90, rows: 9 });
    await km.ask("POST", `/api/sessions/${mine.id}/resize`, { cols: 90, rows: 9 });
    await until(() => client.events("size", mine.id).length > 0, "the size of its own");
    const told = client.messages.filter(({ type }) => type !== "error");
    ok(told.every(({ session_id }) => session_id === undefined || session_id === mine.id));
    using bound = await SocketClient.open(`${km.socketUrl}/api/sessions/${other.id}/ws`);
    await rejects(bound.authenticate(await km.token("write", [mine.id], write)), /4404/);
  });
  await t.step("somebody else's token does not take a socket over", async () => {
    using client = await SocketClient.open(`${km.socketUrl}/api/ws`);
    await client.authenticate(await km.token("read", null, read));
    await rejects(client.authenticate(await km.token("write", null, write)), /4400/);
  });
  await t.step("a re-authentication that narrows takes what it no longer covers away", async () => {
    using client = await SocketClient.open(`${km.socketUrl}/api/ws`);
    await client.authenticate(await km.token("write", null, write));
    await client.command({ action: "attach", write: true }, mine.id);
    await client.authenticate(await km.token("read", [mine.id], write));
    client.type(mine.number, 0, "x");
    await until(() => client.messages.some(({ data }) => data?.["code"] === "not_granted"), "the refusal");
  });
  await t.step("a revoked key closes its sockets at once", async () => {
    using client = await SocketClient.open(`${km.socketUrl}/api/ws`);
    await client.authenticate(await km.token("write", null, write));
    equal((await km.ask("DELETE", "/api/keys/writer")).status, 204);
    const { code, reason } = await client.untilClosed();
    deepEqual([code, reason], [4401, "these credentials have ended"]);
  });
});

Deno.test("secrets of sessions are in no answer, log or audit, and km's own in no child", async () => {
  verifies("session-secrets-masked", "session-environment", "session-audit");
  const planted = "planted-in-the-daemon-4711";
  using home = new TempFolder();
  const wild = { command: ["/bin/sh"], fullAccess: { env: { WILD: "1" } } };
  Deno.writeTextFileSync(`${home.path}/config.jsonc`, JSON.stringify({ providers: { wild } }));
  await using km = await SessionsDaemon.start({
    home: home.path,
    env: { AWS_SECRET_ACCESS_KEY: planted, KM_TOKEN: planted },
  });
  const given = "given-at-the-start-0815";
  const key = `sk-ant-api03-${"A".repeat(93)}AA`;
  const jwt = await km.token("write");
  const { body: { id, number } } = await km.ask("POST", "/api/sessions", {
    provider: "wild",
    args: ["-c", "env > env.txt; echo done; sleep 600", "x", `--api-key=${key}`],
    cwd: km.daemon.home,
    env: { MY_SECRET: given },
    fullAccess: true,
  });
  await km.untilScreen(number, "done");
  const env = Deno.readTextFileSync(`${km.daemon.home}/env.txt`);
  match(env, new RegExp(`^MY_SECRET=${given}$`, "m"), "the child has what it was given");
  for (const secret of [km.daemon.token, planted, jwt]) ok(!env.includes(secret), "the child's environment");
  ok(!/^KM_/m.test(env.replace(/^KM_(?:TEST|HOME=).*$/gm, "")), "nothing of km's own");

  await km.ask("POST", `/api/sessions/${id}/input`, { keys: "typed-password-99" });
  await km.ask("POST", `/api/sessions/${id}/signal`, { signal: "SIGCONT" });
  await km.ask("POST", "/api/sessions", { provider: "shell", cwd: "/nowhere", env: { MY_SECRET: given } });
  await km.ask("POST", "/api/sessions", { provider: "shell", env: { MY_SECRET: [given] } });
  await km.ask("POST", "/api/sessions", {
    provider: "shell",
    command: ["/no/such/program"],
    env: { MY_SECRET: given },
  });
  for (const path of ["", `/${id}`, `/${id}/history`, "/providers", `/search?q=done`]) {
    await km.ask("GET", `/api/sessions${path}`);
  }
  using client = await km.socket();
  await client.command({ action: "watch" });
  await client.command({ action: "attach" }, id);
  await km.ask("DELETE", `/api/sessions/${id}`);
  const { body: audit } = await km.ask("GET", `/api/audit?subject=${id}`);
  deepEqual(audit.entries.map(({ action }: { action: string }) => action).toReversed(), [
    "session.start.full_access",
    "session.input",
    "session.signal",
    "session.end",
  ]);
  equal(audit.entries[2].detail, "17 bytes of keys");
  const { body: all } = await km.ask("GET", "/api/audit");
  ok(all.entries.some(({ action }: { action: string }) => action === "token.issue"));
  const { stdout, stderr } = km.daemon.process;
  const logFile = await Deno.readTextFile(`${km.daemon.home}/daemon.log`).catch(() => "");
  const told = {
    answers: km.answers.filter((answer) => !answer.startsWith('{"token":')).join("\n"),
    messages: JSON.stringify(client.messages),
    log: stdout.lines().join("\n") + stderr.lines().join("\n") + logFile,
    listing: (await runKm(["sessions", "list", "--json"], { home: km.daemon.home })).out,
  };
  for (const [where, text] of Object.entries(told)) {
    for (const secret of [km.daemon.token, planted, given, key, jwt, "typed-password-99"]) {
      ok(!text.includes(secret), `${where}: ${secret.slice(0, 8)}…`);
    }
  }
});
