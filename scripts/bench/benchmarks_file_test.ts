import assert from "node:assert/strict";
import { join } from "node:path";
import { writeSection } from "./benchmarks_file.ts";

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
  const text = await inFile(null, (path) => writeSection(path, "relay", "figures"));
  assert.match(text, /^# Benchmarks\n\n<!-- .* -->\n\nfigures\n\n<!-- .* -->\n$/s);
});

Deno.test("writeSection() replaces its own section and nothing else", async () => {
  const text = await inFile("# Benchmarks\n\nbefore\n", async (path) => {
    await writeSection(path, "relay", "old");
    await Deno.writeTextFile(path, await Deno.readTextFile(path) + "\nafter\n");
    await writeSection(path, "relay", "new");
  });
  assert.match(text, /^# Benchmarks\n\nbefore\n.*\nnew\n.*\n\nafter\n$/s);
  assert.ok(!text.includes("old"));
});
