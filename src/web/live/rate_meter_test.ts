import { equal } from "node:assert/strict";
import { RateMeter } from "./rate_meter.ts";

Deno.test("RateMeter tells a steady rate within a few percent, at any moment", () => {
  const meter = new RateMeter();
  for (let ms = 0; ms < 10_000; ms += 2) {
    meter.add(1, ms);
    const rate = meter.perSecond(ms);
    if (ms > 600) equal(rate > 480 && rate < 520, true, `${rate} at ${ms} ms`);
  }
});

Deno.test("RateMeter falls to nothing when nothing comes", () => {
  const meter = new RateMeter();
  meter.add(500, 0);
  equal(meter.perSecond(5000), 0);
  equal(new RateMeter().perSecond(5000), 0);
});

Deno.test("RateMeter survives a clock that is set back", () => {
  const meter = new RateMeter();
  meter.add(10, 5000);
  meter.add(10, 1000);
  equal(meter.perSecond(5000), 40);
});
