import assert from "node:assert/strict";

const MODULE = new URL("./own_memory.ts", import.meta.url).href;
/** Takes 100 MB, forgets them, and tells what it has before and after. */
const PROGRAM = `
import { freeMemory } from ${JSON.stringify(MODULE)};
let kept = Array.from({ length: 100_000 }, (_, i) => ({ text: "x" + i, cells: new Uint32Array(200).fill(i) }));
const full = Deno.memoryUsage();
kept = null;
freeMemory();
const after = Deno.memoryUsage();
console.log(JSON.stringify({ full, after, isExposed: "gc" in globalThis }));
`;

Deno.test("freeMemory() collects what nobody uses and gives it back to the system", async () => {
  const file = await Deno.makeTempFile({ suffix: ".js" });
  try {
    await Deno.writeTextFile(file, PROGRAM);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--no-config", file],
      stderr: "inherit",
    }).output();
    const { full, after, isExposed } = JSON.parse(new TextDecoder().decode(stdout));
    assert.equal(isExposed, false);
    assert.ok(after.external < full.external / 4, `${full.external} to ${after.external}`);
    assert.ok(after.heapUsed < full.heapUsed / 2, `${full.heapUsed} to ${after.heapUsed}`);
    // Only glibc is told to.
    if (Deno.build.os === "linux") assert.ok(after.rss < full.rss / 1.5, `${full.rss} to ${after.rss}`);
  } finally {
    await Deno.remove(file);
  }
});
