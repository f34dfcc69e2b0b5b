import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { formatTimeUs } from "../../core/clock.ts";
import { DAY_US, NOON_US } from "../../store/testing.ts";
import { SentEventSchema } from "./ingest.ts";
import { event, IngestApi, JSON_TYPE } from "./ingest_testing.ts";

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
    using api = new IngestApi();
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
  using api = new IngestApi();
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
  using api = new IngestApi();
  const bare = event({ correlationId: undefined });
  assert.equal((await api.send([bare])).body.rejected[0]?.field, "correlationId");
  assert.equal((await api.send([bare, event()], { correlationId: "batch-1" })).body.accepted, 2);
  assert.deepEqual(api.events().map(({ correlationId }) => correlationId), ["batch-1", "run-1"]);
});

Deno.test("POST /api/events/batch takes NDJSON, where a broken line stands alone", async () => {
  verifies("api-ingest-batch");
  using api = new IngestApi();
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
    using api = new IngestApi();
    const answer = await api.post("/api/events/batch", body, JSON_TYPE);
    assert.deepEqual([answer.status, answer.body.error?.field], [400, field]);
  });
}

Deno.test("POST /api/events/batch rejects times more than 24 hours ahead: they would outlive every retention", async () => {
  using api = new IngestApi();
  const time = (aheadUs: number) => ({ time: formatTimeUs(NOON_US + aheadUs) });
  const { body } = await api.send([
    event(time(DAY_US)),
    event(time(DAY_US + 1)),
    event({ time: "2199-12-31T23:59:59Z" }),
  ]);
  assert.equal(body.accepted, 1);
  assert.deepEqual(body.rejected.map(({ index, field }) => [index, field]), [[1, "time"], [2, "time"]]);
});
