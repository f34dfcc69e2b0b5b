import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { makeCall, makeRun, randomFrom } from "../../store/testing.ts";
import { MAX_LATENCY_BUCKETS } from "../../store/latency.ts";
import { LatencySchema } from "../schemas_figures.ts";
import { TestApi } from "../testing_api.ts";
import { thisMinuteUs } from "./figures_testing.ts";

async function latency(api: TestApi, query = "") {
  const response = await api.get(`/api/latency?${query}`);
  assert.equal(response.status, 200);
  return LatencySchema.strict().parse(await response.json());
}

Deno.test("GET /api/latency counts every call once, in at most 40 adjoining buckets on a logarithmic scale", async () => {
  verifies("api-stats");
  using api = new TestApi();
  const random = randomFrom(7);
  const durationsMs: number[] = [];
  for (let n = 0; n < 400; n++) {
    const durationUs = Math.floor(10 ** (random() * 7));
    durationsMs.push(durationUs / 1000);
    api.store.append(makeCall(thisMinuteUs() - 3600e6, "ok", {}, durationUs).batch);
  }
  const { buckets, calls, p50Ms } = await latency(api);
  assert.equal(calls, 400);
  assert.ok(buckets.length <= MAX_LATENCY_BUCKETS && buckets.length > MAX_LATENCY_BUCKETS / 2);
  for (const [index, bucket] of buckets.entries()) {
    assert.equal(
      bucket.calls,
      durationsMs.filter((ms) => ms >= bucket.fromMs && ms < bucket.toMs).length,
      JSON.stringify(bucket),
    );
    if (index > 0) assert.equal(bucket.fromMs, buckets[index - 1]?.toMs);
  }
  assert.ok(p50Ms !== null && p50Ms > 1 && p50Ms < 10);
});

Deno.test("GET /api/latency filters by server and tool, and is empty where no call was", async () => {
  using api = new TestApi();
  const timeUs = thisMinuteUs() - 60e6;
  api.store.append({
    run: makeRun({ server: "a" }),
    ...makeCall(timeUs, "ok", { tool: "read" }, 5000).batch,
  });
  api.store.append({
    run: makeRun({ server: "b", correlationId: "b" }),
    ...makeCall(timeUs, "ok", { tool: "write" }, 9_000_000).batch,
  });
  assert.equal((await latency(api)).calls, 2);
  assert.deepEqual((await latency(api, "server=a")).buckets.map((bucket) => bucket.calls), [1]);
  assert.ok(((await latency(api, "tool=write")).p50Ms ?? 0) > 8000);
  assert.deepEqual(await latency(api, "server=a&tool=write"), {
    buckets: [],
    calls: 0,
    p50Ms: null,
    p95Ms: null,
    p99Ms: null,
  });
});
