/** Real MCP servers and clients, directly and through km: the same answers, the same bytes, and a record of what they said. @module */
import assert from "node:assert/strict";
import type { Call, Event } from "../../src/core/event.ts";
import { verifies } from "../verifies.ts";
import { readCalls, readEvents, readJson, TempFolder } from "./harness.ts";
import {
  type Client,
  drive,
  inspect,
  monitored,
  readWire,
  type Scenario,
  serverCommand,
  tapped,
  testInspector,
  testReal,
} from "./real_programs.ts";

/** One drive through km: what the client saw, what passed on both sides of km, and what km recorded. */
interface Recorded {
  readonly answers: Map<string, unknown>;
  readonly events: readonly Event[];
  readonly calls: readonly Call[];
  readonly home: string;
}

/** Drives a scenario directly and through km, and checks everything that holds for any server. */
async function compare(
  client: Client,
  scenario: Scenario,
  check: (recorded: Recorded) => unknown,
  relay: "fast" | "portable" = "fast",
): Promise<void> {
  using folder = new TempFolder();
  using home = new TempFolder();
  const options = { folder: folder.path, home: home.path, relay };
  const server = serverCommand(scenario, folder.path);
  const [outside, inside] = [`${folder.path}/outside`, `${folder.path}/inside`];

  const direct = await drive(client, scenario, tapped(`${folder.path}/direct`, server), options);
  const behindKm = tapped(outside, monitored(["--name", scenario], tapped(inside, server)));
  const through = await drive(client, scenario, behindKm, options);
  assert.deepEqual(through.answers.map(comparable), direct.answers.map(comparable));
  assert.equal(through.err, direct.err, "stderr differs");

  const [near, far] = await Promise.all([readWire(outside), readWire(inside)]);
  assert.equal(far.sent.sha256, near.sent.sha256, "what the server got is not what the client sent");
  assert.equal(near.received.sha256, far.received.sha256, "what the client got is not what the server sent");

  const events = await readEvents(home.path);
  assert.deepEqual(payloads(events, "client_to_server"), near.sent.messages);
  assert.deepEqual(payloads(events, "server_to_client"), near.received.messages);
  const calls = await readCalls(home.path);
  for (const call of calls) checkCall(call, scenario);
  await check({ answers: new Map(through.answers), events, calls, home: home.path });
}

/** The tool answers with the weather of a random city. */
function comparable([step, answer]: readonly [string, unknown]): unknown {
  return step === "structured" ? step : [step, answer];
}

/** Payloads of the messages that went one way, in order. */
function payloads(events: readonly Event[], direction: Event["direction"]): unknown[] {
  return events
    .filter((event) => event.direction === direction && !["log", "lifecycle"].includes(event.kind))
    .map(({ payload }) => payload);
}

function checkCall(call: Call, server: string): void {
  assert.equal(call.server, server);
  assert.notEqual(call.outcome, "open", `${call.method} is still open`);
  assert.ok(call.durationMs !== null && call.durationMs > 0, `${call.method} took ${call.durationMs} ms`);
  assert.ok(call.requestBytes > 0 && call.responseBytes > 0, `${call.method} has no bytes`);
}

function outcomes(calls: readonly Call[], method: string, tool?: string): string[] {
  return calls.filter((call) => call.method === method && (!tool || call.tool === tool)).map(({ outcome }) =>
    outcome
  );
}

/** Keys of a table of `km stats`. */
async function statsKeys(home: string, by: string): Promise<string[]> {
  const [stats] = await readJson<{ rows: { key: string }[] }>(["stats", "--by", by], home);
  return stats?.rows.map(({ key }) => key) ?? [];
}

for (const client of ["1.x", "2.x"] as const) {
  const name = `client-${client.replace(".", "")}`;

  testReal(`km monitor is not seen by the SDK's ${client} client and server-everything`, async () => {
    verifies(
      "real-server-everything",
      "real-sdk-1x-client",
      "real-sdk-2x-client",
      "real-record",
      "recorder-era-2025",
    );
    await compare(client, "everything", ({ calls, events }) => {
      assert.deepEqual(outcomes(calls, "tools/call", "echo"), Array(202).fill("ok"));
      assert.deepEqual(outcomes(calls, "tools/call", "get-sum"), ["ok", "tool_error"]);
      assert.deepEqual(outcomes(calls, "tools/call", "no-such-tool"), ["tool_error"]);
      assert.deepEqual(outcomes(calls, "resources/read"), ["error"]);
      assert.deepEqual(outcomes(calls, "initialize"), ["ok"]);
      assert.deepEqual(outcomes(calls, "ping"), ["ok"]);
      const [slow] = calls.filter((call) => call.tool === "trigger-long-running-operation");
      assert.ok(slow?.durationMs && slow.durationMs >= 250, `the slow call took ${slow?.durationMs} ms`);
      const asked = calls.filter((call) => call.direction === "server_to_client").map(({ method }) => method);
      assert.deepEqual(
        new Set(asked),
        new Set(["elicitation/create", "roots/list", "sampling/createMessage"]),
      );
      assert.ok(calls.every((call) => call.client === null || call.client === name));
      assert.ok(events.some((event) => event.kind === "log" && /STDIO/.test(String(event.payload))));
      assert.ok(events.some((event) => event.sizeBytes > 1_000_000 && event.method === "tools/call"));
    });
  });

  testReal(`km monitor is not seen by the SDK's ${client} client and server-filesystem`, async () => {
    verifies("real-server-filesystem", "real-record", "recorder-outcomes");
    await compare(client, "filesystem", ({ calls, answers }) => {
      assert.match(JSON.stringify(answers.get("read")), /drei: ü 🦕/);
      assert.deepEqual(outcomes(calls, "tools/call", "read_text_file"), ["ok", "tool_error", "tool_error"]);
      assert.deepEqual(outcomes(calls, "tools/call", "write_file"), ["ok"]);
    });
  });

  testReal(`km monitor is not seen by the SDK's ${client} client and server-memory`, async () => {
    verifies(
      "real-server-memory",
      "real-record",
      "recorder-identities",
      "read-stats",
      "read-stats-unused-tools",
    );
    await compare(client, "memory", async ({ calls, home }) => {
      assert.deepEqual(outcomes(calls, "tools/call", "create_entities"), ["ok"]);
      assert.deepEqual(outcomes(calls, "tools/call", "add_observations"), ["ok", "tool_error"]);
      const tools = await statsKeys(home, "tool");
      assert.ok(tools.includes("create_entities") && tools.includes("read_graph"), tools.join());
      assert.deepEqual(await statsKeys(home, "server"), ["memory"]);
      assert.ok((await statsKeys(home, "client")).includes(name));
    });
  });
}

testReal("km monitor is not seen by the SDK's 2.x client and server (2026-07-28)", async () => {
  verifies(
    "real-sdk-2x-client",
    "recorder-era-2026",
    "recorder-mrtr-link",
    "recorder-identities",
    "fm-27-mrtr-tasks",
  );
  await compare("2.x", "modern", ({ calls, events, answers }) => {
    assert.match(JSON.stringify(answers.get("order")), /soup for Ada Lovelace/);
    assert.deepEqual(new Set(outcomes(calls, "server/discover")), new Set(["ok"]));
    assert.deepEqual(outcomes(calls, "initialize"), []);
    assert.deepEqual(outcomes(calls, "tools/call", "upper"), ["ok"]);
    const [asked, retried, ...more] = calls.filter((call) => call.tool === "order");
    assert.deepEqual(more, []);
    assert.equal(asked?.operationId, null);
    assert.equal(retried?.operationId, asked?.id, "the retry is not linked to the first request");
    assert.ok(
      calls.filter((call) => call.method === "tools/call").every((call) => call.client === "client-2x"),
    );
    assert.ok(events.some((event) => JSON.stringify(event.payload).includes("2026-07-28")));
  });
});

testReal(
  "km monitor with the portable relay is not seen by the SDK's 2.x client and server-everything",
  async () => {
    verifies("relay-portable", "real-server-everything");
    await compare("2.x", "everything", ({ calls }) => {
      assert.deepEqual(outcomes(calls, "tools/call", "echo"), Array(202).fill("ok"));
    }, "portable");
  },
);

testReal("km monitor takes -32601 to server/discover for what it is: an older server", async () => {
  verifies("recorder-discover-32601", "fm-28-discover-32601");
  await compare("2.x", "memory", ({ calls, events }) => {
    const discovers = calls.filter((call) => call.method === "server/discover");
    assert.ok(discovers.length > 0, "the 2.x client did not ask server/discover");
    const answers = events.filter((event) => discovers.some((call) => call.responseId === event.id));
    assert.ok(answers.every((event) => JSON.stringify(event.payload).includes("-32601")));
    assert.deepEqual(new Set(discovers.map(({ outcome }) => outcome)), new Set(["ok"]));
  });
});

testInspector("km monitor is not seen by inspector --cli", async () => {
  verifies("real-inspector-cli", "real-record");
  using folder = new TempFolder();
  using home = new TempFolder();
  const options = { folder: folder.path, home: home.path };
  const server = serverCommand("everything", folder.path);
  for (
    const args of [
      ["--method", "tools/list"],
      ["--method", "tools/call", "--tool-name", "echo", "--tool-arg", "message=hello"],
    ]
  ) {
    const direct = await inspect(server, args, options);
    const through = await inspect(monitored(["--name", "inspected"], server), args, options);
    assert.equal(through, direct, args.join(" "));
  }
  const calls = await readCalls(home.path, "--server", "inspected");
  assert.deepEqual(outcomes(calls, "tools/call", "echo"), ["ok"]);
  assert.ok(calls.some((call) => call.client?.includes("inspector")));
});
