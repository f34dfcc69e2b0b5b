import assert from "node:assert/strict";
import { join } from "node:path";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";

testUnless(
  unlessOs("linux", "darwin"),
  "bench:start --quick measures starts next to deno run, and sizes",
  async () => {
    verifies("portable-start-up");
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", join(import.meta.dirname ?? ".", "start.ts"), "--quick"],
      signal: AbortSignal.timeout(180_000),
    }).output();
    const report = new TextDecoder().decode(stdout);
    // 1: it ran, and this machine is too busy for its bar.
    assert.ok(code === 0 || code === 1, new TextDecoder().decode(stderr));
    for (
      const part of ["≤ 15 ms more", "deno run, same bundle", "km monitor -- true", "First start", "Size"]
    ) {
      assert.ok(report.includes(part), `${part} in ${report}`);
    }
    assert.doesNotMatch(report, /NaN|undefined/);
  },
);
