import assert from "node:assert/strict";
import { join } from "node:path";
import { verifies } from "../../tests/verifies.ts";

Deno.test("bench:store --quick measures inserts, reads of the large store and bytes per message", async () => {
  verifies("store-bench");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", join(import.meta.dirname ?? ".", "store.ts"), "--quick", "--events=4000", "--json"],
    signal: AbortSignal.timeout(60_000),
  }).output();
  // 1: it ran, and this machine is too busy for a bar.
  assert.ok(code === 0 || code === 1, new TextDecoder().decode(stderr));
  const report = JSON.parse(new TextDecoder().decode(stdout)) as {
    figures: { what: string; value: string }[];
  };
  const names = report.figures.map((figure) => figure.what).join("\n");
  for (
    const part of ["empty store", "large store", "km events --limit 50 --json", "km stats --json", "on disk"]
  ) {
    assert.ok(names.includes(part), part);
  }
  assert.ok(report.figures.every((figure) => figure.value !== "" && !figure.value.includes("NaN")));
});
