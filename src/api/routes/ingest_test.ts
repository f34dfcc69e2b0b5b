import assert from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { verifies } from "../../../tests/verifies.ts";
import { formatTimeUs } from "../../core/clock.ts";
import type { Call, Event } from "../../core/event.ts";
import { IdMaker } from "../../core/id.ts";
import { createRedactor } from "../../core/redact.ts";
import { writeGroup } from "../../recorder/ingest/group_writer.ts";
import { Ingester } from "../../recorder/ingest/ingester.ts";
import type { IngestLimits } from "../../recorder/ingest/read_body.ts";
import { StoreSink } from "../../recorder/store_sink.ts";
import { listCalls } from "../../store/calls.ts";
import { openDatabase } from "../../store/database.ts";
import { eventJson } from "../../store/event_json.ts";
import { findEvent, listEvents } from "../../store/events.ts";
import { readStats } from "../../store/stats.ts";
import { checkIntegrity } from "../../store/summary.ts";
import { DAY_US, NOON_US, randomFrom, TempFolder } from "../../store/testing.ts";
import { listedTools } from "../../store/tools.ts";
import type { ApiDeps, Ingest } from "../deps.ts";
import { errorResponse } from "../errors.ts";
import { createRouter } from "../router.ts";
import { ingestRoutes, SentEventSchema } from "./ingest.ts";

const LIMITS: IngestLimits = {
  maxBodyBytes: 1024 * 1024,
  maxInflatedBytes: 2 * 1024 * 1024,
  maxEvents: 1000,
  maxStoredBytes: 4096,
};
const JSON_TYPE = { "Content-Type": "application/json" };
const LINES_TYPE = { "Content-Type": "application/x-ndjson" };
const SECRET = "ghp_012345678901234567890123456789abcdef";

interface Answer {
  readonly status: number;
  readonly body: {
    readonly accepted: number;
    readonly duplicate: number;
    readonly rejected: { index: number; id: string | null; field: string | null; reason: string }[];
    readonly error?: { readonly code: string; readonly message: string; readonly field?: string };
  };
}

/** The routes with a real writer on a store of their own. */
class TestApi implements Disposable {
  readonly #folder = new TempFolder();
  readonly #router = createRouter();
  #sink!: StoreSink;
  #ingester!: Ingester;

  constructor(limits: Partial<IngestLimits> = {}) {
    this.restart(limits);
    const ingest: Ingest = {
      limits: { ...LIMITS, ...limits },
      take: (body) => {
        const [answer] = writeGroup(this.#ingester, [{ ...body, deadlineMs: 0 }], () => 0);
        assert(answer);
        return Promise.resolve(answer);
      },
    };
    this.#router.onError((error) => errorResponse(error));
    this.#router.use("*", async (context, next) => {
      context.set("identity", { name: "laptop", via: "key", scopes: ["ingest"] });
      await next();
    });
    this.#router.route("/", ingestRoutes({ ingest } as ApiDeps)); // as: the routes read nothing else
  }

  /** What a new daemon remembers: nothing. */
  restart(limits: Partial<IngestLimits> = {}): void {
    this.#sink?.close();
    this.#sink = new StoreSink(this.#folder.databasePath, { days: 0, maxBytes: null }, () => NOON_US);
    this.#ingester = new Ingester({
      sink: this.#sink,
      redactor: createRedactor(),
      limits: { ...LIMITS, ...limits },
      clock: { nowUs: () => NOON_US },
    });
  }

  async post(path: string, body: string | Uint8Array, headers: Record<string, string>): Promise<Answer> {
    const response = await this.#router.request(path, {
      method: "POST",
      headers,
      body: typeof body === "string" ? body : new Uint8Array(body),
    });
    return { status: response.status, body: await response.json() };
  }

  send(events: readonly unknown[], batch: Record<string, unknown> = {}): Promise<Answer> {
    return this.post("/api/events/batch", JSON.stringify({ events, ...batch }), JSON_TYPE);
  }

  sendLines(lines: readonly string[]): Promise<Answer> {
    return this.post("/api/events/batch", lines.join("\n"), LINES_TYPE);
  }

  read<T>(work: (db: ReturnType<typeof openDatabase>) => T): T {
    using db = openDatabase(this.#folder.databasePath, { mode: "write" });
    return work(db);
  }

  events(): Event[] {
    return this.read((db) => listEvents(db, {}, 100_000)).reverse();
  }

  calls(): Call[] {
    return this.read((db) => listCalls(db, {}, 100_000)).reverse();
  }

  [Symbol.dispose](): void {
    this.#sink.close();
    this.#folder[Symbol.dispose]();
  }
}

const ids = new IdMaker();
let clock = NOON_US;

function event(changes: Record<string, unknown> = {}): Record<string, unknown> & { id: string } {
  const timeUs = clock += 1000;
  return {
    id: ids.next(timeUs),
    time: formatTimeUs(timeUs),
    correlationId: "run-1",
    server: "files",
    kind: "notification",
    payload: { jsonrpc: "2.0", method: "notifications/initialized" },
    ...changes,
  };
}

function request(rpcId: number, changes: Record<string, unknown> = {}) {
  const payload = { jsonrpc: "2.0", id: rpcId, method: "tools/call", params: { name: "echo" } };
  return event({ kind: "request", payload, ...changes });
}

function response(rpcId: number, result: unknown = { content: [] }, changes: Record<string, unknown> = {}) {
  return event({ kind: "response", payload: { jsonrpc: "2.0", id: rpcId, result }, ...changes });
}

const CASES:
  readonly (readonly [what: string, changes: Record<string, unknown>, wrongField: string | null])[] = [
    ["what is required alone", {}, null],
    [
      "nothing said in nulls",
      { direction: null, method: null, tool: null, rpcId: null, sizeBytes: null },
      null,
    ],
    ["nulls", { truncated: null, durationMs: null, payload: null, client: null }, null],
    ["everything", { direction: "server_to_client", method: "m", tool: "t", rpcId: "1", sizeBytes: 3 }, null],
    ["an unknown member", { flavour: "sweet" }, null],
    ["an id in capitals", { id: "019AC1C2-3A5B-7000-8000-00000000000A" }, null],
    ["an id of version 4", { id: "0e9f3bb5-04a6-4a1e-9d5e-3b6fd1f9a001" }, null],
    ["an offset", { time: "2026-11-21T12:00:00+02:00" }, null],
    ["a rpcId of 0", { rpcId: 0 }, null],
    ["a server of one character", { server: "s" }, null],
    ["no id", { id: undefined }, "id"],
    ["an id that is no UUID", { id: "abc" }, "id"],
    ["an id with braces", { id: "{019ac1c2-3a5b-7000-8000-000000000001}" }, "id"],
    ["no time", { time: undefined }, "time"],
    ["a time without a zone", { time: "2026-11-21T12:00:00" }, "time"],
    ["a day that is none", { time: "2026-02-31T12:00:00Z" }, "time"],
    ["an hour that is none", { time: "2026-02-11T25:00:00Z" }, "time"],
    ["a time before 1970", { time: "1969-12-31T23:59:59Z" }, "time"],
    ["a time too far away", { time: "9999-01-01T00:00:00Z" }, "time"],
    ["a time as a number", { time: 5 }, "time"],
    ["no server", { server: undefined }, "server"],
    ["an empty server", { server: "" }, "server"],
    ["a long server", { server: "s".repeat(257) }, "server"],
    ["NUL in a name", { server: "a\0b" }, "server"],
    ["half of a character", { method: "\ud800" }, "method"],
    ["an unknown kind", { kind: "poem" }, "kind"],
    ["no kind", { kind: undefined }, "kind"],
    ["a direction that is none", { direction: "up" }, "direction"],
    ["an object as rpcId", { rpcId: {} }, "rpcId"],
    ["a long rpcId", { rpcId: "1".repeat(1025) }, "rpcId"],
    ["a negative size", { sizeBytes: -1 }, "sizeBytes"],
    ["half a byte", { sizeBytes: 0.5 }, "sizeBytes"],
    ["a message of 1 TiB", { sizeBytes: 1024 ** 4 }, null],
    ["more than a message may have", { sizeBytes: 1024 ** 4 + 1 }, "sizeBytes"],
    ["truncated as text", { truncated: "yes" }, "truncated"],
    ["a negative duration", { durationMs: -1 }, "durationMs"],
    ["a duration of ages", { durationMs: 1e13 }, "durationMs"],
    ["a client that is no text", { client: 7 }, "client"],
    ["an empty correlationId", { correlationId: "" }, "correlationId"],
  ];

for (const [what, changes, wrongField] of CASES) {
  Deno.test(`POST /api/events and its schema ${wrongField === null ? "take" : "refuse"} ${what}`, async () => {
    verifies("api-ingest-one", "api-errors");
    using api = new TestApi();
    const sent = event(changes);
    const { status, body } = await api.post("/api/events", JSON.stringify(sent), JSON_TYPE);
    const checked = SentEventSchema.safeParse(JSON.parse(JSON.stringify(sent)));
    assert.equal(checked.success, wrongField === null, JSON.stringify(checked.error?.issues));
    if (wrongField === null) {
      assert.deepEqual([status, body], [202, { accepted: 1, duplicate: 0, rejected: [] }]);
      assert.equal(api.events()[0]?.id, String(sent.id).toLowerCase());
    } else {
      assert.deepEqual([status, body.error?.field], [400, wrongField]);
      assert.equal(checked.error?.issues[0]?.path[0], wrongField);
    }
  });
}

Deno.test("POST /api/events/batch tells each rejected event with its reason and stores the others", async () => {
  verifies("api-ingest-batch", "api-ingest-whole");
  using api = new TestApi();
  const wrong = event({ kind: "poem" });
  const { status, body } = await api.send([event(), wrong, 5, event(), event({ server: 1 })]);
  assert.equal(status, 202);
  assert.equal(body.accepted, 2);
  assert.deepEqual(body.rejected.map(({ index, id, field }) => [index, id, field]), [
    [1, wrong.id, "kind"],
    [2, null, null],
    [4, body.rejected[2]?.id, "server"],
  ]);
  assert.match(body.rejected[0]?.reason ?? "", /^must be one of request, /);
  assert.equal(api.events().length, 2);
});

Deno.test("POST /api/events/batch gives a batch's correlationId to events that have none", async () => {
  using api = new TestApi();
  const bare = event({ correlationId: undefined });
  assert.equal((await api.send([bare])).body.rejected[0]?.field, "correlationId");
  assert.equal((await api.send([bare, event()], { correlationId: "batch-1" })).body.accepted, 2);
  assert.deepEqual(api.events().map(({ correlationId }) => correlationId), ["batch-1", "run-1"]);
});

Deno.test("POST /api/events/batch takes NDJSON, where a broken line stands alone", async () => {
  verifies("api-ingest-batch");
  using api = new TestApi();
  const lines = [JSON.stringify(event()), '{"id":', "", `  ${JSON.stringify(event())}\r`, "[]"];
  const { status, body } = await api.sendLines(lines);
  assert.deepEqual([status, body.accepted], [202, 2]);
  assert.deepEqual(body.rejected.map(({ index, reason }) => [index, reason]), [
    [1, "is not valid JSON in UTF-8"],
    [3, "must be an object"],
  ]);
});

for (
  const [what, body, field] of [
    ["broken JSON", '{"events":[', "body"],
    ["an array", "[]", "body"],
    ["no events", "{}", "events"],
    ["a version that is no text", '{"events":[],"cliVersion":1}', "cliVersion"],
    ["a time that is none", '{"events":[],"batchTimestamp":"now"}', "batchTimestamp"],
    ["bytes that are no UTF-8", new Uint8Array([0x7b, 0xff, 0x7d]), "body"],
  ] as const
) {
  Deno.test(`POST /api/events/batch refuses ${what} with 400 and names the field`, async () => {
    using api = new TestApi();
    const answer = await api.post("/api/events/batch", body, JSON_TYPE);
    assert.deepEqual([answer.status, answer.body.error?.field], [400, field]);
  });
}

const COMPRESS = { gzip: gzipSync, zstd: zstdCompressSync } as const;
for (const [encoding, compress] of Object.entries(COMPRESS)) {
  const headers = { ...JSON_TYPE, "Content-Encoding": encoding };

  Deno.test(`POST /api/events/batch reads ${encoding}`, async () => {
    verifies("api-ingest-batch");
    using api = new TestApi();
    const body = compress(JSON.stringify({ events: [event(), event()] }));
    assert.equal((await api.post("/api/events/batch", body, headers)).body.accepted, 2);
  });

  Deno.test(`POST /api/events/batch reads ${encoding} in several parts`, async () => {
    using api = new TestApi();
    const [a, b] = [compress(JSON.stringify(event()) + "\n"), compress(JSON.stringify(event()) + "\n")];
    const body = new Uint8Array([...a, ...b]);
    const answer = await api.post("/api/events/batch", body, { ...LINES_TYPE, "Content-Encoding": encoding });
    assert.equal(answer.body.accepted, 2);
  });

  Deno.test(`POST /api/events/batch answers a bomb of ${encoding} with 413`, async () => {
    verifies("api-limits");
    using api = new TestApi();
    const bomb = compress(new Uint8Array(200 * 1024 * 1024));
    assert(bomb.length < LIMITS.maxBodyBytes);
    assert.equal((await api.post("/api/events/batch", bomb, headers)).status, 413);
  });

  Deno.test(`POST /api/events/batch refuses ${encoding} that is cut off, also at the end of a line`, async () => {
    verifies("api-ingest-whole");
    using api = new TestApi();
    const lines = Array.from({ length: 300 }, () => JSON.stringify(event()) + "\n").join("");
    const body = compress(lines);
    for (const end of [body.length - 1, body.length - 5, body.length >> 1, 3]) {
      const cut = body.subarray(0, end);
      const answer = await api.post("/api/events/batch", cut, {
        ...LINES_TYPE,
        "Content-Encoding": encoding,
      });
      assert.equal(answer.status, 400, `${end} of ${body.length}`);
    }
  });
}

Deno.test("POST /api/events/batch refuses what it cannot read: types, encodings, sizes, counts", async () => {
  verifies("api-limits", "guard-content-type");
  using api = new TestApi();
  const status = async (body: string, headers: Record<string, string>) =>
    (await api.post("/api/events/batch", body, headers)).status;
  assert.equal(await status("{}", { "Content-Type": "text/plain" }), 415);
  assert.equal(await status("{}", { ...JSON_TYPE, "Content-Encoding": "br" }), 415);
  assert.equal(await status(" ".repeat(LIMITS.maxBodyBytes + 1), JSON_TYPE), 413);
  assert.equal(await status(`{"events":[${Array(1001).fill("1")}]}`, JSON_TYPE), 413);
  assert.equal((await api.post("/api/events", "{}", LINES_TYPE)).status, 415);
});

Deno.test("POST /api/events/batch stores the same id once, within a request, among requests and after a restart", async () => {
  verifies("api-ingest-idempotent");
  using api = new TestApi();
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
  using api = new TestApi();
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
  using api = new TestApi();
  const sent = [request(1), response(1), request(2), response(2)];
  await api.send(sent.toReversed());
  assert.deepEqual(api.calls().map(({ outcome }) => outcome), ["ok", "ok"]);
  assert.deepEqual(api.events().map(({ id }) => id), sent.map(({ id }) => id));
});

Deno.test("POST /api/events/batch rejects times more than 24 hours ahead: they would outlive every retention", async () => {
  using api = new TestApi();
  const time = (aheadUs: number) => ({ time: formatTimeUs(NOON_US + aheadUs) });
  const { body } = await api.send([
    event(time(DAY_US)),
    event(time(DAY_US + 1)),
    event({ time: "2199-12-31T23:59:59Z" }),
  ]);
  assert.equal(body.accepted, 1);
  assert.deepEqual(body.rejected.map(({ index, field }) => [index, field]), [[1, "time"], [2, "time"]]);
});

for (const restarts of [false, true]) {
  Deno.test(`POST /api/events pairs an answer that comes ${restarts ? "after a restart" : "later"}`, async () => {
    verifies("api-ingest-pairs");
    using api = new TestApi();
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
    using api = new TestApi();
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
  using api = new TestApi();
  await api.send([response(1)]);
  await api.send([request(1)]);
  assert.deepEqual(api.calls().map(({ outcome }) => outcome), ["open"]);
});

Deno.test("POST /api/events/batch keeps senders apart: an answer of another key's run ends nothing", async () => {
  using api = new TestApi();
  await api.send([request(1), response(1, {}, { correlationId: "run-2" })]);
  assert.deepEqual(api.calls().map(({ outcome }) => outcome), ["open"]);
});

Deno.test("POST /api/events/batch learns clients, tools and ends of runs", async () => {
  verifies("api-ingest-pairs");
  using api = new TestApi();
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
    ended_us: clock,
    exit_code: 0,
    km_pid: 0,
    km_host: "api:laptop",
    server_title: "Files",
  });
  assert.deepEqual(api.read((db) => listedTools(db).map(({ tool }) => tool)), ["echo"]);
});

Deno.test("POST /api/events/batch keeps payloads as they came", async () => {
  verifies("api-ingest-batch");
  using api = new TestApi();
  const payloads = [
    '{"b":1.0,"a":12345678901234567890,"a":1e2}',
    '{"payload":{"id":1},"events":[{"payload":2}]}',
    "[1, 2,3]",
    "-0.0",
    '"text \\u00e9"',
    '{"base64":"AP8="}',
    "true",
  ];
  const texts = payloads.map((payload, i) => {
    const { payload: _, ...rest } = event({ kind: "invalid", rpcId: i });
    return `{ "pay\\u006coad" : 0, "payload" : ${payload} , ${JSON.stringify(rest).slice(1)}`;
  });
  const body = `\ufeff{"events":[{"payload":1}], "correlationId":"c", "events" :\n[ ${
    texts.join(" ,\n")
  } ] }`;
  const { body: result } = await api.post("/api/events/batch", body, JSON_TYPE);
  assert.deepEqual(result, { accepted: payloads.length, duplicate: 0, rejected: [] });
  assert.equal((await api.sendLines(texts)).body.duplicate, payloads.length);
  const stored = api.events().map((each) => /"payload":(.*)}$/.exec(eventJson(each))?.[1]);
  assert.deepEqual(stored, payloads.map((payload) => payload.startsWith('"') ? '"text é"' : payload));
});

Deno.test("POST /api/events keeps ids that no double can hold", async () => {
  using api = new TestApi();
  const sent = JSON.stringify(event({ kind: "response", rpcId: 1 })).replace(
    '"rpcId":1',
    '"rpcId":12345678901234567891',
  );
  await api.post("/api/events", sent, JSON_TYPE);
  assert.match(eventJson(api.events()[0] as Event), /"rpcId":12345678901234567891,/);
});

Deno.test("POST /api/events keeps of a large payload what bufferSize allows, and the hash of all", async () => {
  using api = new TestApi();
  const result = { isError: true, content: [{ type: "text", text: "é".repeat(5000) }] };
  const asked = request(1);
  const answer = response(1, result);
  await api.send([asked, answer]);
  const { event: stored, sha256, call } = api.read((db) => findEvent(db, answer.id));
  const whole = new TextEncoder().encode(JSON.stringify(answer.payload));
  assert.equal(stored.truncated, true);
  assert.equal(stored.sizeBytes, whole.length);
  assert.equal(sha256, new Uint8Array(await crypto.subtle.digest("SHA-256", whole)).toHex());
  assert.equal(call?.outcome, "tool_error");
});

Deno.test("POST /api/events/batch redacts payloads and names before they are stored", async () => {
  verifies("api-ingest-redacts");
  using api = new TestApi();
  const params = { name: `tool-${SECRET}`, arguments: { key: SECRET } };
  await api.send([
    request(1, { client: SECRET, payload: { jsonrpc: "2.0", id: 1, method: "tools/call", params } }),
    event({ kind: "log", payload: `token ${SECRET}`, server: `s-${SECRET}`, rpcId: SECRET, method: SECRET }),
    event({
      kind: "lifecycle",
      payload: { event: "start", command: ["x", "--token", SECRET], cwd: `/${SECRET}` },
    }),
  ]);
  const stored = JSON.stringify([api.events(), api.calls(), api.read((db) => db.all("SELECT * FROM runs"))]);
  assert(!stored.includes(SECRET), stored);
  assert(stored.includes("[redacted:"));
});

Deno.test("POST /api/events/batch survives 10,000 broken bodies: no 500, and nothing is stored that was not valid", async () => {
  verifies("guard-fuzz", "api-ingest-whole");
  using api = new TestApi({ maxEvents: 50 });
  const random = randomFrom(42);
  const below = (limit: number) => Math.floor(random() * limit);
  const encoder = new TextEncoder();
  const bases = [
    () => JSON.stringify({ events: [request(below(9)), response(below(9)), event()], correlationId: "c" }),
    () => [request(below(9)), response(below(9)), event()].map((each) => JSON.stringify(each)).join("\n"),
    () => JSON.stringify(event({ kind: "error", payload: { error: { code: 1 }, id: below(9) } })),
  ];
  const words = [
    "{",
    "}",
    "[",
    "]",
    '"',
    ",",
    ":",
    "null",
    "-1",
    "1e999",
    "\\u0000",
    "\\ud800",
    "payload",
    "\0",
    "\n",
    "é",
  ];
  let accepted = 0;
  for (let round = 0; round < 10_000; round++) {
    const base = below(bases.length);
    let bytes = encoder.encode(bases[base]?.());
    for (let cuts = below(4); cuts > 0; cuts--) {
      const at = below(bytes.length);
      const word = encoder.encode(words[below(words.length)]);
      switch (below(4)) {
        case 0:
          bytes = new Uint8Array([...bytes.subarray(0, at), ...word, ...bytes.subarray(at)]);
          break;
        case 1:
          bytes = new Uint8Array([...bytes.subarray(0, at), ...bytes.subarray(at + below(20))]);
          break;
        case 2:
          bytes[at] = below(256);
          break;
        default:
          bytes = bytes.slice(0, at + 1);
      }
    }
    const encoding = ["", "", "gzip", "zstd"][below(4)] ?? "";
    let body: Uint8Array = encoding === "gzip"
      ? gzipSync(bytes)
      : encoding === "zstd"
      ? zstdCompressSync(bytes)
      : bytes;
    if (encoding !== "" && below(2) === 0) (body = new Uint8Array(body))[below(body.length)] = below(256);
    const path = below(8) === 0 ? "/api/events" : "/api/events/batch";
    const headers = {
      ...base === 1 ? LINES_TYPE : JSON_TYPE,
      ...(encoding && { "Content-Encoding": encoding }),
    };
    const answer = await api.post(path, body, headers);
    assert([202, 400, 413, 415].includes(answer.status), `round ${round}: ${JSON.stringify(answer)}`);
    if (answer.status === 202) accepted += answer.body.accepted;
  }
  const events = api.events();
  assert.equal(events.length, accepted);
  assert(accepted > 1000);
  for (const each of events) {
    const checked = SentEventSchema.safeParse(JSON.parse(eventJson(each)));
    assert(checked.success, `${eventJson(each)}: ${checked.error}`);
  }
  assert.deepEqual(api.read((db) => checkIntegrity(db)), []);
});
