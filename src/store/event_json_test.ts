import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import type { EventRecord } from "../core/event.ts";
import { eventJson, payloadJson, rpcIdJson } from "./event_json.ts";
import { listEvents } from "./events.ts";
import { makeEvent, NOON_US, TempStore } from "./testing.ts";

function stored(changes: Partial<EventRecord> & { text?: string }) {
  using store = new TempStore();
  store.append({ events: [makeEvent("response", NOON_US, changes)] });
  const [event] = listEvents(store.db, {}, 1);
  assert.ok(event);
  return event;
}

for (
  const text of [
    '{"n":9007199254740993,"m":12345678901234567890,"one":1.0,"huge":1e400,"minus":-0,"a":1,"a":2}',
    '{ "spaced" : [ 1 , 2 ] , "\\u0041" : "\\/" }',
    "[".repeat(100_000) + "]".repeat(100_000),
    '"text"',
    "12345678901234567890",
  ]
) {
  Deno.test(`eventJson() keeps the payload ${text.slice(0, 30)}… as it was sent`, () => {
    verifies("read-json-contract");
    const event = stored({ text });
    assert.equal(payloadJson(event), text);
    assert.ok(eventJson(event).endsWith(`,"payload":${text}}`));
  });
}

Deno.test("eventJson() keeps every digit of a JSON-RPC id", () => {
  const event = stored({ rpcId: "9007199254740993" });
  assert.equal(rpcIdJson(event), "9007199254740993");
  assert.match(eventJson(event), /"rpcId":9007199254740993,/);
});

Deno.test("eventJson() is one line, and JSON, whatever is stored", () => {
  const texts: Partial<EventRecord & { text: string }>[] = [
    { text: '{"a":\r\n1}' },
    { text: '{"a":' },
    { text: '\ufeff{"a":1}' },
    { text: '{"cut":"', truncated: true, sha256: "0a".repeat(32) },
    { text: "line\r", format: "text" },
    { payload: new Uint8Array([255]), format: "bytes" },
    { payload: null },
    { rpcId: "not json" },
    { rpcId: null },
  ];
  for (const changes of texts) {
    const event = stored(changes);
    assert.doesNotMatch(eventJson(event), /[\r\n]/);
    assert.deepEqual(JSON.parse(eventJson(event)), event);
  }
});
