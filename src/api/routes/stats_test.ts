import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { formatTimeUs } from "../../core/clock.ts";
import { STATS_BY } from "../../store/stats.ts";
import { readReport } from "../../store/stats_report.ts";
import { StatsSchema } from "../schemas_figures.ts";
import { TestApi } from "../testing_api.ts";
import { DAY_US, fillDay, HOUR_US, thisMinuteUs } from "./figures_testing.ts";

async function stats(api: TestApi, query: string) {
  const response = await api.get(`/api/stats?${query}`);
  const body = await response.json();
  assert.equal(response.status, 200, JSON.stringify(body));
  return StatsSchema.strict().parse(body);
}

Deno.test.each([...STATS_BY])("GET /api/stats?by=%s is what km stats reads, with a series", async (by) => {
  verifies("api-stats");
  using api = new TestApi();
  const untilUs = thisMinuteUs();
  fillDay(api, untilUs);
  const range = { sinceUs: untilUs - DAY_US, untilUs };
  const { intervalMs: _, series, ...report } = await stats(
    api,
    `by=${by}&since=${formatTimeUs(range.sinceUs)}&until=${formatTimeUs(untilUs)}`,
  );
  assert.deepEqual(report, JSON.parse(JSON.stringify(readReport(api.store.db, { ...range, by }))));
  assert.ok(report.rows.length > 0);
  assert.equal(series.reduce((sum, point) => sum + point.calls, 0), 192);
});

Deno.test("GET /api/stats has totals, errors, percentiles and messages", async () => {
  verifies("api-stats");
  using api = new TestApi();
  fillDay(api, thisMinuteUs());
  const { totals, rows } = await stats(api, "since=2d&by=server");
  assert.deepEqual([totals.calls, totals.errors, totals.messages], [192, 24, 384]);
  for (const [quantile, exact] of [[totals.p50Ms, 4], [totals.p95Ms, 8], [totals.p99Ms, 8]] as const) {
    assert.ok(
      quantile !== null && Math.abs(quantile - exact) <= exact * 0.032,
      `${quantile} is not ${exact}`,
    );
  }
  assert.deepEqual(rows.map(({ key, calls, errorRate }) => [key, calls, errorRate]), [
    ["files", 144, 0],
    ["web", 48, 0.5],
  ]);
});

Deno.test("GET /api/stats draws every interval, empty ones too, with percentiles of its own", async () => {
  verifies("api-stats");
  using api = new TestApi();
  const untilUs = Math.floor(thisMinuteUs() / HOUR_US) * HOUR_US;
  fillDay(api, untilUs);
  const { series, intervalMs } = await stats(
    api,
    `interval=15m&since=${formatTimeUs(untilUs - DAY_US)}&until=${formatTimeUs(untilUs)}`,
  );
  assert.equal(intervalMs, 900_000);
  assert.equal(series.length, 96);
  // All eight calls of an hour lie in its first quarter.
  assert.deepEqual(series.slice(0, 5).map(({ calls, errors, messages }) => [calls, errors, messages]), [
    [8, 1, 16],
    [0, 0, 0],
    [0, 0, 0],
    [0, 0, 0],
    [8, 1, 16],
  ]);
  assert.deepEqual([series[1]?.p50Ms, series[1]?.tokens], [null, 0]);
  assert.ok(Math.abs((series[0]?.p95Ms ?? 0) - 8) <= 8 * 0.032);
  assert.equal(series[1]?.start, formatTimeUs(untilUs - DAY_US + 900 * 1e6));
});

Deno.test.each([
  { since: "1h", most: 61, intervalMs: 60_000 },
  { since: "24h", most: 97, intervalMs: 900_000 },
  { since: "7d", most: 85, intervalMs: 7_200_000 },
  { since: "30d", most: 61, intervalMs: 43_200_000 },
  { since: "2000d", most: 120, intervalMs: 2_592_000_000 },
])(
  "GET /api/stats?since=$since has at most $most intervals of $intervalMs ms",
  async ({ since, most, intervalMs }) => {
    using api = new TestApi();
    const report = await stats(api, `since=${since}`);
    assert.equal(report.intervalMs, intervalMs);
    assert.ok(report.series.length <= most && report.series.length >= most / 2, String(report.series.length));
  },
);

Deno.test("GET /api/stats filters by server and tool; messages of one tool are not known", async () => {
  verifies("api-stats");
  using api = new TestApi();
  fillDay(api, thisMinuteUs());
  const files = await stats(api, "since=2d&server=files");
  assert.deepEqual(files.rows.map((row) => row.key).sort(), ["read", "write"]);
  assert.deepEqual([files.totals.calls, files.totals.messages], [144, 288]);
  assert.deepEqual(new Set(files.definitions.map((row) => row.server)), new Set(["files"]));
  const tool = await stats(api, "since=2d&server=web&tool=fetch&by=outcome");
  assert.deepEqual(tool.rows.map(({ key, calls }) => [key, calls]), [["error", 24], ["ok", 24]]);
  assert.deepEqual([tool.totals.messages, tool.series[0]?.messages], [null, null]);
  const read = await stats(api, "since=2d&tool=read");
  assert.deepEqual(read.rows.map(({ key, calls }) => [key, calls]), [["read", 72]]);
  assert.deepEqual([read.totals.calls, read.series.reduce((sum, point) => sum + point.calls, 0)], [72, 72]);
  const nobody = await stats(api, "since=2d&server=nobody");
  assert.deepEqual([nobody.rows, nobody.totals.calls], [[], 0]);
});

Deno.test.each([
  { query: "since=soon", field: "since" },
  { query: "until=never", field: "until" },
  { query: "since=1h&until=2h", field: "until" },
  { query: "by=colour", field: "by" },
  { query: "interval=2m", field: "interval" },
  { query: "since=30d&interval=1m", field: "interval" },
])("GET /api/stats?$query is a 400 that names $field", async ({ query, field }) => {
  using api = new TestApi();
  const response = await api.get(`/api/stats?${query}`);
  const { error } = await response.json();
  assert.deepEqual([response.status, error.field], [400, field]);
});

Deno.test.each(["stats", "latency", "servers", "tools", "findings", "overview"])(
  "GET /api/%s needs credentials",
  async (name) => {
    using api = new TestApi();
    assert.equal((await api.app.request(`/api/${name}`)).status, 401);
    assert.equal((await api.get(`/api/${name}`)).status, 200);
  },
);
