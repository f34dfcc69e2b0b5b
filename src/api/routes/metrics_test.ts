import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { makeCall, makeRun } from "../../store/testing.ts";
import { Counter, renderMetrics } from "../metrics/metrics.ts";
import { DaemonMetrics } from "../metrics/daemon_metrics.ts";
import { TestApi } from "../testing_api.ts";
import { fillDay, thisMinuteUs } from "./figures_testing.ts";

/** Values by line, as Prometheus reads them. @throws when a line is none of the format */
function parseMetrics(text: string): ReadonlyMap<string, number> {
  assert.ok(text.endsWith("\n"));
  const values = new Map<string, number>();
  for (const line of text.trimEnd().split("\n")) {
    if (/^# (HELP|TYPE) [a-z_]+ ./.test(line)) continue;
    const [, series = "", value] =
      /^([a-z_]+(?:\{[a-z_]+="(?:[^"\\]|\\.)*"(?:,[a-z_]+="(?:[^"\\]|\\.)*")*\})?) (\S+)$/.exec(line) ??
        assert.fail(`no line of metrics: ${line}`);
    assert.ok(!values.has(series), `twice: ${series}`);
    assert.ok(!Number.isNaN(Number(value)), line);
    values.set(series, Number(value));
  }
  return values;
}

async function metrics(api: TestApi) {
  const response = await api.get("/metrics");
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  return parseMetrics(await response.text());
}

Deno.test("GET /metrics counts events, calls, tokens and durations", async () => {
  verifies("api-metrics");
  using api = new TestApi();
  fillDay(api, thisMinuteUs());
  const values = await metrics(api);
  const of = (series: string) => values.get(series) ?? assert.fail(`no ${series}`);
  assert.equal(of('km_events_total{server="files"}'), 288);
  assert.equal(of('km_calls_total{server="web",method="tools/call",outcome="error"}'), 24);
  assert.equal(of('km_calls_total{server="web",method="tools/call",outcome="ok"}'), 24);
  assert.equal(of('km_tokens_total{server="web"}'), 48 * 25);
  assert.equal(of('km_call_duration_seconds_count{server="files"}'), 144);
  assert.equal(of('km_call_duration_seconds_bucket{server="files",le="+Inf"}'), 144);
  assert.equal(of('km_call_duration_seconds_bucket{server="files",le="0.0025"}'), 48);
  const sumS = of('km_call_duration_seconds_sum{server="files"}');
  assert.ok(Math.abs(sumS - 24 * 0.021) < 24 * 0.021 * 0.032, String(sumS));
  assert.equal(of("km_store_events"), 384);
  assert.ok(of("km_store_size_bytes") > 4096);
  assert.equal(of(`km_build_info{version="1.2.3",deno="${Deno.version.deno}"}`), 1);
  assert.ok(of("process_resident_memory_bytes") > 1e6 && of("process_cpu_seconds_total") > 0);
  assert.ok(Math.abs(of("process_start_time_seconds") + 5 - Date.now() / 1000) < 60);
});

Deno.test("GET /metrics counts requests by route and status, and never by path", async () => {
  verifies("api-metrics");
  using api = new TestApi();
  await api.get("/api/stats?since=1h");
  await api.get("/api/stats?since=soon");
  await api.get("/api/nothing/here");
  await api.app.request("/api/stats");
  const values = await metrics(api);
  const of = (route: string, status: number) =>
    values.get(`km_http_requests_total{method="GET",route="${route}",status="${status}"}`);
  assert.deepEqual([of("/api/stats", 200), of("/api/stats", 400), of("/api/stats", 401), of("other", 404)], [
    1,
    1,
    1,
    1,
  ]);
  assert.equal(values.get('km_http_request_duration_seconds_count{route="/api/stats"}'), 3);
  assert.ok(![...values.keys()].some((series) => series.includes("nothing")));
});

Deno.test("GET /metrics shows what was ingested and the streams", async () => {
  using api = new TestApi({
    metrics: (() => {
      const counted = new DaemonMetrics();
      counted.countIngested({ accepted: 5, duplicate: 2, rejected: [{}] });
      return counted;
    })(),
    streams: {
      open: () => () => {},
      recheck: () => {},
      counters: () => ({ streams: 3, filters: 2, slow: 1, queuedBytes: 10, resyncs: 4 }),
    },
  });
  const values = await metrics(api);
  assert.deepEqual(
    [
      'km_ingested_events_total{result="accepted"}',
      'km_ingested_events_total{result="duplicate"}',
      'km_ingested_events_total{result="rejected"}',
      "km_open_streams",
      "km_stream_resyncs_total",
    ].map((series) => values.get(series)),
    [5, 2, 1, 3, 4],
  );
});

Deno.test("GET /metrics stays readable and bounded whatever servers and methods call themselves", async () => {
  verifies("api-metrics");
  using api = new TestApi();
  const nasty = 'a"b\\c\nd{e="f"} 1';
  for (let n = 0; n < 130; n++) {
    const server = n === 0 ? nasty : `server-${n}`;
    api.store.append({
      run: makeRun({ server, correlationId: `c${n}` }),
      ...makeCall(thisMinuteUs() + n * 1e6, "ok", { method: `method-${n}`, tool: null }).batch,
    });
  }
  const values = await metrics(api);
  assert.equal(values.get('km_events_total{server="a\\"b\\\\c\\nd{e=\\"f\\"} 1"}'), 2);
  assert.equal(values.get('km_events_total{server="other"}'), 60);
  const calls = [...values.keys()].filter((series) => series.startsWith("km_calls_total"));
  const methods = new Set(calls.map((series) => /method="([^"]*)"/.exec(series)?.[1]));
  assert.equal(methods.size, 51);
});

Deno.test("Counter counts what has too many labels under other", () => {
  const counter = new Counter("km_test_total", "A test.");
  for (let n = 0; n < 1500; n++) counter.add(1, { path: `/${n}` });
  const { samples } = counter.collect();
  assert.equal(samples.length, 1001);
  assert.equal(samples.find(({ labels }) => labels?.path === "other")?.value, 500);
  assert.match(
    renderMetrics([counter.collect()]),
    /^# HELP km_test_total A test\.\n# TYPE km_test_total counter\n/,
  );
});

Deno.test("GET /metrics needs credentials", async () => {
  using api = new TestApi();
  assert.equal((await api.app.request("/metrics")).status, 401);
});
