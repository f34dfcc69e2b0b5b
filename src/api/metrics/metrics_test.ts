import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { boundAt, DURATION_BOUNDS_S, DurationHistogram, renderMetrics } from "./metrics.ts";

Deno.test("DurationHistogram shows cumulative buckets that end at +Inf, a sum and a count", () => {
  verifies("api-metrics");
  const histogram = new DurationHistogram("km_test_seconds", "Time\nof a \\ test.");
  for (const ms of [0.5, 1, 3, 70_000]) histogram.observe(ms, { route: "/" });
  const lines = renderMetrics([histogram.collect()]).trimEnd().split("\n");
  assert.deepEqual(lines.slice(0, 5), [
    "# HELP km_test_seconds Time\\nof a \\\\ test.",
    "# TYPE km_test_seconds histogram",
    'km_test_seconds_bucket{route="/",le="0.001"} 2',
    'km_test_seconds_bucket{route="/",le="0.0025"} 2',
    'km_test_seconds_bucket{route="/",le="0.005"} 3',
  ]);
  assert.deepEqual(lines.slice(-3), [
    'km_test_seconds_bucket{route="/",le="+Inf"} 4',
    'km_test_seconds_sum{route="/"} 70.0045',
    'km_test_seconds_count{route="/"} 4',
  ]);
});

Deno.test("boundAt() counts a bound itself below it", () => {
  assert.deepEqual([0, 0.001, 0.00101, 60, 61].map(boundAt), [0, 0, 1, 14, DURATION_BOUNDS_S.length]);
});

Deno.test("renderMetrics() leaves out what has no sample, and a lone surrogate becomes a character", () => {
  const samples = [{ labels: { name: "\ud800" }, value: 1 }];
  assert.equal(
    renderMetrics([
      { name: "none", help: "None.", type: "counter", samples: [] },
      { name: "one", help: "One.", type: "gauge", samples },
    ]),
    '# HELP one One.\n# TYPE one gauge\none{name="\ufffd"} 1\n',
  );
});
