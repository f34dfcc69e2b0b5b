import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import type { Event } from "../core/event.ts";
import { verifies } from "../../tests/verifies.ts";
import { eventSummary, eventTable } from "./event_table.ts";
import { textWidth } from "./text_width.ts";

const NOW = new Date(2026, 10, 21, 12, 0, 0);
const OPTIONS = { now: NOW, shortId: (id: string) => id.slice(0, 18) };

function event(fields: Partial<Event>): Event {
  return {
    id: "01a1fe13-c85b-7000-8000-0123456789ab",
    time: NOW.toISOString(),
    correlationId: "01a1fe13-0000-7000-8000-000000000000",
    server: "notes",
    direction: "client_to_server",
    kind: "request",
    method: "tools/call",
    tool: "search",
    rpcId: 1,
    sizeBytes: 110,
    truncated: false,
    durationMs: null,
    payload: null,
    ...fields,
  };
}

const FAILED_RESULT = { result: { isError: true, content: [{ type: "text", text: "no such note" }] } };

const SUMMARIES: readonly (readonly [string, Partial<Event>, string])[] = [
  ["a request", {}, "tools/call search"],
  ["a response", { kind: "response", payload: { result: {} } }, "tools/call search"],
  ["a tool's failure", { kind: "response", payload: FAILED_RESULT }, "tools/call search: no such note"],
  [
    "an answer to nothing",
    { kind: "response", method: null, tool: null },
    "answers no request that was seen",
  ],
  [
    "an error",
    { kind: "error", payload: { error: { code: -32601, message: "Method not found" } } },
    "tools/call search: -32601 Method not found",
  ],
  [
    "an error whose message is no text",
    { kind: "error", payload: { error: { code: -32000, message: { why: "disk" } } } },
    'tools/call search: -32000 {"why":"disk"}',
  ],
  ["a line of log", { kind: "log", method: null, tool: null, payload: "ready" }, "ready"],
  ["a line that is no JSON", { kind: "invalid", method: null, tool: null, payload: "> npx…" }, "> npx…"],
  [
    "bytes",
    { kind: "invalid", method: null, tool: null, payload: { base64: "//4=" } },
    "base64 //4=",
  ],
  [
    "a gap",
    { kind: "gap", method: null, tool: null, payload: { stream: "stdout", messages: 3, bytes: 900 } },
    "stream stdout, messages 3, bytes 900",
  ],
  [
    "a start",
    { kind: "lifecycle", payload: { event: "start", command: ["npx", "-y", "x"], pid: 7 } },
    "started: npx -y x",
  ],
  [
    "an end",
    { kind: "lifecycle", payload: { event: "exit", exitCode: 0, signal: null, reason: "it ended" } },
    "ended with code 0: it ended",
  ],
  [
    "a death",
    { kind: "lifecycle", payload: { event: "exit", exitCode: 137, signal: "SIGKILL", reason: "it ended" } },
    "ended by SIGKILL: it ended",
  ],
];

for (const [what, fields, text] of SUMMARIES) {
  Deno.test(`eventSummary() of ${what}`, () => equal(eventSummary(event(fields)), text));
}

Deno.test("eventSummary() is made of a payload however deeply it is nested", () => {
  const deep = JSON.parse("[".repeat(100_000) + '{"toJSON":1}' + "]".repeat(100_000));
  match(eventSummary(event({ kind: "invalid", payload: { deep } })), /^deep (\[\[|\(nested too deeply\))/);
});

const EVENTS = [
  event({ server: "notes" }),
  event({
    server: "a-server-with-a-long-name",
    kind: "response",
    direction: "server_to_client",
    durationMs: 604.2,
  }),
  event({ kind: "log", method: null, tool: null, payload: "\x1b[2J" + "long text ".repeat(50) }),
];

for (const columns of [60, 80, 200]) {
  Deno.test(`eventTable() fits ${columns} columns`, () => {
    verifies("read-tables");
    for (const line of eventTable(EVENTS, { columns, color: false }, OPTIONS)) {
      ok(textWidth(line) <= columns, line);
      ok(!line.includes("\x1b"), line);
    }
  });
}

Deno.test("eventTable() at 80 columns", () => {
  deepStrictEqual(eventTable(EVENTS.slice(0, 2), { columns: 80, color: false }, OPTIONS), [
    "TIME          SERVER           KIND        WHAT               ID",
    "12:00:00.000  notes            → request   tools/call search  01a1fe13-c85b-7000",
    "12:00:00.000  a-server-with-…  ← response  tools/call search  01a1fe13-c85b-7000",
  ]);
});

Deno.test("eventTable() leaves out the server first when there is only one", () => {
  const [header = ""] = eventTable([event({})], { columns: 60, color: false }, OPTIONS);
  equal(header.includes("SERVER"), false);
});
