import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createClient } from "../../src/client/client.ts";
import { verifies } from "../verifies.ts";
import { until } from "./harness.ts";
import { SessionsDaemon } from "./sessions.ts";

/** Shows a prompt, as a shell: a program that is only quiet is not idle. */
const LOOP = 'echo up; while printf "$ "; read line; do echo "ran <$line>"; done';

Deno.test("a session by REST and the typed client: started, listed, typed into, resized, signalled, ended, removed", async () => {
  verifies("session-api");
  await using km = await SessionsDaemon.start();
  const { api } = createClient({ baseUrl: km.url, token: km.daemon.token });
  const started = await api.sessions.$post({
    json: { provider: "shell", command: ["/bin/sh", "-c", LOOP], cwd: km.daemon.home, name: "worker" },
  });
  equal(started.status, 201);
  const session = await started.json() as { id: string; number: number };
  const id = String(session.number);
  await km.untilScreen(id, "up");
  for (const ref of [session.id, id, "worker", session.id.slice(0, 13)]) {
    const found = await api.sessions[":id"].$get({ param: { id: ref } });
    equal((await found.json() as { id: string }).id, session.id, ref);
  }
  const typed = await api.sessions[":id"].input.$post({ param: { id }, json: { keys: "by keys\r" } });
  deepEqual(await typed.json(), { command: null });
  await km.untilScreen(id, "ran <by keys>");
  for (let time = 0; time < 2; time++) {
    const sent = await api.sessions[":id"].input.$post({
      param: { id },
      json: { command: "by command", id: "once" },
    });
    equal((await sent.json() as { command: { id: string } }).command.id, "once");
  }
  const waited = await api.sessions[":id"].wait.$get({
    param: { id },
    query: { state: "idle", timeout: "20" },
  });
  equal((await waited.json() as { state: string }).state, "idle");
  const shown = (await km.ask("GET", `/api/sessions/${id}/screen`)).body.screen as string[];
  equal(
    shown.filter((line) => line.startsWith("ran <by command>")).length,
    1,
    "the same id is the same command",
  );
  equal((await km.ask("DELETE", `/api/sessions/${id}/commands/once`)).body.cancelled, false, "it is done");

  const resized = await api.sessions[":id"].resize.$post({ param: { id }, json: { cols: 99, rows: 22 } });
  deepEqual((await resized.json() as { size: unknown }).size, { cols: 99, rows: 22 });
  equal((await km.ask("POST", `/api/sessions/${id}/resize`, { cols: 1, rows: 22 })).status, 400);
  match((await km.ask("GET", `/api/sessions/${id}/screen?format=ansi`)).body.screen, /ran <by keys>/);
  const { body: cells } = await km.ask("GET", `/api/sessions/${id}/screen?format=cells`);
  equal(typeof cells.screen, "object");
  equal((await km.ask("POST", `/api/sessions/${id}/seen`)).status, 204);

  equal((await km.ask("DELETE", `/api/sessions/${id}?remove=true`)).status, 400, "not while it runs");
  equal((await km.ask("POST", `/api/sessions/${id}/signal`, { signal: "SIGKILL" })).status, 204);
  const ended = await km.ask("GET", `/api/sessions/${id}/wait?state=exited&timeout=20`);
  deepEqual([ended.body.state, ended.body.exitSignal], ["exited", "SIGKILL"]);
  equal((await km.ask("POST", `/api/sessions/${id}/input`, { keys: "x" })).status, 409);
  equal(
    (await km.ask("POST", `/api/sessions/${id}/resume`, {})).status,
    501,
    "a shell cannot be gone on with",
  );
  equal((await km.ask("DELETE", `/api/sessions/${id}?remove=true`)).status, 204);
  const gone = await km.ask("GET", `/api/sessions/${session.id}`);
  deepEqual([gone.status, gone.body.error.code, typeof gone.body.error.hint], [404, "not_found", "string"]);
});

Deno.test("lists of sessions go on from a cursor, by state and provider", async () => {
  verifies("session-api");
  await using km = await SessionsDaemon.start();
  for (let at = 0; at < 5; at++) await km.run(["/bin/sh", "-c", "read x"]);
  await km.ask("DELETE", "/api/sessions/2");
  const numbers = async (query: string) => {
    const all: number[][] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const { status, body } = await km.ask(
        "GET",
        `/api/sessions?limit=2${query}${cursor && `&cursor=${cursor}`}`,
      );
      equal(status, 200);
      all.push(body.sessions.map(({ number }: { number: number }) => number));
      cursor = body.nextCursor;
    }
    return all.flat();
  };
  deepEqual(await numbers(""), [5, 4, 3, 2, 1]);
  deepEqual(await numbers("&state=live"), [5, 4, 3, 1]);
  await until(async () => (await numbers("&state=ended")).join() === "2", "the end to be stored");
  deepEqual(await numbers("&provider=claude"), []);
  equal((await km.ask("GET", "/api/sessions?cursor=zzz")).status, 400);
  equal((await km.ask("GET", "/api/sessions?stat=live")).status, 400, "a misspelt filter means nothing");
});

Deno.test("what is sent to a session in the wrong shape is refused with the right one", async () => {
  await using km = await SessionsDaemon.start();
  await km.run(["/bin/sh", "-c", "read x"]);
  const { status, body } = await km.ask("POST", "/api/sessions/1/input", { text: "hello" });
  equal(status, 400);
  equal(
    body.error.message,
    'Cannot read the body: it must be {"keys": "…"}, or {"command": "…", "id": "…"}',
  );
});

Deno.test("the history of a session goes on from cursors that an answer gave, and from nothing else", async () => {
  await using km = await SessionsDaemon.start();
  await km.run(["/bin/sh", "-c", "read x"]);
  for (const id of ["a", "b", "c"]) await km.ask("POST", "/api/sessions/1/input", { command: "x", id });
  const page = async (query: string) => await km.ask("GET", `/api/sessions/1/history?${query}`);
  const first = await page("kind=commands&limit=2");
  const second = await page(`kind=commands&limit=2&cursor=${first.body.nextCursor}`);
  deepEqual(
    [first, second].map(({ body }) => body.commands.map(({ id }: { id: string }) => id)),
    [["c", "b"], ["a"]],
  );
  for (
    const query of ["cursor=zzz", "kind=commands&cursor=zzz", "kind=states&cursor=a", "kind=output&cursor=a"]
  ) {
    const { status, body } = await page(query);
    deepEqual([status, /^Cannot go on from /.test(body.error?.message)], [400, true], query);
  }
});

Deno.test("who may only look at sessions takes from nobody that a session was not seen", async () => {
  await using km = await SessionsDaemon.start();
  await km.run(["/bin/sh", "-c", "exit 3"]);
  await km.ask("GET", "/api/sessions/1/wait?state=exited");
  const seen = async () => (await km.ask("GET", "/api/sessions/1")).body.seen;
  const mark = async (scope: string) =>
    (await km.ask("POST", "/api/sessions/1/seen", undefined, await km.key(scope, scope))).status;
  deepEqual([await mark("read"), await seen()], [403, false]);
  deepEqual([await mark("sessions"), await seen()], [204, true]);
});

Deno.test("the past of a session: states, commands, output, as an asciicast, and searched", async () => {
  verifies("session-api-history", "session-search", "session-asciicast");
  await using km = await SessionsDaemon.start();
  const script = 'for i in $(seq 1 20000); do echo "line $i of the needle-log é"; done; echo over; exit 3';
  const { id } = await km.run(["/bin/sh", "-c", script]);
  await km.ask("GET", `/api/sessions/${id}/wait?state=exited&timeout=60`);
  await until(async () => {
    const { body } = await km.ask("GET", `/api/sessions/${id}/history`);
    return body.states.at(-1)?.state === "exited" && body.range.endSeq > 500_000;
  }, "what is stored to be whole");
  const { body: history } = await km.ask("GET", `/api/sessions/${id}/history`);
  equal(history.states[0].state, "starting");
  deepEqual([history.commands, history.output], [[], []]);

  const parts: number[] = [];
  let pages = 0, next = 0;
  for (let cursor: string | null = ""; cursor !== null; pages++) {
    const { body } = await km.ask(
      "GET",
      `/api/sessions/${id}/history?kind=output${cursor && `&cursor=${cursor}`}`,
    );
    for (const entry of body.output) {
      if (entry.kind !== "output") continue;
      equal(entry.seq, next, "without a gap, nothing twice");
      const bytes = Uint8Array.fromBase64(entry.base64);
      next += bytes.length;
      for (const byte of bytes) parts.push(byte);
    }
    cursor = body.nextCursor;
  }
  ok(pages > 1, "page by page");
  const written = new TextDecoder().decode(Uint8Array.from(parts));
  const expected =
    Array.from({ length: 20_000 }, (_, at) => `line ${at + 1} of the needle-log é\r\n`).join("") + "over\r\n";
  equal(written === expected, true, "all of it");

  for (const version of [3, 2]) {
    const answer = await km.daemon.get(`/api/sessions/${id}/recording?version=${version}`);
    equal(answer.headers.get("Content-Type"), "application/x-asciicast");
    const [header, ...events] = (await answer.text()).trimEnd().split("\n").map((line) => JSON.parse(line));
    equal(header.version, version);
    const text = events.filter(([, code]) => code === "o").map(([, , data]) => data).join("");
    equal(text === expected, true, `version ${version}: all of it, with no character cut`);
    if (version === 3) deepEqual(events.at(-1).slice(1), ["x", "3"]);
    else ok(events.every(([time], at) => at === 0 || time >= events[at - 1][0]), "times go up");
  }

  const { body: found } = await km.ask("GET", "/api/sessions/search?q=NEEDLE-log&limit=3");
  equal(found.hits.length, 3);
  match(found.hits[0].line, /^line 20000 /);
  const { body: second } = await km.ask(
    "GET",
    `/api/sessions/search?q=needle-log&limit=3&cursor=${found.nextCursor}`,
  );
  match(second.hits[0].line, /^line 19997 /);
  equal((await km.ask("GET", "/api/sessions/search?q=")).status, 400);
  deepEqual((await km.ask("GET", "/api/sessions/search?q=not-there-at-all")).body.hits, []);
});

Deno.test("providers say what is installed and what they can", async () => {
  verifies("session-api");
  await using km = await SessionsDaemon.start({ env: { PATH: "/nowhere", SHELL: "/bin/sh" } });
  const { body } = await km.ask("GET", "/api/sessions/providers?probe=true");
  const shell = body.providers.find(({ name }: { name: string }) => name === "shell");
  ok(shell.path.startsWith("/"));
  deepEqual([shell.fullAccess, shell.structured], [false, false]);
  const claude = body.providers.find(({ name }: { name: string }) => name === "claude");
  deepEqual([claude.path, claude.fullAccess, claude.structured, claude.auth], [null, true, true, null]);
});

Deno.test("limits: what is too long or too many is refused, and says so", async (t) => {
  verifies("session-limits");
  await using km = await SessionsDaemon.start();
  const { number } = await km.run(["/bin/sh", "-c", "read x; read x"]);
  const input = (body: object) => km.ask("POST", `/api/sessions/${number}/input`, body);
  await t.step("a command of 256 Ki characters, however it is escaped", async () => {
    equal((await input({ command: "\u0001".repeat(256 * 1024), id: "long" })).status, 202);
    equal((await input({ command: "x".repeat(256 * 1024 + 1) })).status, 400);
    equal((await input({ command: "x".repeat(3 * 1024 * 1024) })).status, 413);
    const nobody = await km.ask(
      "POST",
      `/api/sessions/${number}/input`,
      { command: "x".repeat(100_000) },
      "wrong",
    );
    equal(nobody.status, 413, "of nobody, only a little is read");
    equal((await input({ command: "x", id: "with blanks" })).status, 400);
  });
  await t.step("sessions", async () => {
    await km.ask("PUT", "/api/settings/sessions.maxPerUser", { value: "1" });
    const { status, body } = await km.ask("POST", "/api/sessions", { provider: "shell", cwd: "/" });
    deepEqual([status, body.error.code], [429, "busy"]);
    match(body.error.hint, /sessions\.maxPerUser/);
  });
});
