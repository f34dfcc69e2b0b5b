import assert from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { payloadText, play } from "./playbook_for_tests.ts";

Deno.test("Transcriber pairs a request with its response and measures the time", () => {
  verifies("recorder-json-rpc", "recorder-pairing", "recorder-duration");
  const { story, outcomes, events } = play([
    `client >> {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo"}}`,
    "pause 11",
    `server << {"jsonrpc":"2.0","id":1,"result":{"content":[]}}`,
  ]);
  assert.deepEqual(story, ["request tools/call echo", "response tools/call echo"]);
  assert.deepEqual(outcomes, ["tools/call echo ok 12ms"]);
  assert.equal(events[1]?.answersId, events[0]?.id);
  assert.equal(events[1]?.durationUs, 12_000);
});

Deno.test("Transcriber recognises each kind of message", () => {
  verifies("recorder-json-rpc");
  const { story } = play([
    `client >> {"jsonrpc":"2.0","id":"a","method":"ping"}`,
    `server << {"jsonrpc":"2.0","id":"a","result":{}}`,
    `server << {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1}}`,
    `server << {"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":"x"}}`,
    `server << {"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}}`,
    `server << {"jsonrpc":"2.0"}`,
    `server << {"jsonrpc":"2.0","id":{},"method":"x"}`,
    `server << {"jsonrpc":"2.0","id":1,"method":"x"`,
    `server << []`,
    `server << "text"`,
    `server << Server listening on stdio`,
    `stderr << a log line`,
  ]);
  assert.deepEqual(story, [
    "request ping",
    "response ping",
    "notification notifications/progress",
    "error",
    "error",
    "invalid",
    "invalid",
    "invalid",
    "invalid",
    "invalid",
    "invalid",
    "log",
  ]);
});

Deno.test('Transcriber keeps the ids 1 and "1" apart, and both directions', () => {
  verifies("recorder-pairing", "fm-24-id-collisions");
  const { outcomes, events } = play([
    `client >> {"jsonrpc":"2.0","id":1,"method":"tools/list"}`,
    `client >> {"jsonrpc":"2.0","id":"1","method":"prompts/list"}`,
    `server << {"jsonrpc":"2.0","id":1,"method":"sampling/createMessage"}`,
    `server << {"jsonrpc":"2.0","id":"1","result":{}}`,
    `client >> {"jsonrpc":"2.0","id":1,"result":{}}`,
    `server << {"jsonrpc":"2.0","id":1,"result":{}}`,
  ]);
  assert.deepEqual(outcomes, ["tools/list ok 5ms", "prompts/list ok 2ms", "sampling/createMessage ok 2ms"]);
  assert.deepEqual(events.map((event) => event.rpcId), ["1", '"1"', "1", '"1"', "1", "1"]);
});

Deno.test("Transcriber pairs null, negative, fractional and very large ids", () => {
  verifies("recorder-pairing");
  for (const id of ["null", "-1", "1.5", "0", '""', "123456789012345678901234567890"]) {
    const { outcomes } = play([
      `client >> {"jsonrpc":"2.0","id":${id},"method":"ping"}`,
      `server << {"id":${id},"jsonrpc":"2.0","result":{}}`,
    ]);
    assert.deepEqual(outcomes, ["ping ok 1ms"], id);
  }
});

Deno.test("Transcriber tells apart two ids that are the same as a double", () => {
  verifies("recorder-pairing");
  const { events, outcomes } = play([
    `client >> {"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}`,
    `client >> {"jsonrpc":"2.0","id":9007199254740992,"method":"tools/list"}`,
    `server << {"jsonrpc":"2.0","id":9007199254740992,"result":{}}`,
    `server << {"jsonrpc":"2.0","id":9007199254740993,"result":{}}`,
  ]);
  assert.deepEqual(outcomes, ["ping ok 3ms", "tools/list ok 1ms"]);
  assert.equal(events[0]?.rpcId, "9007199254740993");
});

Deno.test("Transcriber answers a reused id in the order of asking", () => {
  verifies("recorder-pairing");
  const { outcomes } = play([
    `client >> {"jsonrpc":"2.0","id":1,"method":"a"}`,
    `client >> {"jsonrpc":"2.0","id":1,"method":"b"}`,
    `server << {"jsonrpc":"2.0","id":1,"result":{}}`,
    `server << {"jsonrpc":"2.0","id":1,"result":{}}`,
    `server << {"jsonrpc":"2.0","id":1,"result":{}}`,
  ]);
  assert.deepEqual(outcomes, ["a ok 2ms", "b ok 2ms"]);
});

Deno.test("Transcriber gives each call its outcome", () => {
  verifies("recorder-outcomes", "fm-25-cancel-late-answer");
  const { outcomes } = play([
    `client >> {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"ok"}}`,
    `server << {"jsonrpc":"2.0","id":1,"result":{"content":[],"isError":false}}`,
    `client >> {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"error"}}`,
    `server << {"jsonrpc":"2.0","id":2,"error":{"code":-32602,"message":"no"}}`,
    `client >> {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"tool"}}`,
    `server << {"jsonrpc":"2.0","id":3,"result":{"content":[],"isError":true}}`,
    `client >> {"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"cancelled"}}`,
    `client >> {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":4}}`,
    `client >> {"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"late"}}`,
    `client >> {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}`,
    `server << {"jsonrpc":"2.0","id":5,"result":{"content":[]}}`,
    `client >> {"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"hung"}}`,
    `client >> {"jsonrpc":"2.0","id":7,"method":"subscriptions/listen"}`,
  ]);
  assert.deepEqual(outcomes, [
    "tools/call ok ok 1ms",
    "tools/call error error 1ms",
    "tools/call tool tool_error 1ms",
    "tools/call cancelled cancelled 1ms",
    "tools/call late late 2ms",
    "tools/call hung hung",
    "subscriptions/listen cancelled",
  ]);
});

Deno.test("Transcriber leaves a call open while the run goes on", () => {
  verifies("recorder-outcomes");
  const { outcomes } = play([`client >> {"jsonrpc":"2.0","id":1,"method":"ping"}`], { ends: false });
  assert.deepEqual(outcomes, ["ping open"]);
});

Deno.test("Transcriber takes a cancellation only from the side that asked", () => {
  verifies("recorder-outcomes");
  const { outcomes } = play([
    `client >> {"jsonrpc":"2.0","id":1,"method":"ping"}`,
    `server << {"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}`,
    `server << {"jsonrpc":"2.0","id":1,"result":{}}`,
  ]);
  assert.deepEqual(outcomes, ["ping ok 2ms"]);
});

Deno.test("Transcriber makes one event of each message of a batch", () => {
  verifies("recorder-json-rpc", "fm-26-batch-arrays");
  const { story, outcomes, events } = play([
    `client >> [ {"jsonrpc":"2.0","id":1,"method":"a"} , {"jsonrpc":"2.0","method":"n","params":{"x":"],{"}},7]`,
    `server << [{"jsonrpc":"2.0","id":1,"result":{}}]`,
  ]);
  assert.deepEqual(story, ["request a", "notification n", "invalid", "response a"]);
  assert.deepEqual(outcomes, ["a ok 1ms"]);
  assert.equal(payloadText(events[1]), `{"jsonrpc":"2.0","method":"n","params":{"x":"],{"}}`);
  assert.equal(events[1]?.sizeBytes, events[1]?.payload?.length);
});

Deno.test("Transcriber understands the 2025 era: who talks, and that both sides ask", () => {
  verifies("recorder-era-2025", "recorder-identities");
  const { run, outcomes } = play([
    `client >> {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"claude-ai","version":"0.1.0"}}}`,
    `server << {"result":{"protocolVersion":"2025-06-18","capabilities":{},"serverInfo":{"name":"everything","title":"Everything Server","version":"2.0.0"}},"jsonrpc":"2.0","id":0}`,
    `client >> {"jsonrpc":"2.0","method":"notifications/initialized"}`,
    `client >> {"jsonrpc":"2.0","id":1,"method":"ping"}`,
    `server << {"result":{},"jsonrpc":"2.0","id":1}`,
    `server << {"jsonrpc":"2.0","id":0,"method":"sampling/createMessage","params":{"messages":[]}}`,
    `server << {"jsonrpc":"2.0","id":1,"method":"elicitation/create","params":{"message":"?"}}`,
    `client >> {"jsonrpc":"2.0","id":1,"result":{"action":"accept"}}`,
    `client >> {"jsonrpc":"2.0","id":0,"error":{"code":-1,"message":"User rejected"}}`,
    `server << {"jsonrpc":"2.0","id":2,"method":"roots/list"}`,
    `client >> {"jsonrpc":"2.0","id":2,"result":{"roots":[]}}`,
  ]);
  assert.deepEqual(
    [run.client, run.clientVersion, run.serverTitle, run.serverVersion, run.protocolVersion],
    ["claude-ai", "0.1.0", "Everything Server", "2.0.0", "2025-06-18"],
  );
  assert.deepEqual(outcomes, [
    "initialize ok 1ms",
    "ping ok 1ms",
    "sampling/createMessage error 3ms",
    "elicitation/create ok 1ms",
    "roots/list ok 1ms",
  ]);
});

Deno.test("Transcriber links the polls of a task to the call that made it", () => {
  verifies("recorder-era-2025", "fm-27-mrtr-tasks");
  const { calls } = play([
    `client >> {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"slow","task":{"ttl":60000}}}`,
    `server << {"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"t1","status":"working"}}}`,
    `client >> {"jsonrpc":"2.0","id":2,"method":"tasks/get","params":{"taskId":"t1"}}`,
    `server << {"jsonrpc":"2.0","id":2,"result":{"taskId":"t1","status":"completed"}}`,
    `client >> {"jsonrpc":"2.0","id":3,"method":"tasks/result","params":{"taskId":"t1"}}`,
    `client >> {"jsonrpc":"2.0","id":4,"method":"tasks/get","params":{"taskId":"other"}}`,
  ]);
  assert.deepEqual(calls.map((call) => call.operationId), [null, calls[0]?.id, calls[0]?.id, null]);
});

Deno.test("Transcriber understands the 2026 era: discovery, who talks in every message, tasks as an extension", () => {
  verifies("recorder-era-2026", "recorder-identities");
  const meta =
    `"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"inspector","version":"2"}}`;
  const { run, outcomes, calls } = play([
    `client >> {"jsonrpc":"2.0","id":1,"method":"server/discover","params":{${meta}}}`,
    `server << {"jsonrpc":"2.0","id":1,"result":{"resultType":"complete","supportedVersions":["2026-07-28"],"serverInfo":{"name":"srv","version":"3"}}}`,
    `client >> {"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"slow",${meta}}}`,
    `server << {"jsonrpc":"2.0","id":2,"result":{"resultType":"task","taskId":"t9"}}`,
    `client >> {"jsonrpc":"2.0","id":3,"method":"tasks/update","params":{"taskId":"t9",${meta}}}`,
    `server << {"jsonrpc":"2.0","id":3,"result":{"resultType":"complete","_meta":{"io.modelcontextprotocol/serverInfo":{"name":"srv","version":"4"}}}}`,
  ]);
  assert.deepEqual(
    [run.client, run.clientVersion, run.serverTitle, run.serverVersion, run.protocolVersion],
    ["inspector", "2", "srv", "4", "2026-07-28"],
  );
  assert.deepEqual(outcomes, ["server/discover ok 1ms", "tools/call slow ok 1ms", "tasks/update ok 1ms"]);
  assert.equal(calls[2]?.operationId, calls[1]?.id);
  assert.equal(calls[0]?.client, "inspector");
});

Deno.test("Transcriber does not call -32601 to server/discover a failure", () => {
  verifies("recorder-discover-32601", "fm-28-discover-32601");
  const { story, outcomes } = play([
    `client >> {"jsonrpc":"2.0","id":1,"method":"server/discover"}`,
    `server << {"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"Method not found"}}`,
    `client >> {"jsonrpc":"2.0","id":2,"method":"prompts/list"}`,
    `server << {"jsonrpc":"2.0","id":2,"error":{"code":-32601,"message":"Method not found"}}`,
  ]);
  assert.deepEqual(story.filter((each) => each.startsWith("error")), [
    "error server/discover",
    "error prompts/list",
  ]);
  assert.deepEqual(outcomes, ["server/discover ok 1ms", "prompts/list error 1ms"]);
});

const ASKS = (id: number, extra = "", name = "book") =>
  `client >> {"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${name}"${extra}}}`;
const NEEDS = (id: number, keys: string[], state?: string) => {
  const inputRequests = Object.fromEntries(keys.map((key) => [key, { method: "elicitation/create" }]));
  const result = {
    resultType: "input_required",
    inputRequests,
    ...(state === undefined ? {} : { requestState: state }),
  };
  return `server << ${JSON.stringify({ jsonrpc: "2.0", id, result })}`;
};
const GIVES = (keys: string[], state?: string) => {
  const inputResponses = Object.fromEntries(keys.map((key) => [key, { action: "accept" }]));
  return `,"inputResponses":${JSON.stringify(inputResponses)}${
    state === undefined ? "" : `,"requestState":"${state}"`
  }`;
};

const RETRIES: [claim: string, script: string[], linkedTo: number | null][] = [
  ["by its requestState", [
    ASKS(1),
    NEEDS(1, ["a"], "s1"),
    ASKS(2),
    NEEDS(2, ["a"], "s2"),
    ASKS(3, GIVES(["a"], "s2")),
  ], 1],
  ["by requestState alone", [ASKS(1), NEEDS(1, [], "s1"), ASKS(2, `,"requestState":"s1"`)], 0],
  [
    "by method, name and keys without a state",
    [ASKS(1), NEEDS(1, ["b", "a"]), ASKS(2, GIVES(["a", "b"]))],
    0,
  ],
  ["not when two candidates are alike", [
    ASKS(1),
    NEEDS(1, ["a"]),
    ASKS(2),
    NEEDS(2, ["a"]),
    ASKS(3, GIVES(["a"])),
  ], null],
  ["not with only some of the keys", [ASKS(1), NEEDS(1, ["a", "b"]), ASKS(2, GIVES(["a"]))], null],
  [
    "not with another tool's name",
    [ASKS(1), NEEDS(1, ["a"], "s"), ASKS(2, GIVES(["a"], "s"), "other")],
    null,
  ],
  ["not with another state", [ASKS(1), NEEDS(1, ["a"], "s1"), ASKS(2, GIVES(["a"], "s2"))], null],
  ["to the first request over two rounds", [
    ASKS(1),
    NEEDS(1, ["a"], "s1"),
    ASKS(2, GIVES(["a"], "s1")),
    NEEDS(2, ["b"], "s2"),
    ASKS(3, GIVES(["b"], "s2")),
  ], 0],
];

for (const [claim, script, linkedTo] of RETRIES) {
  Deno.test(`Transcriber links a retry ${claim}`, () => {
    verifies("recorder-mrtr-link");
    const { calls } = play(script);
    assert.equal(calls.at(-1)?.operationId, linkedTo === null ? null : calls[linkedTo]?.id);
  });
}

Deno.test("Transcriber reads the tools of tools/list with the bytes of their definitions", () => {
  const definition = `{"name":"echo", "description":"é","inputSchema":{"type":"object"}}`;
  const { tools } = play([
    `client >> {"jsonrpc":"2.0","id":1,"method":"tools/list"}`,
    `server << {"result":{"tools":[${definition},{"name":"two"},{"noName":1}]},"jsonrpc":"2.0","id":1}`,
  ]);
  assert.deepEqual(tools.map((tool) => [tool.name, tool.definitionBytes]), [["echo", 67], ["two", 14]]);
  assert.equal(tools[0]?.sha256.length, 64);
});

Deno.test("Transcriber counts a result's tokens once, though structuredContent says it again", () => {
  const text = "word ".repeat(100);
  const answer = (result: object) =>
    play([
      `client >> {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}`,
      `server << ${JSON.stringify({ jsonrpc: "2.0", id: 1, result })}`,
    ]).calls[0]?.tokens ?? 0;
  const once = answer({ content: [{ type: "text", text }] });
  assert.equal(once, 100);
  assert.equal(answer({ content: [{ type: "text", text }], structuredContent: { text } }), once);
  assert.ok(answer({ content: [], structuredContent: { text } }) > 90);
  assert.equal(answer({ content: [{ type: "image", data: "/9j/4AAQ", mimeType: "image/jpeg" }] }), 1300);
});

Deno.test("Transcriber stores nothing unredacted: payload, id, method and tool", () => {
  verifies("redact-known-keys", "recorder-pairing");
  const key = "ghp" + "_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6";
  const { events, calls, run } = play([
    `client >> {"jsonrpc":"2.0","id":"${key}","method":"tools/call","params":{"name":"${key}","_meta":{"io.modelcontextprotocol/clientInfo":{"name":"${key}"}}}}`,
    `server << {"jsonrpc":"2.0","id":"${key}","result":{"content":[{"type":"text","text":"${key}"}]}}`,
    `stderr << using ${key}`,
  ]);
  assert.equal(calls[0]?.outcome, "ok");
  const stored = JSON.stringify([
    run,
    calls,
    events.map((event) => ({ ...event, payload: payloadText(event) })),
  ]);
  assert.equal(stored.includes(key), false);
  assert.ok(stored.includes("[redacted:github-token]"));
});

Deno.test("Transcriber stores no secret that is written with escapes, nor one in a name beyond the cap", () => {
  verifies("redact-known-keys");
  const rest = "hp_aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6";
  const escaped = "\\u0067" + rest;
  const long = "x".repeat(5_000);
  const info = `{"name":"${escaped}","version":"${escaped}"}`;
  const { events, calls, run, tools } = play([
    `client >> {"jsonrpc":"2.0","id":"${escaped}","method":"initialize","params":{"clientInfo":${info},"protocolVersion":"${escaped}"}}`,
    `server << {"jsonrpc":"2.0","id":"g${rest}","result":{"serverInfo":${info}}}`,
    `client >> {"jsonrpc":"2.0","id":2,"method":"${escaped}","params":{"p\\u0061ssword":"hunter2hunter2"}}`,
    `client >> {"jsonrpc":"2.0","method":"${escaped}"}`,
    `client >> {"params":{"long":"${long}","name":"${escaped}"},"jsonrpc":"2.0","id":"g${rest}","method":"tools/call"}`,
    `client >> {"jsonrpc":"2.0","id":4,"method":"tools/list"}`,
    `server << {"jsonrpc":"2.0","id":4,"result":{"tools":[{"name":"${escaped}"}]}}`,
  ], { maxStoredBytes: 1_000 });
  const stored = JSON.stringify([
    run,
    calls,
    tools,
    events.map((event) => ({ ...event, payload: payloadText(event) })),
  ]);
  assert.equal(stored.includes(rest), false, stored);
  assert.equal(stored.includes("hunter2"), false);
});

Deno.test("Transcriber stores what came when redaction is off", () => {
  verifies("redact-off");
  const { events } = play(
    [`client >> {"jsonrpc":"2.0","id":1,"method":"x","params":{"password":"hunter2"}}`],
    { redact: false },
  );
  assert.ok(payloadText(events[0]).includes("hunter2"));
});

Deno.test("Transcriber hides every line of a private key that a server prints", () => {
  verifies("redact-known-keys");
  const { events } = play([
    "stderr << loading",
    "stderr << -----BEGIN RSA PRIVATE KEY-----",
    "stderr << MIIEpAIBAAKCAQEA7v+/",
    "stderr << abc=",
    "stderr << -----END RSA PRIVATE KEY-----",
    "stderr << done (ok)",
  ]);
  const hidden = "[redacted:private-key]";
  assert.deepEqual(events.map(payloadText), ["loading", hidden, hidden, hidden, hidden, "done (ok)"]);
});

Deno.test("Transcriber pairs an answer too long to store, wherever its id stands", () => {
  verifies("recorder-pairing", "fm-12-large-messages");
  const long = "x".repeat(5_000);
  for (
    const answer of [
      `{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"${long}"}],"isError":true}}`,
      `{"result":{"content":[{"type":"text","text":"${long}","id":2,"isError":false}],"isError":true},"jsonrpc":"2.0","id":1}`,
    ]
  ) {
    const { outcomes, events } = play([
      `client >> {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"big"}}`,
      `server << ${answer}`,
    ], { maxStoredBytes: 1_000 });
    assert.deepEqual(outcomes, ["tools/call big tool_error 1ms"]);
    assert.equal(events[1]?.truncated, true);
    assert.equal(events[1]?.sizeBytes, answer.length);
    assert.equal(events[1]?.payload?.length, 1_000);
    assert.equal(events[1]?.format, "json");
  }
});

Deno.test("Transcriber cuts no character in half", () => {
  verifies("fm-13-split-utf8");
  const { events } = play([`server << ${"é€😀".repeat(100)}`], { maxStoredBytes: 100 });
  assert.equal(payloadText(events[0]).includes("\ufffd"), false);
  assert.equal(events[0]?.format, "text");
});

Deno.test("Transcriber says once what Content-Length framing is", () => {
  verifies("fm-16-content-length-framing");
  const { story, events } = play([
    "server << Content-Length: 36\r",
    "server << \r",
    `server << {"jsonrpc":"2.0","id":1,"result":{}}Content-Length: 36\r`,
    "server << Content-Length: 40\r",
  ]);
  assert.deepEqual(story, ["invalid", "lifecycle", "invalid", "invalid"]);
  assert.match(payloadText(events[1]), /content_length_framing/);
});

Deno.test("Transcriber reads a message with a BOM and one with CRLF", () => {
  verifies("fm-17-crlf");
  const { story, events } = play([
    `client >> \ufeff{"jsonrpc":"2.0","id":1,"method":"tools/list"}\r`,
    `server << \ufeff{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"t"}]}}\r`,
  ]);
  assert.deepEqual(story, ["request tools/list", "response tools/list"]);
  assert.equal(payloadText(events[0]), `{"jsonrpc":"2.0","id":1,"method":"tools/list"}`);
});

Deno.test("Transcriber bears messages nested 100,000 deep", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  const { outcomes, story } = play([
    `client >> {"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"deep","arguments":${deep}}}`,
    `server << {"jsonrpc":"2.0","id":1,"result":{"content":[],"structuredContent":${deep}}}`,
    `client >> {"jsonrpc":"2.0","id":2,"method":"tools/list"}`,
    `server << {"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"a","inputSchema":${deep}}]}}`,
    `server << ${deep}`,
    `server << ${"[".repeat(100_000)}`,
  ]);
  assert.deepEqual(outcomes, ["tools/call deep ok 1ms", "tools/list ok 1ms"]);
  assert.equal(story.filter((each) => each === "invalid").length, 2);
});
