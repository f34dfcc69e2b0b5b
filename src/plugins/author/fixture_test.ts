import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { offeredMessages, readFixture } from "./fixture.ts";

function text(bytes: Uint8Array | null | undefined): string {
  return new TextDecoder().decode(bytes ?? new Uint8Array());
}

Deno.test("readFixture() fills in what is left out, always the same", () => {
  const lines =
    `{"kind":"request","rpcId":1,"payload":{"id":1}}\n\n// a comment\n{"kind":"response","rpcId":1}\n`;
  const messages = readFixture(lines, "f.jsonl");
  deepStrictEqual(messages, readFixture(lines, "f.jsonl"));
  const [request, response] = messages;
  strictEqual(request?.event.id, "00000000-0000-7000-8000-000000000001");
  strictEqual(text(request?.redacted), '{"id":1}');
  strictEqual(request?.event.sizeBytes, 8);
  strictEqual(response?.event.answersId, request?.event.id, "a response answers its request");
  strictEqual(response?.redacted, null);
  strictEqual((response?.event.timeUs ?? 0) - (request?.event.timeUs ?? 0), 1_000_000);
});

Deno.test("offeredMessages() takes events as km prints them", () => {
  const [message] = offeredMessages([{
    id: "0199-1",
    time: "2026-11-21T11:50:36.123456Z",
    correlationId: "run",
    server: "github",
    direction: "server_to_client",
    kind: "log",
    method: null,
    tool: null,
    rpcId: null,
    sizeBytes: 99,
    truncated: false,
    durationMs: 1.5,
    payload: "a line",
  }], "event");
  strictEqual(message?.event.timeUs, Date.UTC(2026, 10, 21, 11, 50, 36, 123) * 1000 + 456);
  strictEqual(message.event.durationUs, 1500);
  deepStrictEqual([message.event.format, text(message.redacted)], ["text", "a line"]);
});

Deno.test("readFixture() keeps bytes that are no text, and text that was cut", () => {
  const [bytes, cut] = readFixture(
    `{"kind":"invalid","payload":{"base64":"/w=="}}\n{"kind":"response","truncated":true,"payload":"{\\"a"}\n`,
    "f",
  );
  deepStrictEqual([bytes?.event.format, [...bytes?.redacted ?? []]], ["bytes", [255]]);
  deepStrictEqual([cut?.event.format, cut?.event.truncated, text(cut?.redacted)], ["json", true, '{"a']);
});

Deno.test("readFixture() names the line and what is wrong with it", () => {
  for (
    const [line, message] of [
      ["{", /f:1 is no JSON/],
      ["[]", /f:1 is no object/],
      ["{}", /f:1: "kind" must be one of/],
      ['{"kind":"request","direction":"up"}', /f:1: "direction" must be one of/],
      ['{"kind":"request","method":1}', /f:1 has a "method" that is no text/],
      ['{"kind":"request","durationMs":-1}', /f:1 has a "durationMs"/],
      ['{"kind":"request","time":"soon"}', /f:1 has a "time"/],
      ["", /no message in "f"/],
    ] as const
  ) throws(() => readFixture(line, "f"), message);
});
