import assert from "node:assert/strict";
import type { LinkEvent } from "../../core/plugin_link.ts";
import { verifies } from "../../../tests/verifies.ts";
import type { DataScope } from "../manifest.ts";
import { cutTo, type OfferedMessage, ScopeFilter } from "./scope.ts";

const ALL: DataScope = {
  servers: ["*"],
  methods: ["*"],
  directions: ["client_to_server", "server_to_client"],
  payload: "redacted",
};
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function offered(event: Partial<LinkEvent> = {}, server = "files"): OfferedMessage {
  return {
    event: {
      id: "0197",
      timeUs: 1,
      direction: "client_to_server",
      kind: "request",
      method: "tools/call",
      tool: "read",
      rpcId: "1",
      sizeBytes: 9,
      truncated: false,
      format: "json",
      answersId: null,
      durationUs: null,
      ...event,
    },
    correlationId: "run",
    server,
    client: null,
    redacted: encoder.encode('"[redacted]"'),
    raw: encoder.encode('"secret"'),
  };
}

function sees(scope: Partial<DataScope>, message: OfferedMessage): boolean {
  return new ScopeFilter({ ...ALL, ...scope }, 1000).apply(message) !== null;
}

const PATTERNS: readonly (readonly [string, string, boolean])[] = [
  ["*", "anything", true],
  ["files", "files", true],
  ["files", "files2", false],
  ["files", "Files", false],
  ["file*", "files", true],
  ["*es", "files", true],
  ["f*s", "files", true],
  ["f*x*s", "files", false],
  ["a*a", "a", false],
  ["a*a", "aa", true],
  ["*b*b*", "abab", true],
  ["*b*b*", "ab", false],
  ["(a+)+$", "aaaa", false],
  ["", "files", false],
];

Deno.test.each(PATTERNS)("ScopeFilter: server pattern %s on %s", (pattern, server, expected) => {
  verifies("plugin-data-scope");
  assert.equal(sees({ servers: [pattern] }, offered({}, server)), expected);
});

Deno.test("ScopeFilter: methods, and what has none", () => {
  assert.equal(sees({ methods: ["tools/*"] }, offered()), true);
  assert.equal(sees({ methods: ["resources/*"] }, offered()), false);
  assert.equal(sees({ methods: ["tools/*"] }, offered({ kind: "log", method: null })), false);
  assert.equal(sees({ methods: ["*"] }, offered({ kind: "log", method: null })), true);
  assert.equal(sees({ methods: [] }, offered()), false);
});

Deno.test("ScopeFilter: directions, and what has none", () => {
  assert.equal(sees({ directions: ["server_to_client"] }, offered()), false);
  assert.equal(sees({ directions: ["server_to_client"] }, offered({ direction: "server_to_client" })), true);
  const start = offered({ kind: "lifecycle", direction: null, method: null });
  assert.equal(sees({}, start), true);
  assert.equal(sees({ directions: ["server_to_client"] }, start), false);
  assert.equal(sees({ directions: [] }, start), false);
});

Deno.test("ScopeFilter: payload none, redacted, full", () => {
  const data = (payload: DataScope["payload"]) => {
    const message = new ScopeFilter({ ...ALL, payload }, 1000).apply(offered());
    return [message?.format, decoder.decode(message?.data)];
  };
  assert.deepEqual(data("none"), ["none", ""]);
  assert.deepEqual(data("redacted"), ["json", '"[redacted]"']);
  assert.deepEqual(data("full"), ["json", '"secret"']);
});

const BARE: readonly (readonly [string | null, string | null, string | null])[] = [
  ["tools/call", "ns:read_file", "ns:read_file"],
  ["prompts/get", "review", "review"],
  ["resources/read", "file:///home/eve/diagnosis.pdf", "file:"],
  ["resources/read", "https://eve:pw@example.com:8443/a?token=x#y", "https://example.com:8443"],
  ["resources/subscribe", "note://my-diagnosis", "note:"],
  ["resources/unsubscribe", "https://example.com\\@evil", "https://example.com"],
  ["notifications/resources/updated", "urn:isbn:123", "urn:"],
  ["resources/read", "diagnosis.pdf", null],
  ["completion/complete", "file:///{path}", "file:"],
  ["completion/complete", "review", null],
  ["ping", null, null],
  [null, "file:///a", "file:"],
];

Deno.test.each(BARE)("ScopeFilter: without payload, %s of %s is told as %s", (method, tool, expected) => {
  verifies("plugin-data-scope");
  const told = (payload: DataScope["payload"]) =>
    new ScopeFilter({ ...ALL, payload }, 1000).apply(offered({ method, tool }))?.event.tool;
  assert.equal(told("none"), expected);
  assert.equal(told("redacted"), tool);
});

Deno.test("ScopeFilter: without payload, only ids that are running numbers are told", () => {
  verifies("plugin-data-scope");
  const ids = ["7", "-1", '"eve@example.com"', '"7"', "1".repeat(17), "1.5", null];
  const told = (payload: DataScope["payload"]) =>
    ids.map((rpcId) => new ScopeFilter({ ...ALL, payload }, 1000).apply(offered({ rpcId }))?.event.rpcId);
  assert.deepEqual(told("none"), ["7", "-1", null, null, null, null, null]);
  assert.deepEqual(told("full"), ids);
});

Deno.test("ScopeFilter: never full bytes for who was granted redacted ones, also when only those came", () => {
  const message = new ScopeFilter(ALL, 1000).apply({ ...offered(), redacted: null });
  assert.deepEqual([message?.format, message?.data.length], ["none", 0]);
});

Deno.test("ScopeFilter: a long payload is cut, and marked so", () => {
  const message = new ScopeFilter(ALL, 4).apply(offered());
  assert.deepEqual([message?.truncated, message?.data.length], [true, 4]);
  assert.equal(new ScopeFilter(ALL, 1000).apply(offered())?.truncated, false);
});

Deno.test("cutTo() leaves no half character in text", () => {
  const bytes = encoder.encode("aé€😀");
  for (let limit = 0; limit <= bytes.length; limit++) {
    assert.doesNotThrow(() => new TextDecoder("utf-8", { fatal: true }).decode(cutTo(bytes, limit, true)));
  }
  assert.equal(cutTo(bytes, 2, false).length, 2);
});
