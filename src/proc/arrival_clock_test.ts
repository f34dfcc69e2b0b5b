import assert from "node:assert/strict";
import { ArrivalClock } from "./arrival_clock.ts";

Deno.test("ArrivalClock never goes back while the wall clock is left alone, and follows it when it is set", () => {
  const clock = new ArrivalClock();
  let last = clock.nowMs();
  for (let i = 0; i < 10_000; i++) {
    const now = clock.nowMs();
    assert.ok(now >= last);
    last = now;
  }
  const [dateNow, performanceNow] = [Date.now, performance.now];
  try {
    // An hour ahead, as after a sleep; looked at once a second, so the monotonic clock moves on too.
    Date.now = () => dateNow() + 3_600_000;
    performance.now = () => performanceNow.call(performance) + 1_500;
    assert.ok(Math.abs(clock.nowMs() - Date.now()) < 1_000);
  } finally {
    Date.now = dateNow;
    performance.now = performanceNow;
  }
});
