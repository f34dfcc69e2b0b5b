/** What km recorded of real programs, read back with every reading command. @module */
import assert from "node:assert/strict";
import type { Call, Event } from "../../src/core/event.ts";
import { verifies } from "../verifies.ts";
import { readCalls, readEvents, readJson, runKm, TempFolder } from "./harness.ts";
import { drive, monitored, serverCommand, testReal } from "./real_programs.ts";

const CORRELATION_ID = "the-run-of-this-test";

/** A home with one run of server-memory in it. */
async function recordMemory(): Promise<TempFolder> {
  using folder = new TempFolder();
  const home = new TempFolder();
  const flags = ["--name", "memory", "--correlation-id", CORRELATION_ID];
  const server = monitored(flags, serverCommand("memory", folder.path));
  await drive("1.x", "memory", server, { folder: folder.path, home: home.path });
  return home;
}

/** The contract of `km events --json` and `km calls --json`: these fields, in this order. */
const EVENT_FIELDS =
  "id time correlationId server direction kind method tool rpcId sizeBytes truncated durationMs payload";
const CALL_FIELDS =
  "id time correlationId server client direction method tool outcome durationMs requestBytes " +
  "responseBytes tokens responseId operationId";

testReal("km events and km calls --json keep their contract and their filters on a real run", async () => {
  verifies(
    "read-json-contract",
    "read-events-filters",
    "read-calls",
    "monitor-correlation-id",
    "monitor-name-flag",
  );
  using home = await recordMemory();
  const events = await readEvents(home.path);
  const calls = await readCalls(home.path);
  for (const event of events) assert.equal(Object.keys(event).join(" "), EVENT_FIELDS);
  for (const call of calls) assert.equal(Object.keys(call).join(" "), CALL_FIELDS);
  assert.ok(events.every((event) => event.correlationId === CORRELATION_ID));

  const middle = events[Math.floor(events.length / 2)]?.time ?? "";
  const filters: [flags: string[], expected: (event: Event) => boolean][] = [
    [["--server", "memory"], () => true],
    [["--server", "other"], () => false],
    [["--correlation", CORRELATION_ID], () => true],
    [["--method", "tools/call"], (event) => event.method === "tools/call"],
    [["--tool", "add_observations"], (event) => event.tool === "add_observations"],
    [["--kind", "notification"], (event) => event.kind === "notification"],
    [["--direction", "server_to_client"], (event) => event.direction === "server_to_client"],
    [["--since", "10m"], () => true],
    [["--since", middle], (event) => event.time >= middle],
    [["--until", middle], (event) => event.time < middle],
    [["--search", "inspires"], (event) => JSON.stringify(event.payload).includes("inspires")],
    [
      ["--tool", "open_nodes", "--kind", "response"],
      (event) => event.tool === "open_nodes" && event.kind === "response",
    ],
  ];
  for (const [flags, expected] of filters) {
    assert.deepEqual(
      ids(await readEvents(home.path, ...flags)),
      ids(events.filter(expected)),
      flags.join(" "),
    );
  }
  assert.deepEqual(
    ids(await readCalls(home.path, "--outcome", "tool_error")),
    ids(calls.filter((call) => call.outcome === "tool_error")),
  );
});

testReal("km show and km export give back a real run", async () => {
  verifies("read-show", "read-export-jsonl", "read-export-csv", "read-export-har", "read-export-otlp");
  using home = await recordMemory();
  const events = await readEvents(home.path);
  const request = events.find((event) => event.tool === "open_nodes" && event.kind === "request");
  const [shown] = await readJson<{ event: Event; counterpart: Event; call: Call }>(
    ["show", `${request?.id}`],
    home.path,
  );
  assert.deepEqual(shown?.event, request);
  assert.equal(shown?.counterpart.kind, "response");
  assert.equal(shown?.call.responseId, shown?.counterpart.id);

  const prefix = shortestPrefix(request?.id ?? "", events);
  assert.match((await runKm(["show", prefix], { home: home.path })).out, /tools\/call open_nodes/);

  const exported = async (format: string) =>
    (await runKm(["export", "--format", format], { home: home.path })).out;
  const lines = (await exported("jsonl")).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines, events);
  const toolCalls = events.filter((event) =>
    event.method === "tools/call" && event.kind === "request"
  ).length;
  const har = JSON.parse(await exported("har"));
  assert.equal(har.log.version, "1.2");
  assert.ok(har.log.entries.length >= toolCalls);
  assert.match(await exported("csv"), /add_observations/);
  const otlp = await exported("otlp-json");
  for (const name of ["resourceSpans", "mcp.method.name", "gen_ai.tool.name", "tools/call open_nodes"]) {
    assert.ok(otlp.includes(name), name);
  }
});

function ids(list: readonly { readonly id: string }[]): string[] {
  return list.map(({ id }) => id).sort();
}

/** The shortest start of `id` that no other event has. */
function shortestPrefix(id: string, events: readonly Event[]): string {
  let length = 1;
  while (events.some((other) => other.id !== id && other.id.startsWith(id.slice(0, length)))) length++;
  return id.slice(0, length);
}
