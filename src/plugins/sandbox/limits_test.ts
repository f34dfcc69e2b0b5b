import assert from "node:assert/strict";
import { verifies } from "../../../tests/verifies.ts";
import { LimitWatch, STDERR_BYTES_PER_WINDOW } from "./limits.ts";

const LIMITS = { heapMiB: 96, residentMiB: 100, cpuPercent: 50, frameBytes: 1024 };
const MIB = 1024 * 1024;

Deno.test("LimitWatch lets what is at its limits be", () => {
  const watch = new LimitWatch(LIMITS, 0);
  for (let s = 1; s <= 60; s++) {
    assert.equal(watch.look(s * 1000, { residentBytes: 100 * MIB, cpuMs: s * 500 }, s * 100_000), null);
  }
});

Deno.test("LimitWatch counts processor time over 10 s: a burst may be, a share that is too large may not", () => {
  verifies("plugin-limits");
  const watch = new LimitWatch(LIMITS, 0);
  assert.equal(watch.look(5000, { residentBytes: 0, cpuMs: 5000 }, 0), null);
  assert.match(
    watch.look(5250, { residentBytes: 0, cpuMs: 5250 }, 0) ?? "",
    /5\.3 s of a processor within 10 s, and may take 50 %/,
  );
  const later = new LimitWatch(LIMITS, 0);
  assert.equal(later.look(1000, { residentBytes: 0, cpuMs: 4000 }, 0), null);
  assert.equal(later.look(11_000, { residentBytes: 0, cpuMs: 4000 }, 0), null);
  assert.equal(later.look(15_000, { residentBytes: 0, cpuMs: 8900 }, 0), null, "the first 4 s are forgotten");
});

Deno.test("LimitWatch sees memory and stderr, and what a system does not tell is no reason", () => {
  const watch = new LimitWatch(LIMITS, 0);
  assert.equal(watch.look(250, { residentBytes: null, cpuMs: null }, 0), null);
  assert.match(
    watch.look(500, { residentBytes: 101 * MIB, cpuMs: 0 }, 0) ?? "",
    /101 MiB of memory, and may take 100 MiB/,
  );
  assert.match(watch.look(750, { residentBytes: 0, cpuMs: 0 }, STDERR_BYTES_PER_WINDOW + 1) ?? "", /stderr/);
});
