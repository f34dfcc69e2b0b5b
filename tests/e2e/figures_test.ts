/** The figures of km serve over a record that real monitors write beside it. @module */
import assert from "node:assert/strict";
import {
  FindingsSchema,
  LatencySchema,
  OverviewSchema,
  ServersSchema,
  StatsSchema,
  ToolsSchema,
} from "../../src/api/schemas_figures.ts";
import { openDatabase } from "../../src/store/database.ts";
import { readReport } from "../../src/store/stats_report.ts";
import { verifies } from "../verifies.ts";
import { RunningDaemon } from "./daemon.ts";
import { runKm } from "./harness.ts";

async function record(home: string): Promise<void> {
  const { code, err } = await runKm(["demo", "--home", home], { home });
  assert.equal(code, 0, err);
}

async function getJson(daemon: RunningDaemon, path: string): Promise<unknown> {
  const response = await daemon.get(path);
  const body: unknown = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  return body;
}

Deno.test("a monitor writes beside km serve: every figure is of the same record, and follows it", async () => {
  verifies("api-stats", "api-servers-tools");
  await using daemon = await RunningDaemon.start();
  assert.equal(StatsSchema.parse(await getJson(daemon, "/api/stats")).totals.calls, 0);
  await record(daemon.home);
  const until = new Date(Date.now() + 60_000).toISOString();
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const stats = StatsSchema.parse(await getJson(daemon, `/api/stats?since=${since}&until=${until}`));
  using db = openDatabase(`${daemon.home}/km.db`, { mode: "read" });
  const range = { sinceUs: Date.parse(since) * 1000, untilUs: Date.parse(until) * 1000 };
  const { intervalMs: _, series, ...report } = stats;
  assert.deepEqual(report, JSON.parse(JSON.stringify(readReport(db, { ...range, by: "tool" }))));
  assert.ok(stats.totals.calls > 5 && stats.totals.errors > 0);
  assert.equal(series.reduce((sum, point) => sum + point.calls, 0), stats.totals.calls);

  const { calls } = LatencySchema.parse(await getJson(daemon, "/api/latency?since=1h"));
  assert.ok(calls > 0 && calls <= stats.totals.calls);
  const { servers } = ServersSchema.parse(await getJson(daemon, "/api/servers"));
  assert.deepEqual(servers.map(({ calls, runs }) => [calls, runs]), [[stats.totals.calls, 1]]);
  const [server] = servers;
  assert.ok(server?.version && server.protocolVersion && server.clients[0]?.version);
  const { tools } = ToolsSchema.parse(await getJson(daemon, "/api/tools"));
  assert.equal(tools.length, server?.tools);
  assert.equal(
    tools.reduce((sum, { definitionTokens }) => sum + (definitionTokens ?? 0), 0),
    server?.definitionTokens,
  );
  const { odometer, changes } = OverviewSchema.parse(await getJson(daemon, "/api/overview"));
  assert.deepEqual([odometer.all.calls, odometer.all.messages], [stats.totals.calls, stats.totals.messages]);
  assert.deepEqual(changes.map(({ kind }) => kind), ["new_server"]);
  FindingsSchema.parse(await getJson(daemon, "/api/findings"));

  await record(daemon.home);
  const again = StatsSchema.parse(await getJson(daemon, `/api/stats?since=${since}&until=${until}`));
  assert.equal(again.totals.calls, 2 * stats.totals.calls);
});

Deno.test("GET /metrics of km serve shows what a monitor recorded, and the daemon's own process", async () => {
  verifies("api-metrics");
  await using daemon = await RunningDaemon.start();
  await record(daemon.home);
  const response = await daemon.get("/metrics");
  assert.equal(response.headers.get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  assert.match(text, /^km_events_total\{server="sample-notes"\} [1-9]\d*$/m);
  assert.match(
    text,
    /^km_calls_total\{server="sample-notes",method="tools\/call",outcome="tool_error"\} [1-9]/m,
  );
  assert.match(text, /^km_build_info\{version="\d+\.\d+\.\d+",deno="[\d.]+"\} 1$/m);
  assert.match(text, /^km_ingested_events_total\{result="accepted"\} 0$/m);
  assert.match(text, /^process_resident_memory_bytes [1-9]\d{7,}$/m);
});
