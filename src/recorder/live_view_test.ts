import assert from "node:assert/strict";
import { createLiveView, type LiveViewMode } from "./live_view.ts";
import { play, TEST_RUN } from "./playbook_for_tests.ts";

function view(mode: LiveViewMode, script: readonly string[], color = false): string[] {
  let written = "";
  const show = createLiveView(mode, {
    run: TEST_RUN,
    color,
    write: (bytes) => written += new TextDecoder().decode(bytes),
  });
  for (const event of play(script).events) show?.(event);
  return written.split("\n").slice(0, -1);
}

const CALL = [
  `client >> {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"echo"}}`,
  "pause 11",
  `server << {"jsonrpc":"2.0","id":3,"result":{"content":[]}}`,
];

Deno.test("live view `none` makes nothing", () => {
  assert.equal(createLiveView("none", { run: TEST_RUN, color: false, write: () => {} }), null);
});

Deno.test("live view `console` is one readable line per message", () => {
  const lines = view("console", [
    ...CALL,
    `client >> {"jsonrpc":"2.0","method":"notifications/initialized"}`,
    `client >> {"jsonrpc":"2.0","id":"x","method":"nope"}`,
    `server << {"jsonrpc":"2.0","id":"x","error":{"code":-32601,"message":"Method not found"}}`,
    `client >> {"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"fail"}}`,
    `server << {"jsonrpc":"2.0","id":4,"result":{"content":[],"isError":true}}`,
    "server << Listening",
    "stderr << warning",
  ]).map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} /, ""));
  assert.deepEqual(lines, [
    "→ tools/call echo  #3  71 B",
    "← echo #3  12 ms  48 B",
    "→ notifications/initialized  54 B",
    `→ nope  #"x"  42 B`,
    `← nope #"x"  error -32601: Method not found  1.0 ms  79 B`,
    "→ tools/call fail  #4  71 B",
    "← fail #4  tool error  1.0 ms  63 B",
    "← not JSON-RPC:  Listening  9 B",
    "← stderr:  warning",
  ]);
});

Deno.test("live view `console` lets no message control the terminal", () => {
  const evil = "\x1b[2J\x07\u009b31m\u202e\u200b\r";
  const lines = view("console", [
    `client >> ${JSON.stringify({ jsonrpc: "2.0", id: evil, method: evil, params: {} })}`,
    `client >> ${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: evil } })}`,
    `server << ${JSON.stringify({ jsonrpc: "2.0", id: 1, error: { code: evil, message: evil } })}`,
    `server << banner ${evil}.`,
    `stderr << log ${evil}.`,
  ]);
  assert.equal(lines.length, 5);
  // deno-lint-ignore no-control-regex -- what must not be there
  for (const line of lines) assert.doesNotMatch(line, /[\u0000-\u001f\u007f-\u009f\u200b\u202e]/);
});

Deno.test("live view `console` bounds the width of a line", () => {
  const long = "x".repeat(10_000);
  const lines = view("console", [
    `client >> {"jsonrpc":"2.0","id":"${long}","method":"tools/call","params":{"name":"${long}"}}`,
    `server << ${long}`,
    `stderr << ${"😀".repeat(5_000)}`,
  ]);
  for (const line of lines) assert.ok([...line].length < 200, line);
});

Deno.test("live view `console` paints only where colours are shown", () => {
  assert.ok(view("console", CALL, true).every((line) => line.includes("\x1b[")));
  assert.ok(view("console", CALL, false).every((line) => !line.includes("\x1b[")));
});

Deno.test("live view `json` is one event per line, numbers as they were written", () => {
  const [request, response, log] = view("json", [
    `client >> {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"echo","n":12345678901234567890}}`,
    `server << {"jsonrpc":"2.0","id":3,"result":{}}`,
    `stderr << a "log" line`,
  ]);
  assert.ok(request?.includes("12345678901234567890"));
  assert.deepEqual(Object.keys(JSON.parse(request ?? "")), [
    "id",
    "time",
    "correlationId",
    "server",
    "direction",
    "kind",
    "method",
    "tool",
    "rpcId",
    "sizeBytes",
    "truncated",
    "durationMs",
    "payload",
  ]);
  assert.equal(JSON.parse(response ?? "").durationMs, 1);
  assert.equal(JSON.parse(log ?? "").payload, `a "log" line`);
});
