/**
 * The failure modes of stdio proxies, one test or more for each row that the other files do not prove: what is recorded of odd bytes, of every turn
 * of a conversation, of secrets, and by two km at once. Rows 1-9 and 21: lifecycle, signals, flags; 10, 22: backpressure; 12-18 on the wire: bytes;
 * 19: the unit tests of `windowsCommand`; 23: faults; 29, 32 wait for later commands.
 * @module
 */
import assert from "node:assert/strict";
import { verifies } from "../verifies.ts";
import { runKm } from "./harness.ts";
import { FakeClient } from "../fakes/fake_client.ts";
import { fakeServer, testEachRelay, type Way } from "../fakes/ways.ts";
import { ODD_BYTES } from "../fakes/server_bytes.ts";
import type { Call, Event } from "../../src/core/event.ts";

const MODERN = { _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } };

testEachRelay("records the server's stderr line by line, and passes it unchanged", async (way) => {
  verifies(
    "recorder-stderr-log",
    "relay-stderr-unchanged",
    "fm-10-stderr-drained",
    "fm-11-nothing-on-stdout",
  );
  const script = "printf 'one\\r\\n\\ntwo \\377\\nlast' >&2";
  await using client = new FakeClient(way, ["sh", "-c", script]);
  assert.equal((await client.readAll()).length, 0);
  await client.finish();
  await client.stderr.done;
  assert.equal(new TextDecoder("latin1").decode(client.stderr.bytes()), "one\r\n\ntwo ÿ\nlast");
  const logs = await client.events("--kind", "log");
  assert.deepEqual(
    logs.map(({ payload }) => payload).filter((payload) => typeof payload === "string" && payload),
    [
      "one",
      "last",
    ],
  );
});

testEachRelay("records invalid UTF-8 and NUL as bytes", async (way) => {
  verifies("fm-14-invalid-utf8-nul");
  const events = await recordOfOdd(way, "invalid-utf8");
  assert.deepEqual(events.map(({ kind, payload }) => ({ kind, payload })), [
    { kind: "invalid", payload: { base64: bytesOf("invalid-utf8").subarray(0, -1).toBase64() } },
  ]);
  const nul = await recordOfOdd(way, "nul");
  assert.deepEqual(nul.map(({ kind, sizeBytes }) => [kind, sizeBytes]), [["invalid", 3], ["invalid", 2]]);
});

testEachRelay("records lines that are not JSON as invalid", async (way) => {
  verifies("fm-15-non-json-lines", "fm-16-content-length-framing");
  const banner = await recordOfOdd(way, "banner");
  assert.deepEqual(banner.map(({ kind }) => kind), ["invalid", "invalid", "invalid"]);
  assert.equal(banner[0]?.payload, "Welcome to the server v1.0");
  const framed = await recordOfOdd(way, "content-length");
  assert.equal(framed[0]?.kind, "invalid");
  assert.match(String(framed[0]?.payload), /^Content-Length: 36/);
});

testEachRelay(
  "records CRLF, blank lines, BOM and a missing line end as the messages they are",
  async (way) => {
    verifies("fm-17-crlf", "fm-18-blank-bom-no-newline", "fm-13-split-utf8");
    const kindsOf = async (name: string) =>
      (await recordOfOdd(way, name)).map(({ kind, rpcId }) => [kind, rpcId]);
    assert.deepEqual(await kindsOf("crlf"), [["response", 1], ["response", 2]]);
    assert.deepEqual(await kindsOf("blank-lines"), [["notification", null]]);
    assert.deepEqual(await kindsOf("bom"), [["response", 1]]);
    assert.deepEqual(await kindsOf("no-final-newline"), [["response", 1]]);
    assert.equal((await recordOfOdd(way, "split-utf8"))[0]?.sizeBytes, bytesOf("split-utf8").length - 1);
  },
);

testEachRelay("pairs every turn that a conversation can take", async (way) => {
  verifies(
    "recorder-pairing",
    "recorder-outcomes",
    "recorder-json-rpc",
    "recorder-duration",
    "recorder-era-2025",
  );
  verifies("fm-24-id-collisions", "fm-25-cancel-late-answer", "fm-08-in-flight-at-eof");
  await using client = new FakeClient(way, fakeServer("mcp"));
  await client.ask({
    jsonrpc: "2.0",
    id: 0,
    method: "initialize",
    params: {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "fake-client", version: "7" },
    },
  });
  await client.sendJson({ jsonrpc: "2.0", method: "notifications/initialized" });
  await client.ask(call(1, "echo"));
  await client.ask(call(2, "fail"));
  await client.ask(call(3, "broken"));
  await client.sendJson(call(4, "never"), call(5, "stubborn"));
  await client.ask({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 5 } });
  await client.sendJson(call(6, "never"));
  await client.sendJson({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 6 } });
  const question = await client.ask(call(7, "ask"));
  assert.equal(question.id, 7, "the server asks under the client's own id");
  await client.ask({ jsonrpc: "2.0", id: 7, result: { role: "assistant" } });
  await client.ask({ ...call(0, "echo"), id: "7" });
  await client.sendJson(call(8, "at_eof"));
  await client.closeStdin();
  assert.equal((await client.readJson()).id, 8);
  await client.finish();

  const calls = await client.calls();
  assert.deepEqual(calls.map(({ direction, method, tool, outcome }) => [direction, method, tool, outcome]), [
    ["client_to_server", "initialize", null, "ok"],
    ["client_to_server", "tools/call", "echo", "ok"],
    ["client_to_server", "tools/call", "fail", "tool_error"],
    ["client_to_server", "tools/call", "broken", "error"],
    ["client_to_server", "tools/call", "never", "hung"],
    ["client_to_server", "tools/call", "stubborn", "late"],
    ["client_to_server", "tools/call", "never", "cancelled"],
    ["client_to_server", "tools/call", "ask", "ok"],
    ["server_to_client", "sampling/createMessage", null, "ok"],
    ["client_to_server", "tools/call", "echo", "ok"],
    ["client_to_server", "tools/call", "at_eof", "ok"],
  ]);
  assert.ok(calls.every((each) => each.client === "fake-client"));
  assert.ok((calls.at(-1)?.durationMs ?? 0) >= 40, "the wait until EOF counts");
});

testEachRelay("is not confused by ids of another type, reused ids, or a second answer", async (way) => {
  verifies("fm-24-id-collisions");
  await using client = new FakeClient(way, fakeServer("mcp"));
  await client.ask(call(5, "wrong_type"));
  await client.readJson();
  await client.ask(call(6, "twice"));
  await client.readJson();
  await client.ask(call(6, "echo"));
  await client.ask({ ...call(0, "echo"), id: null });
  await client.finish();
  assert.deepEqual(outcomes(await client.calls()).slice(0, 3), [["wrong_type", "ok"], ["twice", "ok"], [
    "echo",
    "ok",
  ]]);
  const [request, , right] = (await client.events()).filter(({ rpcId }) => rpcId === 5 || rpcId === "5");
  assert.equal(request?.rpcId, 5);
  assert.ok(right?.durationMs !== null, 'the answer to 5 ended the call, not that to "5"');
});

testEachRelay("pairs the messages of a batch one by one", async (way) => {
  verifies("fm-26-batch-arrays", "recorder-json-rpc");
  await using client = new FakeClient(way, fakeServer("mcp"));
  const batch = [call(1, "echo"), { jsonrpc: "2.0", method: "notifications/initialized" }, {
    ...call(2, "x"),
    method: "ping",
  }];
  assert.equal((await client.ask(batch)).length, 2);
  await client.finish();
  const calls = await client.calls();
  assert.deepEqual(calls.map(({ method, outcome }) => [method, outcome]), [["tools/call", "ok"], [
    "ping",
    "ok",
  ]]);
});

testEachRelay("links the retries of an operation, and takes a declined probe as normal", async (way) => {
  verifies("fm-27-mrtr-tasks", "recorder-mrtr-link", "recorder-era-2026");
  verifies("fm-28-discover-32601", "recorder-discover-32601");
  await using client = new FakeClient(way, fakeServer("mcp"));
  const probe = await client.ask({ jsonrpc: "2.0", id: "p", method: "server/discover", params: MODERN });
  assert.equal(probe.error.code, -32601);
  const first = await client.ask(call(1, "input", MODERN));
  const { requestState } = first.result;
  const answers = { requestState, inputResponses: { seat: { action: "accept", content: { seat: "12A" } } } };
  await client.ask(call(2, "input", { ...MODERN, ...answers }));
  await client.finish();
  const [discover, asked, retried] = await client.calls();
  assert.equal(discover?.outcome, "ok", "a declined probe is no failure");
  assert.equal(retried?.operationId, asked?.id);
});

testEachRelay("stores no secret from arguments, environment or messages", async (way) => {
  verifies("fm-30-secrets-in-argv-env", "redact-command-line", "redact-known-keys", "store-permissions");
  const secret = `ghp_${"a1B2".repeat(9)}`;
  const server = [...fakeServer("cat"), "--token", secret];
  await using client = new FakeClient(way, server, { env: { GITHUB_TOKEN: secret } });
  const message = JSON.stringify({ ...call(1, "login"), note: `token ${secret}` });
  await client.send(message + "\n");
  assert.equal(await client.readLine(), message, "the wire keeps it");
  await client.finish();
  assert.ok(!JSON.stringify(await client.events()).includes(secret));
  for (const { name } of Deno.readDirSync(client.home)) {
    const file = `${client.home}/${name}`;
    assert.ok(!new TextDecoder("latin1").decode(Deno.readFileSync(file)).includes(secret), name);
    assert.equal((Deno.statSync(file).mode ?? 0) & 0o077, 0, `${name} is the user's alone`);
  }
  assert.equal((Deno.statSync(client.home).mode ?? 0) & 0o777, 0o700);
});

testEachRelay("two at once write one database without losing an event", async (way) => {
  verifies("fm-31-two-km-one-database", "store-many-writers");
  await using one = new FakeClient(way, fakeServer("mcp"), { flags: ["--name", "one"] });
  await using two = new FakeClient(way, fakeServer("mcp"), { flags: ["--name", "two"], home: one.home });
  await Promise.all([one, two].map(async (client) => {
    for (let id = 0; id < 300; id++) await client.ask({ jsonrpc: "2.0", id, method: "ping" });
    await client.finish();
  }));
  const calls = await one.calls();
  for (const name of ["one", "two"]) {
    const answered = calls.filter(({ server, outcome }) => server === name && outcome === "ok");
    assert.equal(answered.length, 300, name);
  }
});

testEachRelay("a command missing from PATH is explained by km doctor too", async (way) => {
  verifies("fm-20-gui-path");
  await using client = new FakeClient(way, ["cat"]);
  await client.ask({ jsonrpc: "2.0", id: 1, method: "ping" });
  await client.finish();
  const { out } = await runKm(["doctor"], { home: client.home, env: { PATH: "/nowhere" } });
  assert.match(out, /server\.cat.*PATH/);
});

/** What km records of the odd bytes called `name`, written by the server. */
async function recordOfOdd(way: Way, name: string): Promise<Event[]> {
  await using client = new FakeClient(way, fakeServer("emit", name));
  await client.send("\n".repeat(20));
  assert.deepEqual(await client.readAll(), bytesOf(name));
  await client.finish();
  return await client.events("--direction", "server_to_client");
}

function bytesOf(name: string): Uint8Array {
  return Uint8Array.from((ODD_BYTES[name] ?? []).flatMap((piece) => [...piece]));
}

function call(id: number, tool: string, params: object = {}): Record<string, unknown> {
  return { jsonrpc: "2.0", id, method: "tools/call", params: { name: tool, arguments: {}, ...params } };
}

function outcomes(calls: readonly Call[]): [string | null, string][] {
  return calls.map(({ tool, outcome }) => [tool, outcome]);
}
