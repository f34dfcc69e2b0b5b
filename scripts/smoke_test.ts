/** The smoke test sees what works, and what does not. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import denoJson from "../deno.json" with { type: "json" };
import { builtKm } from "../tests/built.ts";
import { ROOT, TempFolder } from "../tests/e2e/harness.ts";
import { testUnless, unlessOs } from "../tests/skip.ts";
import { verifies } from "../tests/verifies.ts";
import { run } from "./smoke_proofs.ts";

/** What `builtKm` makes. */
const { version } = denoJson;

/** Runs the script as the release workflow does. */
async function smoke(...args: string[]): Promise<{ code: number; lines: string[] }> {
  const env = { XDG_CACHE_HOME: `${ROOT}.cache/tests/xdg` };
  const { code, out } = await run([Deno.execPath(), "run", "-A", `${ROOT}scripts/smoke.ts`, ...args], env);
  return { code, lines: out.trimEnd().split("\n") };
}

const UNIX = unlessOs("linux", "darwin");

testUnless(UNIX, "smoke.ts is content with a built km: version, demo, monitor, doctor", async () => {
  verifies("release-workflows");
  const km = await builtKm();
  const { code, lines } = await smoke("--km", km, "--version", version);
  deepEqual(lines.map((line) => line.replace(/:.*/, "")), [
    "ok      version",
    "ok      demo",
    "ok      monitor",
    "ok      doctor",
  ]);
  equal(code, 0);
});

testUnless(UNIX, "smoke.ts fails for a km of another version", async () => {
  verifies("release-workflows");
  const { code, lines } = await smoke("--km", await builtKm(), "--version", "1.2.4");
  equal(lines[0], `FAILED  version: it is ${version}, not 1.2.4`);
  equal(code, 1);
});

testUnless(UNIX, "smoke.ts fails for a km whose every command fails, each by its name", async () => {
  verifies("release-workflows");
  using folder = new TempFolder();
  const km = `${folder.path}/km`;
  Deno.writeTextFileSync(km, "#!/bin/sh\necho 'no disk' >&2\nexit 3\n", { mode: 0o755 });
  const { code, lines } = await smoke("--km", km);
  equal(lines.length, 4);
  for (const line of lines) {
    match(line, /^FAILED {2}(version|demo|monitor|doctor): .* ended with 3: no disk$/);
  }
  equal(code, 1);
});

testUnless(UNIX, "smoke.ts fails when a release cannot be installed", async () => {
  verifies("release-workflows");
  using dist = new TempFolder();
  const { code, lines } = await smoke("--dist", dist.path, "--version", "1.2.3");
  ok(lines.some((line) => line.startsWith("FAILED  install: ")), lines.join("\n"));
  equal(code, 1);
});
