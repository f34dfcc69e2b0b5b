import { deepStrictEqual, equal, match } from "node:assert/strict";
import type { Call, Event } from "../../core/event.ts";
import { verifies } from "../../../tests/verifies.ts";
import { csvLines } from "./csv.ts";
import type { Exchange } from "../../store/calls.ts";
import { harText } from "./har.ts";
import { otlpText } from "./otlp.ts";

const ID = "01a1fe13-c85b-7000-8000-0123456789ab";
const RUN = "01a1fe13-0000-7000-8000-000000000000";
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";

const CALL: Call = {
  id: ID,
  time: "2026-11-21T11:50:36.123456Z",
  correlationId: RUN,
  server: "My Notes",
  client: "claude",
  direction: "client_to_server",
  method: "tools/call",
  tool: "search/all",
  outcome: "ok",
  durationMs: 12.5,
  requestBytes: 100,
  responseBytes: 200,
  tokens: 50,
  responseId: "01a1fe13-c85b-7000-8001-0123456789ab",
  operationId: null,
};

const REQUEST: Event = {
  id: ID,
  time: CALL.time,
  correlationId: RUN,
  server: CALL.server,
  direction: "client_to_server",
  kind: "request",
  method: "tools/call",
  tool: "search/all",
  rpcId: 7,
  sizeBytes: 100,
  truncated: false,
  durationMs: null,
  payload: { params: { name: "search/all", arguments: { q: 1 } } },
};

function exchange(
  call: Partial<Call> = {},
  request: unknown = REQUEST.payload,
  response: unknown = { result: {} },
): Exchange {
  const answer: Event = { ...REQUEST, kind: "response", direction: "server_to_client", payload: response };
  return {
    call: { ...CALL, ...call },
    request: { ...REQUEST, payload: request },
    response: response === null ? null : answer,
  };
}

// deno-lint-ignore no-explicit-any -- read as another program would, without our types
function spans(exchanges: Exchange[], payloads = false): any[] {
  const request = JSON.parse([...otlpText(exchanges, { version: "1", payloads })].join(""));
  // deno-lint-ignore no-explicit-any -- as above
  return request.resourceSpans.flatMap((resource: any) => resource.scopeSpans[0].spans);
}

function attributesOf(
  span: { attributes: { key: string; value: { stringValue: string } }[] },
): Record<string, string> {
  return Object.fromEntries(span.attributes.map(({ key, value }) => [key, value.stringValue]));
}

Deno.test("otlpText() makes a SERVER span with the conventions' names", () => {
  verifies("read-export-otlp");
  const [span] = spans([exchange()]);
  deepStrictEqual([span.name, span.kind, span.status], ["tools/call search/all", 2, {}]);
  deepStrictEqual([span.startTimeUnixNano, span.endTimeUnixNano], [
    "1795261836123456000",
    "1795261836135956000",
  ]);
  deepStrictEqual(attributesOf(span), {
    "mcp.method.name": "tools/call",
    "mcp.session.id": RUN,
    "jsonrpc.request.id": "7",
    "network.transport": "pipe",
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "search/all",
  });
});

Deno.test("otlpText() gives ids of the right length", () => {
  const [span] = spans([exchange()]);
  match(span.traceId, /^[0-9a-f]{32}$/);
  match(span.spanId, /^[0-9a-f]{16}$/);
  equal(span.parentSpanId, undefined);
});

Deno.test("otlpText() takes the parent from _meta.traceparent", () => {
  const meta = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: "a=b" };
  const [span] = spans([exchange({}, { params: { _meta: meta } })]);
  deepStrictEqual([span.traceId, span.parentSpanId, span.traceState], [TRACE, PARENT, "a=b"]);
});

for (
  const traceparent of ["junk", `00-${"0".repeat(32)}-${PARENT}-01`, `00-${TRACE}-${"0".repeat(16)}-01`, 7]
) {
  Deno.test(`otlpText() passes over the traceparent ${traceparent}`, () => {
    const [span] = spans([exchange({}, { params: { _meta: { traceparent } } })]);
    equal(span.parentSpanId, undefined);
  });
}

Deno.test("otlpText() puts a retry into the trace of its operation", () => {
  const first = "01a1fe13-c85a-7000-8000-aaaaaaaaaaaa";
  const [span] = spans([exchange({ operationId: first })]);
  deepStrictEqual([span.traceId, span.parentSpanId], [first.replaceAll("-", ""), "8000aaaaaaaaaaaa"]);
});

Deno.test("otlpText() says how a call failed", () => {
  const [rpc] = spans([exchange({ outcome: "error" }, {}, { error: { code: -32602, message: "bad" } })]);
  deepStrictEqual(rpc.status, { code: 2, message: "bad" });
  deepStrictEqual([attributesOf(rpc)["error.type"], attributesOf(rpc)["rpc.response.status_code"]], [
    "-32602",
    "-32602",
  ]);
  const [tool] = spans([exchange({ outcome: "tool_error" }, {}, { result: { isError: true } })]);
  deepStrictEqual([tool.status.code, attributesOf(tool)["error.type"]], [2, "tool_error"]);
});

Deno.test("otlpText() names a resource in an attribute and not in the span's name", () => {
  const [span] = spans([exchange({ method: "resources/read", tool: "file:///a" })]);
  deepStrictEqual([span.name, attributesOf(span)["mcp.resource.uri"]], ["resources/read", "file:///a"]);
});

Deno.test("otlpText() makes what the server asks a CLIENT span and leaves open calls out", () => {
  const all = spans([
    exchange({ direction: "server_to_client", method: "sampling/createMessage", tool: null }),
    exchange({ outcome: "open" }, {}, null),
  ]);
  deepStrictEqual(all.map((span) => [span.name, span.kind]), [["sampling/createMessage", 3]]);
});

Deno.test("otlpText() remembers the protocol version that initialize settled", () => {
  const [, span] = spans([
    exchange({ method: "initialize", tool: null }, {}, { result: { protocolVersion: "2025-11-25" } }),
    exchange(),
  ]);
  equal(attributesOf(span)["mcp.protocol.version"], "2025-11-25");
});

Deno.test("otlpText() adds arguments and results only when asked", () => {
  const [without] = spans([exchange()]);
  equal(attributesOf(without)["gen_ai.tool.call.arguments"], undefined);
  const [span] = spans([exchange()], true);
  equal(attributesOf(span)["gen_ai.tool.call.arguments"], '{"q":1}');
});

Deno.test("otlpText() of nothing is a valid request", () => {
  deepStrictEqual(JSON.parse([...otlpText([], { version: "1", payloads: false })].join("")), {
    resourceSpans: [],
  });
});

Deno.test("harText() makes an entry that a viewer can show", () => {
  verifies("read-export-har");
  const { log } = JSON.parse([...harText([exchange()], "1")].join(""));
  deepStrictEqual([log.version, log.creator.name, log.pages.length], ["1.2", "km", 1]);
  const [entry] = log.entries;
  deepStrictEqual(
    [entry.startedDateTime, entry.time, entry.pageref, entry.timings],
    ["2026-11-21T11:50:36.123Z", 12.5, log.pages[0].id, { send: 0, wait: 12.5, receive: 0 }],
  );
  equal(new URL(entry.request.url).href, "http://my-notes.mcp/tools/call/search%2Fall");
  deepStrictEqual([entry.request.bodySize, entry.response.bodySize, entry.response.status], [100, 200, 200]);
  deepStrictEqual(JSON.parse(entry.response.content.text), { result: {} });
});

Deno.test("harText() shows failures, calls without answer, and bytes", () => {
  const { log } = JSON.parse(
    [...harText([
      exchange({ outcome: "error" }, {}, { error: { code: -32601 } }),
      exchange({ outcome: "hung", durationMs: null }, {}, null),
      exchange({}, "cut {", { base64: "//4=" }),
    ], "1")].join(""),
  );
  const shown = log.entries.map((
    { response }: { response: { status: number; statusText: string; content: { encoding?: string } } },
  ) => [
    response.status,
    response.statusText,
    response.content.encoding,
  ]);
  deepStrictEqual(shown, [[500, "error -32601", undefined], [0, "hung", undefined], [200, "ok", "base64"]]);
  equal(log.entries[2].request.postData.text, "cut {");
});

Deno.test("csvLines() quotes and disarms cells", () => {
  verifies("read-export-csv");
  const [header, line] = csvLines([{ ...REQUEST, server: "=cmd()", method: 'a"b', payload: "x,\ny" }]);
  equal(header?.startsWith("id,time,correlationId,server,direction,kind,method,tool,rpcId,"), true);
  equal(
    line,
    `${ID},${CALL.time},${RUN},'=cmd(),client_to_server,request,"a""b",search/all,7,100,false,,"x,\ny"\r\n`,
  );
});
