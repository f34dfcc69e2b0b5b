import assert from "node:assert/strict";
import { join } from "node:path";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";

/** Noise of the fastest starts on a busy machine stays below this; a header that does more than it must does not. */
const NOISE_MS = 60;

/** How much later than `deno run` each command was at best, in ms. */
function lateness(told: string): number[] {
  return [...told.matchAll(/: at best (-?[\d.]+) ms later than deno run$/gm)].map(([, ms]) => Number(ms));
}

testUnless(
  unlessOs("linux", "darwin"),
  "bench:start --quick measures starts next to deno run, and sizes",
  async () => {
    verifies("portable-start-up");
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", join(import.meta.dirname ?? ".", "start.ts"), "--quick", "--rounds=5"],
      signal: AbortSignal.timeout(180_000),
    }).output();
    const report = new TextDecoder().decode(stdout);
    assert.ok(code === 0 || code === 1, new TextDecoder().decode(stderr));
    const late = lateness(new TextDecoder().decode(stderr));
    assert.equal(late.length, 2, report);
    for (const ms of late) assert.ok(ms < NOISE_MS, `${ms} ms later than deno run`);
    for (
      const part of ["≤ 15 ms more", "deno run, same bundle", "km monitor -- true", "First start", "Size"]
    ) {
      assert.ok(report.includes(part), `${part} in ${report}`);
    }
    assert.doesNotMatch(report, /NaN|undefined/);
  },
);
