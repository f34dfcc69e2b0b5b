import assert from "node:assert/strict";
import { TempFolder } from "../tests/e2e/harness.ts";
import { verifies } from "../tests/verifies.ts";
import { BOOT_FILE, buildBoot } from "./build_boot.ts";

Deno.test("the committed bootstrap is what src/plugins/bootstrap gives: else run deno task build:boot", async () => {
  verifies("plugin-sandbox-recipe");
  using folder = new TempFolder();
  const path = `${folder.path}/boot.js`;
  await buildBoot(path);
  const [committed, built] = await Promise.all([BOOT_FILE, path].map((file) => Deno.readTextFile(file)));
  // Not `equal`: the difference would be 200 kB long.
  assert.ok(committed === built, "src/plugins/assets/boot.js is stale");
});

Deno.test("the bootstrap imports nothing but node:module, and names no place of the machine that built it", async () => {
  const code = await Deno.readTextFile(BOOT_FILE);
  assert.deepEqual(code.match(/^\s*(?:import|export)\b.*\bfrom\b.*$/gm), [
    'import { registerHooks } from "node:module";',
  ]);
  assert.doesNotMatch(code, /file:\/\/|\/home\/|\/root\/|[A-Z]:\\\\/);
});
