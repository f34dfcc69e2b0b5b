import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { makeCall, makeRun, makeTool } from "../../store/testing.ts";
import { KmError } from "../../core/error.ts";
import { OverviewSchema } from "../schemas_figures.ts";
import { TestApi } from "../testing_api.ts";
import { DAY_US, HOUR_US, thisMinuteUs } from "./figures_testing.ts";

async function overview(api: TestApi, query = "") {
  const response = await api.get(`/api/overview?${query}`);
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  return OverviewSchema.strict().parse(body);
}

/** The last midnight where the clock is `offsetMinutes` ahead of UTC. */
function midnightUs(offsetMinutes: number): number {
  const offsetUs = offsetMinutes * 60e6;
  return Math.floor((Date.now() * 1000 + offsetUs) / DAY_US) * DAY_US - offsetUs;
}

Deno.test.each([0, 330, -480, 60])(
  "GET /api/overview counts days from the midnight of %d minutes ahead of UTC",
  async (offset) => {
    verifies("api-stats");
    using api = new TestApi();
    const today = midnightUs(offset);
    const times = [
      today,
      today - 60e6,
      today - DAY_US,
      today - DAY_US - 60e6,
      today - 6 * DAY_US,
      today - 6 * DAY_US - 60e6,
    ];
    for (const timeUs of times) api.store.append(makeCall(timeUs, timeUs === today ? "error" : "ok").batch);
    const { odometer } = await overview(api, `utcOffsetMinutes=${offset}`);
    assert.deepEqual(odometer.today, { messages: 2, calls: 1, errors: 1, tokens: 25, costMicroUsd: null });
    assert.deepEqual([odometer.yesterday.calls, odometer.week.calls, odometer.all.calls], [2, 5, 6]);
  },
);

Deno.test.each([
  { model: null, cost: null },
  { model: "claude-sonnet-4-5", cost: 75 },
  { model: "no-such-model", cost: null },
  { model: "ollama/llama3", cost: 0 },
])("GET /api/overview with the model $model: a call of 25 tokens costs $cost", async ({ model, cost }) => {
  using api = new TestApi({ model: () => model });
  api.store.append(makeCall(thisMinuteUs() - 60e6).batch);
  const report = await overview(api);
  assert.equal(report.model, model);
  assert.equal(report.odometer.all.costMicroUsd, cost);
});

Deno.test("GET /api/overview tells what changed since yesterday, and what is to be looked at", async () => {
  using api = new TestApi();
  const nowUs = thisMinuteUs();
  const old = makeRun({ server: "old", correlationId: "old", startedUs: nowUs - 3 * DAY_US });
  api.store.append({
    run: old,
    tools: [makeTool("read", nowUs - 3 * DAY_US), makeTool("added", nowUs - HOUR_US)],
  });
  api.store.append({ run: old, tools: [{ ...makeTool("read", nowUs - HOUR_US), sha256: "0b".repeat(32) }] });
  api.store.append({ run: makeRun({ server: "new", correlationId: "new", startedUs: nowUs - HOUR_US }) });
  for (let n = 0; n < 30; n++) {
    const timeUs = nowUs - HOUR_US - (n < 10 ? DAY_US : 0) + n * 1e6;
    api.store.append({ run: old, ...makeCall(timeUs, n < 10 ? "ok" : "error", { tool: "read" }).batch });
  }
  const { changes, findings } = await overview(api);
  assert.deepEqual(changes.map(({ kind, server, tool }) => [kind, server, tool]), [
    ["new_server", "new", null],
    ["new_tool", "old", "added"],
    ["tool_changed", "old", "read"],
    ["tool_failing", "old", "read"],
    ["volume_up", null, null],
  ]);
  assert.deepEqual(findings.map(({ kind }) => kind), ["tool_failing", "tool_changed"]);
});

Deno.test("GET /api/overview of an empty store is all zero", async () => {
  using api = new TestApi();
  const { odometer, changes, findings } = await overview(api);
  const zero = { messages: 0, calls: 0, errors: 0, tokens: 0, costMicroUsd: null };
  assert.deepEqual(odometer, { today: zero, yesterday: zero, week: zero, all: zero });
  assert.deepEqual([changes, findings], [[], []]);
});

Deno.test.each(["900", "-841", "1.5", "x"])(
  "GET /api/overview?utcOffsetMinutes=%s is a 400",
  async (offset) => {
    using api = new TestApi();
    const response = await api.get(`/api/overview?utcOffsetMinutes=${offset}`);
    assert.deepEqual([response.status, (await response.json()).error.field], [400, "utcOffsetMinutes"]);
  },
);

Deno.test("GET /api/overview, /api/stats and the rest add up sizes that no integer holds", async () => {
  verifies("api-stats");
  using api = new TestApi();
  const nowUs = thisMinuteUs() - 60e6;
  const huge = Number.MAX_SAFE_INTEGER;
  for (let n = 0; n < 3; n++) {
    const { batch } = makeCall(nowUs + n, "ok");
    api.store.append({
      ...batch,
      events: batch.events?.map((event) => ({ ...event, sizeBytes: huge })) ?? [],
      calls:
        batch.calls?.map((call) => ({ ...call, requestBytes: huge, responseBytes: huge, tokens: huge })) ??
          [],
    });
  }
  // As an older km wrote it.
  api.store.db.exec("UPDATE traffic SET bytes = 9223372036854775807");
  api.store.db.exec("UPDATE rollups SET request_bytes = 9223372036854775807, tokens = 9223372036854775807");
  api.store.append(makeCall(nowUs + 10, "ok").batch);
  await overview(api);
  for (
    const path of ["/api/stats", "/api/servers", "/api/tools", "/api/latency", "/metrics", "/api/findings"]
  ) {
    const response = await api.get(path);
    assert.equal(response.status, 200, `${path}: ${await response.text()}`);
    await response.body?.cancel().catch(() => {});
  }
});

Deno.test("a 500 tells nothing of what went wrong inside", async () => {
  const inside = new KmError("internal", "RangeError: Value is too large: 18014398509481982");
  using api = new TestApi({ reader: { query: () => Promise.reject(inside) } });
  const response = await api.get("/api/overview");
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /RangeError/);
});
