import assert from "node:assert/strict";
import { atLeast, atMost, describeMachine, renderReport, times } from "./report.ts";

Deno.test("renderReport() says which bars are missed", () => {
  const bars = [atMost("a ≤ 2", 2, 2, times), atLeast("b ≥ 3", 2.5, 3, times)];
  const report = renderReport("X", [{ title: "T", note: "n", columns: [""], rows: [], bars }], ["here"]);
  assert.match(report, /\| a ≤ 2 +\| 2\.00 × +\| PASS/);
  assert.match(report, /\| b ≥ 3 +\| 2\.50 × +\| \*\*MISS\*\*/);
});

Deno.test("a figure that was not measured misses its bar", () => {
  assert.equal(atMost("a", NaN, 1, times).pass, false);
  assert.equal(atLeast("a", NaN, 1, times).pass, false);
});

Deno.test("describeMachine() tells the kernel's version, not what a host appends to it", async () => {
  const [, , machine = ""] = await describeMachine("deno task bench:x", 1);
  assert.match(machine, /, (linux|darwin|windows) \d+\.\d+$/);
});
