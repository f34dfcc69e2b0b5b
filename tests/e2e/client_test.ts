/** The typed client, and the commands that read through it: what they print does not depend on whom they ask. @module */
import assert from "node:assert/strict";
import { answerChallenge } from "../../src/auth/home_proof.ts";
import { loadToken } from "../../src/auth/secret_token.ts";
import { createClient } from "../../src/client/client.ts";
import { EXIT_CODES } from "../../src/core/error.ts";
import { writeDaemonFile } from "../../src/daemon/daemon_file.ts";
import { thisProcess } from "../../src/store/process_mark.ts";
import { testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { type Ended, ROOT, runKm, Running, TempFolder, until } from "./harness.ts";

/** A home with what `km demo` records, made once. */
class DemoHome extends TempFolder {
  static async record(): Promise<DemoHome> {
    const home = new DemoHome();
    const { code, err } = await runKm(["demo", "--home", home.path], { home: home.path });
    assert.equal(code, 0, err);
    return home;
  }
}

/** Requests that a daemon has answered, by route. */
async function answered(daemon: RunningDaemon): Promise<Map<string, number>> {
  const text = await (await daemon.get("/metrics")).text();
  const counts = new Map<string, number>();
  for (
    const [, route = "", count] of text.matchAll(/^km_http_requests_total\{.*?route="([^"]+)".*\} (\d+)/gm)
  ) {
    counts.set(route, (counts.get(route) ?? 0) + Number(count));
  }
  return counts;
}

const said = ({ code, out, err }: Ended) => ({ code, out, err });

/** [command line, the route that answers it; null: it is refused before anybody is asked]. `<id>` is that of the third event, `<start>` how the first two begin. */
const COMMANDS: readonly (readonly [string, string | null])[] = [
  ["events", "/api/activity"],
  ["events --json", "/api/activity"],
  ["events --limit 3", "/api/activity"],
  ["events --limit 0", null],
  ["events --limit 5000 --json", "/api/activity"],
  ["events --kind request --direction client_to_server", "/api/activity"],
  ["events --kind nope", null],
  ["events --tool echo --json", "/api/activity"],
  ["events --search fox --json", "/api/activity"],
  ["events --search xzxzxz", "/api/activity"],
  ["events --since 2026-01-01 --until 2026-01-02", "/api/activity"],
  ["events --since 2026-01-02 --until 2026-01-01", null],
  ["events --since 1h --json", "/api/activity"],
  ["events --server nobody", "/api/server-names"],
  ["events --server dem", "/api/server-names"],
  ["events --correlation none --json", "/api/activity"],
  ["calls", "/api/calls"],
  ["calls --json", "/api/calls"],
  ["calls --outcome error", "/api/calls"],
  ["calls --outcome tool_error --json", "/api/calls"],
  ["calls --method tools/call --limit 1", "/api/calls"],
  ["calls --server nobody", "/api/server-names"],
  ["show <id>", "/api/events/:id"],
  ["show <id> --json", "/api/events/:id"],
  ["show <start>", "/api/events/:id"],
  ["show 00000000", "/api/events/:id"],
  ["show ../health", null],
  ["stats --since 2026-01-01 --until 2099-01-01 --json", "/api/stats"],
  ["stats --since 2026-01-01 --until 2099-01-01 --by server --json", "/api/stats"],
  ["stats --since 2026-01-01 --until 2099-01-01 --by day", "/api/stats"],
  ["stats --since 2026-01-01 --until 2026-01-02", "/api/stats"],
  ["stats --since 2026-01-01 --until 2099-01-01 --server nobody --json", "/api/stats"],
];

/** The narrow width leaves out the column that says how long ago. */
const WIDTHS = ["70", "160"];

Deno.test("km events, calls, show and stats print the same with a daemon and without", async (test) => {
  verifies("client-cli-same-output");
  using home = await DemoHome.record();
  const ids = (await runKm(["events", "--json"], { home: home.path })).out.trim().split("\n")
    .map((line) => (JSON.parse(line) as { id: string }).id);
  const [first = "", second = "", third = ""] = ids;
  let shared = 0;
  while (first[shared] === second[shared]) shared++;
  const commands = COMMANDS.flatMap(([line, route]) => {
    const words = line.replace("<id>", third).replace("<start>", first.slice(0, shared)).split(" ");
    const widths = ["events", "calls"].includes(line) ? WIDTHS : WIDTHS.slice(0, 1);
    return widths.map((columns) => ({
      words,
      route,
      options: { home: home.path, env: { COLUMNS: columns } },
    }));
  });
  const direct: Ended[] = [];
  for (const { words, options } of commands) direct.push(await runKm(words, options));

  await using daemon = await RunningDaemon.start([], { home: home.path });
  for (const [index, { words, route, options }] of commands.entries()) {
    await test.step(`km ${words.join(" ")} (${options.env.COLUMNS} columns)`, async () => {
      const before = await answered(daemon);
      const through = await runKm(words, options);
      const after = await answered(daemon);
      assert.deepEqual(said(through), said(direct[index] as Ended)); // as: one for each
      if (route !== null) {
        assert.equal(
          (after.get(route) ?? 0) > (before.get(route) ?? 0),
          true,
          `the daemon was asked for ${route}`,
        );
      }
    });
  }
});

Deno.test("km events in an empty home prints the same with a daemon and without", async () => {
  verifies("client-cli-same-output");
  await using daemon = await RunningDaemon.start();
  const at = { home: daemon.home };
  for (
    const words of [["events"], ["calls"], ["events", "--json"], ["events", "--server", "x"], ["show", "0"]]
  ) {
    const through = await runKm(words, at);
    Deno.renameSync(`${daemon.home}/daemon.json`, `${daemon.home}/away.json`);
    const direct = await runKm(words, at);
    Deno.renameSync(`${daemon.home}/away.json`, `${daemon.home}/daemon.json`);
    assert.deepEqual(said(through), said(direct), words.join(" "));
  }
});

testUnless(unlessOs("linux", "darwin"), "a daemon that hangs is not waited for", async () => {
  verifies("client-cli-same-output");
  using home = await DemoHome.record();
  const direct = await runKm(["events"], { home: home.path });
  await using daemon = await RunningDaemon.start([], { home: home.path });
  daemon.process.kill("SIGSTOP");
  try {
    assert.deepEqual(said(await runKm(["events"], { home: home.path })), said(direct));
  } finally {
    daemon.process.kill("SIGCONT");
  }
});

Deno.test("something else at the daemon's address is not believed, and does not get the token", async () => {
  verifies("client-cli-same-output");
  using home = await DemoHome.record();
  const direct = await runKm(["events", "--json"], { home: home.path });
  {
    await using daemon = await RunningDaemon.start([], { home: home.path });
    assert.ok(daemon.token);
    daemon.process.kill("SIGKILL");
    await daemon.process.exit();
  }
  let asked = 0;
  let tokens = 0;
  const other = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    asked++;
    if (request.headers.has("Authorization")) tokens++;
    // It may well say that it is km.
    return Response.json({ status: "ok", version: "0.1.0", uptimeMs: 1 }, {
      headers: { "Km-Proof": "0".repeat(64) },
    });
  });
  try {
    const record = JSON.parse(Deno.readTextFileSync(`${home.path}/daemon.json`));
    writeDaemonFile(`${home.path}/daemon.json`, {
      ...record,
      urls: [`http://127.0.0.1:${other.addr.port}`],
      process: thisProcess(), // one that runs: as of another container, of which nobody can say that it has ended
    });
    assert.deepEqual(said(await runKm(["events", "--json"], { home: home.path })), said(direct));
    assert.ok(asked > 0, "it was asked who it is");
    const opened = await runKm(["open", "--print"], { home: home.path });
    assert.deepEqual([opened.code, opened.out], [EXIT_CODES.store_unavailable, ""]);
    assert.match(opened.err, /does not know the token of this home/);
    assert.equal(tokens, 0);
  } finally {
    await other.shutdown();
  }
});

Deno.test("an answer of a shape that this km does not know is as none: the database is asked", async () => {
  verifies("client-cli-same-output");
  using home = await DemoHome.record();
  const at = { home: home.path, env: { COLUMNS: "70" } };
  const [first] = (await runKm(["events", "--json", "--limit", "1"], at)).out.split("\n");
  const { id } = JSON.parse(first ?? "");
  const range = ["--since", "2026-01-01", "--until", "2099-01-01"];
  const commands = [["events"], ["events", "--json"], ["calls"], ["show", id], ["stats", ...range]];
  const direct = await Promise.all(commands.map((words) => runKm(words, at)));
  let answer = "";
  let asked = 0;
  // A later km of this home: it knows the token.
  const token = loadToken(`${home.path}/token`);
  const other = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ({ url, headers }) => {
    if (url.endsWith("/health")) {
      const proof = answerChallenge(token, headers.get("Km-Challenge") ?? "") ?? "";
      return Response.json({ status: "ok" }, { headers: { "Km-Proof": proof } });
    }
    asked++;
    return new Response(answer);
  });
  const urls = [`http://127.0.0.1:${other.addr.port}`];
  writeDaemonFile(`${home.path}/daemon.json`, {
    pid: Deno.pid,
    version: "99.0.0",
    startedAt: "2026-11-21T12:00:00.000000Z",
    urls,
    ports: [other.addr.port],
    process: thisProcess(),
  });
  try {
    for (answer of ["<html>", "null", "[]", '{"data":[]}', '{"event":{},"id":1,"rows":{},"totals":[]}']) {
      for (const [index, words] of commands.entries()) {
        const before = asked;
        const expected = direct[index];
        assert.ok(expected);
        assert.deepEqual(said(await runKm(words, at)), said(expected), `${words.join(" ")}: ${answer}`);
        assert.ok(asked > before, "it was asked");
      }
    }
  } finally {
    await other.shutdown();
  }
});

/** One run of the sample server: a client's messages through a real km monitor. */
async function record(home: string): Promise<void> {
  const { code, err } = await runKm(["demo", "--home", home], { home });
  assert.equal(code, 0, err);
}

Deno.test("km events --follow goes on through the daemon, and without it when it stops: nothing lost, nothing twice", async () => {
  verifies("client-cli-same-output");
  using home = await DemoHome.record();
  await using daemon = await RunningDaemon.start([], { home: home.path });
  const at = { home: home.path };
  await using json = new Running(["events", "--follow", "--json", "--limit", "5"], at);
  await using table = new Running(["events", "--follow", "--limit", "5"], at);
  await json.stdout.lineCount(5);
  await table.stdout.lineCount(6);
  await until(async () => (await answered(daemon)).get("/api/stream") === 2, "both follow the daemon");
  const all = async () => (await runKm(["events", "--json", "--limit", "5000"], at)).out.trim().split("\n");
  const old = (await all()).length;

  await record(home.path);
  const middle = await all();
  await json.stdout.lineCount(5 + middle.length - old);
  await table.stdout.lineCount(6 + middle.length - old);

  daemon.process.kill("SIGTERM");
  await daemon.process.exit();
  await record(home.path);
  const end = await all();
  const lines = await json.stdout.lineCount(5 + end.length - old);
  assert.deepEqual(lines.toSorted(), end.slice(old - 5).toSorted());
  assert.equal((await table.stdout.lineCount(6 + end.length - old)).length, 6 + end.length - old);
});

Deno.test("what km monitor records is in the daemon's next answer", async () => {
  verifies("serve-sees-monitors");
  await using daemon = await RunningDaemon.start();
  const events = async () =>
    (await (await daemon.get("/api/activity?limit=1000")).json()).events as unknown[];
  assert.deepEqual(await events(), []);
  await using monitor = new Running([
    "monitor",
    "--name",
    "echo",
    "--",
    Deno.execPath(),
    "run",
    "-A",
    `${ROOT}tests/fakes/fake_server.ts`,
  ], {
    home: daemon.home,
  });
  await monitor.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
  await until(
    async () => (await events()).length > 0,
    "an event in the daemon's answer while the monitor runs",
  );
});

Deno.test("createClient() knows the API's own types", async () => {
  verifies("client-typed");
  await using daemon = await RunningDaemon.start();
  const client = createClient({ baseUrl: daemon.url, token: daemon.token });
  const health = await (await client.health.$get()).json();
  const status: "ok" = health.status; // compiles only while the type is the schema's
  assert.equal(status, "ok");
  const activity = await (await client.api.activity.$get({ query: { limit: "1" } })).json();
  assert.deepEqual("events" in activity && activity.events, []);
  // @ts-expect-error there is no such kind of event
  const refused = await client.api.activity.$get({ query: { kind: "nope" } });
  assert.equal(refused.status, 400);
  await refused.body?.cancel();
  // @ts-expect-error there is no such route
  assert.equal(typeof client.api.nothing, "function");
});

Deno.test("createClient() without credentials is told so, with a code and a hint", async () => {
  verifies("client-typed");
  await using daemon = await RunningDaemon.start();
  const response = await createClient({ baseUrl: daemon.url }).api.calls.$get({ query: {} });
  const { error } = JSON.parse(await response.text());
  assert.deepEqual([response.status, error.code, typeof error.hint], [401, "unauthenticated", "string"]);
});
