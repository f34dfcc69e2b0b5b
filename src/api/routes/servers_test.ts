import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { formatTimeUs } from "../../core/clock.ts";
import { makeCall, makeRun, makeTool } from "../../store/testing.ts";
import { ServersSchema, ToolsSchema } from "../schemas_figures.ts";
import { TestApi } from "../testing_api.ts";
import { DAY_US, fillDay, HOUR_US, thisMinuteUs } from "./figures_testing.ts";

async function servers(api: TestApi, query = "") {
  const response = await api.get(`/api/servers?${query}`);
  assert.equal(response.status, 200);
  return ServersSchema.strict().parse(await response.json()).servers;
}

async function tools(api: TestApi, query = "") {
  const response = await api.get(`/api/tools?${query}`);
  assert.equal(response.status, 200);
  return ToolsSchema.strict().parse(await response.json()).tools;
}

Deno.test("GET /api/servers tells versions, clients, definitions, use and when it was seen", async () => {
  verifies("api-servers-tools");
  using api = new TestApi();
  const nowUs = thisMinuteUs();
  fillDay(api, nowUs);
  const list = await servers(api);
  assert.deepEqual(list.map(({ server }) => server).sort(), ["files", "web"]);
  const web = list.find(({ server }) => server === "web");
  const { p50Ms, p95Ms, p99Ms, series, lastSeen, ...rest } = web ?? assert.fail();
  assert.deepEqual(rest, {
    server: "web",
    command: ["node", "web.js"],
    title: "The web",
    version: "2.1",
    protocolVersion: "2025-11-25",
    clients: [{ name: "tester", version: "1.0", lastSeen: formatTimeUs(nowUs - DAY_US) }],
    runs: 1,
    running: 1,
    firstSeen: formatTimeUs(nowUs - DAY_US),
    tools: 1,
    unusedTools: 0,
    definitionBytes: 400,
    definitionTokens: 100,
    calls: 48,
    errors: 24,
    errorRate: 0.5,
    tokens: 48 * 25,
  });
  assert.ok(p50Ms && p95Ms && p99Ms && p95Ms >= p50Ms);
  assert.equal(series.reduce((sum, calls) => sum + calls, 0), 48);
  assert.ok(Date.parse(lastSeen) * 1000 >= nowUs - HOUR_US && Date.parse(lastSeen) * 1000 <= nowUs);
});

Deno.test("GET /api/servers shows the last run's command, all clients, and how many run", async () => {
  using api = new TestApi();
  const nowUs = thisMinuteUs();
  for (const [n, client] of ["old", "new"].entries()) {
    api.store.append({
      run: makeRun({
        correlationId: client,
        server: "s",
        client,
        startedUs: nowUs - DAY_US + n * HOUR_US,
        endedUs: n === 0 ? nowUs - DAY_US + 60e6 : null,
        command: JSON.stringify([client]),
      }),
    });
  }
  const [server] = await servers(api);
  assert.deepEqual(
    [server?.command, server?.clients.map(({ name }) => name), server?.runs, server?.running],
    [["new"], ["new", "old"], 2, 1],
  );
  assert.deepEqual([server?.firstSeen, server?.lastSeen], [
    formatTimeUs(nowUs - DAY_US),
    formatTimeUs(nowUs - DAY_US + HOUR_US),
  ]);
  assert.deepEqual([server?.calls, server?.p50Ms, server?.series.length], [0, null, 24]);
});

Deno.test("GET /api/tools tells weight, use, last change, unused; also of tools that were never listed", async () => {
  verifies("api-servers-tools");
  using api = new TestApi();
  const nowUs = thisMinuteUs();
  fillDay(api, nowUs);
  const listing = { ...makeTool("read", nowUs - HOUR_US), sha256: "0b".repeat(32), definitionBytes: 999 };
  api.store.append({
    run: makeRun({ server: "files", correlationId: "files-1", startedUs: nowUs - DAY_US }),
    tools: [makeTool("read", nowUs - 2 * HOUR_US), listing, makeTool("never", nowUs - HOUR_US)],
  });
  api.store.append({
    run: makeRun({ server: "files", correlationId: "files-1", startedUs: nowUs - DAY_US }),
    ...makeCall(nowUs - HOUR_US, "ok", { tool: "secret" }).batch,
  });
  const list = await tools(api, "server=files");
  assert.deepEqual(list.map(({ tool }) => tool), ["read", "write", "secret", "never"]);
  const [read, write, secret, never] = list;
  assert.deepEqual(
    [read?.definitionBytes, read?.changedAt, read?.unused, read?.calls],
    [999, formatTimeUs(nowUs - HOUR_US), false, 72],
  );
  assert.deepEqual([write?.changedAt, write?.firstListed], [null, formatTimeUs(nowUs - DAY_US)]);
  assert.deepEqual(
    [secret?.definitionBytes, secret?.lastListed, secret?.unused, secret?.lastCalled],
    [null, null, false, formatTimeUs(nowUs - HOUR_US)],
  );
  assert.deepEqual([never?.unused, never?.calls, never?.p95Ms, never?.lastCalled], [true, 0, null, null]);
  assert.equal((await tools(api)).length, 5);
  assert.equal((await tools(api, "server=nobody")).length, 0);
});
