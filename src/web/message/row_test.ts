import { deepStrictEqual, equal } from "node:assert/strict";
import { previewOf } from "./preview.ts";
import { readRow } from "./row.ts";

function eventJson(payload: string, more: Readonly<Record<string, unknown>> = {}): string {
  const head = {
    id: "019f1d2c-8a41-7000-8000-000000000001",
    time: "2026-11-21T11:50:36.123456Z",
    correlationId: "c",
    server: "files",
    direction: "server_to_client",
    kind: "response",
    method: "tools/call",
    tool: "read",
    rpcId: 1,
    sizeBytes: 10,
    truncated: false,
    durationMs: 1.5,
    ...more,
  };
  return `${JSON.stringify(head).slice(0, -1)},"payload":${payload}}`;
}

Deno.test("readRow() takes the facts and leaves the payload", () => {
  const { id, server, kind, tool, durationMs, preview } = readRow(eventJson('{"result":{"ok":true}}'));
  deepStrictEqual({ id, server, kind, tool, durationMs, preview }, {
    id: "019f1d2c-8a41-7000-8000-000000000001",
    server: "files",
    kind: "response",
    tool: "read",
    durationMs: 1.5,
    preview: '{"ok":true}',
  });
});

Deno.test("readRow() is not misled by a name that looks like the payload's key", () => {
  equal(readRow(eventJson("null", { tool: 'x","payload":1' })).tool, 'x","payload":1');
});

Deno.test("readRow() reads an id of JSON-RPC that has a payload itself", () => {
  equal(readRow(eventJson("null", { rpcId: { a: 1, payload: 2 } })).server, "files");
});

for (
  const [name, failed, json] of [
    ["a tool that failed", true, eventJson('{"result":{"content":[],"isError":true}}')],
    ["a tool that says it did not fail", false, eventJson('{"result":{"isError":false}}')],
    ["a text about isError", false, eventJson('{"result":{"content":[{"text":"\\"isError\\":true"}]}}')],
    ["isError elsewhere", false, eventJson('{"result":{"structuredContent":{"isError":true}}}')],
    ["an error of JSON-RPC", true, eventJson("{}", { kind: "error" })],
    ["a gap", true, eventJson("null", { kind: "gap" })],
    ["a request", false, eventJson("{}", { kind: "request" })],
  ] as const
) {
  Deno.test(`readRow() says of ${name} that it ${failed ? "failed" : "did not fail"}`, () => {
    equal(readRow(json).failed, failed);
  });
}

for (
  const [name, payload, preview] of [
    [
      "arguments",
      '{"method":"tools/call","params":{"name":"a","arguments":{"n":12345678901234567890}}}',
      '{"n":12345678901234567890}',
    ],
    ["params", '{"jsonrpc":"2.0","method":"x","params":{"cursor":"c"}}', '{"cursor":"c"}'],
    [
      "the text of a result",
      '{"result":{"content":[{"type":"text","text":"one\\n  two"}]},"id":1}',
      "one ⏎ two",
    ],
    ["a result", '{"result":{"tools":[]},"jsonrpc":"2.0","id":1}', '{"tools":[]}'],
    ["an error's message", '{"error":{"code":-1,"message":"No such file"}}', "No such file"],
    ["a log line", '"starting"', "starting"],
    ["nothing", "null", ""],
  ] as const
) {
  Deno.test(`previewOf() shows ${name}`, () => equal(previewOf(payload), preview));
}

Deno.test("previewOf() makes control and bidirectional characters visible", () => {
  equal(previewOf('"a\\u202eb\\u001b[2J"'), "a\\u{202e}b\\e[2J");
});

Deno.test("previewOf() is short however long the payload is", () => {
  const long = previewOf(`{"result":{"content":[{"type":"text","text":"${"x".repeat(2_000_000)}"}]}}`);
  equal([...long].length, 180);
});
