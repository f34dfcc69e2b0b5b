import assert from "node:assert/strict";
import { join } from "node:path";
import { testUnless, unlessOs } from "../../tests/skip.ts";

const SCRIPT = join(import.meta.dirname ?? ".", "sessions.ts");

async function runBench(...args: readonly string[]): Promise<{ code: number; report: string; said: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", SCRIPT, ...args],
    signal: AbortSignal.timeout(240_000),
  }).output();
  const [report = "", said = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, report, said };
}

testUnless(
  unlessOs("linux"),
  "bench:sessions --quick measures load, broadcast, echo next to tmux, memory and reconnect",
  async () => {
    const { code, report, said } = await runBench(
      "--quick",
      "--only=start,load,broadcast,echo,memory,reconnect",
    );
    if (report.startsWith("skipped:")) return;
    // 1: it ran, and this machine is too busy for a bar.
    assert.ok(code === 0 || code === 1, said);
    for (const part of ["p50 ≤ 5 ms", "p99 ≤ 25 ms", "bare server", "tmux", "full terminals", "≤ 150 ms"]) {
      assert.ok(report.includes(part), `${part} in ${report}`);
    }
    assert.match(report, /no echo is missing +\| 0 +\| PASS/);
    assert.match(report, /every line of it +\| yes +\| PASS/);
    assert.doesNotMatch(report.replaceAll(/^.*tmux.*$/gm, ""), /NaN|undefined/);
  },
);

Deno.test("bench:sessions does not know every section", async () => {
  const { code, said } = await runBench("--only=nothing");
  assert.equal(code, 2);
  assert.match(said, /Unknown section "nothing"/);
});
