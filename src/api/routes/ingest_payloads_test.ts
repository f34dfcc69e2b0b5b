import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import type { Event } from "../../core/event.ts";
import { eventJson } from "../../store/event_json.ts";
import { findEvent } from "../../store/events.ts";
import { event, IngestApi, JSON_TYPE, request, response } from "./ingest_testing.ts";

const SECRET = "ghp_012345678901234567890123456789abcdef";

Deno.test("POST /api/events/batch keeps payloads as they came", async () => {
  verifies("api-ingest-batch");
  using api = new IngestApi();
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
  using api = new IngestApi();
  const sent = JSON.stringify(event({ kind: "response", rpcId: 1 })).replace(
    '"rpcId":1',
    '"rpcId":12345678901234567891',
  );
  await api.post("/api/events", sent, JSON_TYPE);
  assert.match(eventJson(api.events()[0] as Event), /"rpcId":12345678901234567891,/);
});

Deno.test("POST /api/events keeps of a large payload what bufferSize allows, and the hash of all", async () => {
  using api = new IngestApi();
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
  using api = new IngestApi();
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
