import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { findEvent } from "../../store/events.ts";
import { readStats } from "../../store/stats.ts";
import { DAY_US, NOON_US, randomFrom } from "../../store/testing.ts";
import { listedTools } from "../../store/tools.ts";
import { event, IngestApi, lastTimeUs, request, response } from "./ingest_testing.ts";

Deno.test("POST /api/events/batch stores the same id once, within a request, among requests and after a restart", async () => {
  verifies("api-ingest-idempotent");
  using api = new IngestApi();
  const [a, b] = [request(1), response(1)];
  const upper = { ...a, id: a.id.toUpperCase() };
  assert.deepEqual((await api.send([a, upper, b])).body, { accepted: 2, duplicate: 1, rejected: [] });
  assert.deepEqual((await api.send([b, a, event()])).body, { accepted: 1, duplicate: 2, rejected: [] });
  const calls = api.calls();
  api.restart();
  assert.equal((await api.send([a, b])).body.duplicate, 2);
  assert.deepEqual(api.calls(), calls);
  const stats = api.read((db) =>
    readStats(db, { sinceUs: NOON_US - DAY_US, untilUs: NOON_US + DAY_US, by: "tool" })
  );
  assert.deepEqual(stats.map(({ key, calls }) => [key, calls]), [["echo", 1]]);
});

Deno.test("POST /api/events/batch pairs answers with requests", async () => {
  verifies("api-ingest-pairs");
  using api = new IngestApi();
  const failure = { jsonrpc: "2.0", id: 3, error: { code: -32000, message: "no" } };
  const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 4 } };
  const sent = [request(1), response(1), request(2), response(2, { isError: true, content: [] })];
  sent.push(request(3), event({ kind: "error", payload: failure }), request(4));
  sent.push(
    event({ payload: cancel, direction: "client_to_server" }),
    request(5),
    response(5, {}, { durationMs: 1.5 }),
    request(6),
  );
  assert.equal((await api.send(sent)).body.accepted, sent.length);
  assert.deepEqual(
    api.calls().map(({ method, tool, outcome, durationMs }) => [method, tool, outcome, durationMs]),
    [["ok", 1], ["tool_error", 1], ["error", 1], ["cancelled", 1], ["ok", 1.5], ["open", null]].map((
      [outcome, ms],
    ) => ["tools/call", "echo", outcome, ms]),
  );
  assert.deepEqual(api.events()[1]?.tool, "echo");
});

Deno.test("POST /api/events/batch pairs what is sent newest first", async () => {
  verifies("api-ingest-pairs");
  using api = new IngestApi();
  const sent = [request(1), response(1), request(2), response(2)];
  await api.send(sent.toReversed());
  assert.deepEqual(api.calls().map(({ outcome }) => outcome), ["ok", "ok"]);
  assert.deepEqual(api.events().map(({ id }) => id), sent.map(({ id }) => id));
});

for (const restarts of [false, true]) {
  Deno.test(`POST /api/events pairs an answer that comes ${restarts ? "after a restart" : "later"}`, async () => {
    verifies("api-ingest-pairs");
    using api = new IngestApi();
    const asked = [request(1, { client: "editor" }), request(2, { rpcId: 2 })];
    await api.send(asked);
    if (restarts) api.restart();
    await api.send([response(2), request(2)]);
    const [first, second, third] = api.calls();
    assert.deepEqual([first?.outcome, second?.outcome, third?.outcome], ["open", "ok", "open"]);
    assert.equal(api.read((db) => findEvent(db, asked[1]?.id ?? "")).counterpart?.kind, "response");
    assert.equal(second?.client, "editor");
  });
}

Deno.test("POST /api/events pairs answers that come before what they answer, whatever the order, as in order", async () => {
  verifies("api-ingest-pairs");
  const random = randomFrom(7);
  const initialize = {
    jsonrpc: "2.0",
    id: 0,
    method: "initialize",
    params: { clientInfo: { name: "editor" } },
  };
  const list = { jsonrpc: "2.0", id: "list", method: "tools/list" };
  const sent = [
    event({ kind: "request", payload: initialize }),
    response(0, { serverInfo: { name: "Files" } }),
    event({ kind: "request", payload: list }),
    event({
      kind: "response",
      payload: { jsonrpc: "2.0", id: "list", result: { tools: [{ name: "echo", inputSchema: {} }] } },
    }),
  ];
  for (let n = 1; n < 200; n++) {
    const failure = { jsonrpc: "2.0", id: n, error: { code: -32000, message: "no" } };
    sent.push(
      request(n),
      n % 7 === 0
        ? event({ kind: "error", payload: failure })
        : response(n, { isError: n % 5 === 0, content: [{ type: "text", text: "x".repeat(n) }] }),
    );
  }
  const seen = async (batches: readonly (readonly unknown[])[]) => {
    using api = new IngestApi();
    for (const batch of batches) await api.send(batch);
    const calls = api.calls().map(({ client: _, ...call }) => call); // told by what came before
    const byId = new Map(api.events().map((each) => [each.id, each.durationMs]));
    return api.read((db) => ({
      calls: calls.sort((a, b) => a.id < b.id ? -1 : 1),
      durations: sent.map(({ id }) => byId.get(id)),
      counterparts: sent.map(({ id }) => findEvent(db, id).counterpart?.id),
      tools: listedTools(db).map(({ tool }) => tool),
      stats: readStats(db, { sinceUs: 0, untilUs: NOON_US * 2, by: "outcome" }),
    }));
  };
  const inOrder = await seen([sent]);
  assert.deepEqual(
    new Set(inOrder.calls.map(({ outcome }) => outcome)),
    new Set(["ok", "error", "tool_error"]),
  );
  for (const size of [1, 10, 50]) {
    const shuffled = sent.map((each) => ({ each, at: random() })).sort((a, b) => a.at - b.at).map((
      { each },
    ) => each);
    const batches = Array.from(
      { length: Math.ceil(sent.length / size) },
      (_, n) => shuffled.slice(n * size, (n + 1) * size),
    );
    assert.deepEqual(await seen(batches), inOrder, `batches of ${size}`);
  }
});

Deno.test("POST /api/events pairs no question with an answer that was given before it", async () => {
  using api = new IngestApi();
  await api.send([response(1)]);
  await api.send([request(1)]);
  assert.deepEqual(api.calls().map(({ outcome }) => outcome), ["open"]);
});

Deno.test("POST /api/events/batch keeps senders apart: an answer of another key's run ends nothing", async () => {
  using api = new IngestApi();
  await api.send([request(1), response(1, {}, { correlationId: "run-2" })]);
  assert.deepEqual(api.calls().map(({ outcome }) => outcome), ["open"]);
});

Deno.test("POST /api/events/batch learns clients, tools and ends of runs", async () => {
  verifies("api-ingest-pairs");
  using api = new IngestApi();
  const initialize = {
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: { clientInfo: { name: "editor", version: "2" } },
  };
  const list = { jsonrpc: "2.0", id: 2, method: "tools/list" };
  await api.send([
    event({ kind: "lifecycle", payload: { event: "start", command: ["node", "files.js"], pid: 7 } }),
    event({ kind: "request", payload: initialize }),
    response(1, { serverInfo: { name: "Files" } }),
    event({ kind: "request", payload: list }),
    response(2, { tools: [{ name: "echo", inputSchema: {} }] }),
    request(3),
    event({ kind: "lifecycle", payload: { event: "exit", exitCode: 0 } }),
  ]);
  assert.deepEqual(api.calls().map(({ client, outcome }) => [client, outcome]), [
    ["editor", "ok"],
    ["editor", "ok"],
    ["editor", "hung"],
  ]);
  const run = api.read((db) =>
    db.get("SELECT command, ended_us, exit_code, km_pid, km_host, server_title FROM runs")
  );
  assert.deepEqual({ ...run }, {
    command: '["node","files.js"]',
    ended_us: lastTimeUs(),
    exit_code: 0,
    km_pid: 0,
    km_host: "api:token",
    server_title: "Files",
  });
  assert.deepEqual(api.read((db) => listedTools(db).map(({ tool }) => tool)), ["echo"]);
});
