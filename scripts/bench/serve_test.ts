import assert from "node:assert/strict";
import { join } from "node:path";
import { verifies } from "../../tests/verifies.ts";
import { slope } from "./serve_soak.ts";

Deno.test("bench:serve --quick measures ingest, questions, streams and a soak", async () => {
  verifies("serve-bench");
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      join(import.meta.dirname ?? ".", "serve.ts"),
      "--quick",
      "--events=4000",
      "--soak-seconds=2",
      "--only=ingest,queries,streams,soak",
    ],
    signal: AbortSignal.timeout(120_000),
  }).output();
  const report = new TextDecoder().decode(stdout);
  // 1: it ran, and this machine is too busy for a bar.
  assert.ok(code === 0 || code === 1, new TextDecoder().decode(stderr));
  for (
    const part of ["node:sqlite", "/api/stats", "/api/search", "from commit to client", "file descriptors"]
  ) {
    assert.ok(report.includes(part), `${part} in ${report}`);
  }
  assert.doesNotMatch(report, /NaN|undefined/);
});

Deno.test("slope() is that of the line through the points", () => {
  assert.equal(slope([[0, 5], [1, 7], [2, 9]]), 2);
  assert.equal(slope([[0, 5], [1, 5], [2, 5]]), 0);
});
