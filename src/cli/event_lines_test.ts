import assert from "node:assert/strict";
import { eventJson, payloadJson, rpcIdJson } from "../store/event_json.ts";
import { detailOf, eventsOfLines } from "./event_lines.ts";

const HEAD =
  `{"id":"019f1d2c-8a41-7000-8000-000000000001","time":"2026-11-21T12:00:00.000001Z","correlationId":"r","server":"s",` +
  `"direction":null,"kind":"request","method":"m","tool":null,`;
const TAIL = `"sizeBytes":1,"truncated":false,"durationMs":null,`;

/** Payloads and ids that JSON.parse and JSON.stringify would change. */
const RAW = [
  ["12345678901234567890", '{"n":12345678901234567890,"f":1.0,"e":1E3}'],
  ["1.0", '{"a":1,"a":2}'],
  ['"\\u0041"', '{"payload":{"id":1},"rpcId":"x","\\u0061":"\\/"}'],
  ["null", '"text \\u001b[31m"'],
  ["0", "null"],
  ["-0", `${"[".repeat(20_000)}${"]".repeat(20_000)}`],
] as const;

for (const [rpcId, payload] of RAW) {
  const line = `${HEAD}"rpcId":${rpcId},${TAIL}"payload":${payload}}`;
  Deno.test(`eventsOfLines() gives back ${rpcId} and ${payload.slice(0, 30)} byte for byte`, () => {
    const [event, other] = eventsOfLines(new TextEncoder().encode(`${line}\n${line}\n`));
    assert.ok(event && other);
    assert.equal(eventJson(event), line);
    assert.equal(payloadJson(event), payload);
    assert.equal(rpcIdJson(event), rpcId === "null" ? null : rpcId);
  });

  Deno.test(`detailOf() gives back ${rpcId} and ${payload.slice(0, 30)} byte for byte`, () => {
    const { event, counterpart, sha256, call } = detailOf(
      new TextEncoder().encode(`{"event":${line},"sha256":"ab","counterpart":${line},"call":null}`),
    );
    assert.equal(eventJson(event), line);
    assert.equal(counterpart && eventJson(counterpart), line);
    assert.deepEqual([sha256, call], ["ab", null]);
  });
}

Deno.test("detailOf() knows when there is no counterpart", () => {
  const line = `${HEAD}"rpcId":null,${TAIL}"payload":null}`;
  const detail = detailOf(
    new TextEncoder().encode(`{"event":${line},"sha256":null,"counterpart":null,"call":null}`),
  );
  assert.deepEqual([detail.counterpart, detail.sha256], [null, null]);
});
