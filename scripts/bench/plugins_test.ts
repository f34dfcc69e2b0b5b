import assert from "node:assert/strict";
import { join } from "node:path";
import { testUnless, unlessOs } from "../../tests/skip.ts";
import { verifies } from "../../tests/verifies.ts";
import { messageOf } from "./plugin_sections.ts";

testUnless(
  unlessOs("linux"),
  "bench:plugins --quick measures round trip, batches, start and memory next to newline JSON",
  async () => {
    verifies("plugins-bench");
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", join(import.meta.dirname ?? ".", "plugins.ts"), "--quick"],
      signal: AbortSignal.timeout(180_000),
    }).output();
    const report = new TextDecoder().decode(stdout);
    // 1: it ran, and this machine is too busy for a bar.
    assert.ok(code === 0 || code === 1, new TextDecoder().decode(stderr));
    for (
      const part of [
        "≤ 150 µs",
        "≥ 100,000 messages/s",
        "≤ 80 ms",
        "≤ 60 MB resident",
        "newline JSON",
        "100 KB",
      ]
    ) {
      assert.ok(report.includes(part), `${part} in ${report}`);
    }
    assert.doesNotMatch(report, /NaN|undefined/);
  },
);

Deno.test("messageOf() is a call of exactly so many bytes", () => {
  for (const bytes of [300, 100_000]) {
    const { data, event } = messageOf(bytes);
    assert.equal(data.length, bytes);
    assert.equal(event.sizeBytes, bytes);
    assert.equal(JSON.parse(new TextDecoder().decode(data)).method, "tools/call");
  }
});
