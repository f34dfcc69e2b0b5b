import assert from "node:assert/strict";
import { join } from "node:path";
import { atLeast, atMost, renderReport, times, writeSection } from "./relay_report.ts";

async function inFile(text: string | null, act: (path: string) => Promise<void>): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "BENCHMARKS.md");
    if (text !== null) await Deno.writeTextFile(path, text);
    await act(path);
    return await Deno.readTextFile(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("writeSection() starts the file when there is none", async () => {
  const text = await inFile(null, (path) => writeSection(path, "figures"));
  assert.match(text, /^# Benchmarks\n\n<!-- .* -->\n\nfigures\n\n<!-- .* -->\n$/s);
});

Deno.test("writeSection() replaces its own section and nothing else", async () => {
  const text = await inFile("# Benchmarks\n\nbefore\n", async (path) => {
    await writeSection(path, "old");
    await Deno.writeTextFile(path, await Deno.readTextFile(path) + "\nafter\n");
    await writeSection(path, "new");
  });
  assert.match(text, /^# Benchmarks\n\nbefore\n.*\nnew\n.*\n\nafter\n$/s);
  assert.ok(!text.includes("old"));
});

Deno.test("renderReport() says which bars are missed", () => {
  const bars = [atMost("a ≤ 2", 2, 2, times), atLeast("b ≥ 3", 2.5, 3, times)];
  const report = renderReport([{ title: "T", note: "n", columns: [""], rows: [], bars }], ["here"]);
  assert.match(report, /\| a ≤ 2 +\| 2\.00 × +\| PASS/);
  assert.match(report, /\| b ≥ 3 +\| 2\.50 × +\| \*\*MISS\*\*/);
});

Deno.test("a figure that was not measured misses its bar", () => {
  assert.equal(atMost("a", NaN, 1, times).pass, false);
  assert.equal(atLeast("a", NaN, 1, times).pass, false);
});
