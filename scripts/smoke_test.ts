/** The smoke test sees what works, and what does not. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import denoJson from "../deno.json" with { type: "json" };
import { builtKm } from "../tests/built.ts";
import { ROOT, TempFolder } from "../tests/e2e/harness.ts";
import { testUnless, unlessOs } from "../tests/skip.ts";
import { verifies } from "../tests/verifies.ts";
import { prove, run } from "./smoke_proofs.ts";

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

const WELL = Array.from({ length: 150 }, (_, at) => ({ id: `attempt-${at}`, verdict: "blocked" }));
const OUT = { id: "env-get", verdict: "escaped" };

/** What the proof of the sandbox says when `km plugins doctor --json` does as the script says. */
async function sandboxLine(script: string, attempts: readonly { id: string }[]): Promise<string> {
  using folder = new TempFolder();
  const [km, report] = [`${folder.path}/km`, `${folder.path}/report.json`];
  Deno.writeTextFileSync(report, JSON.stringify({ deno: { version: "2.9.6" }, attempts }) + "\n");
  Deno.writeTextFileSync(km, `#!/bin/sh\n[ "$*" = "plugins doctor --json" ] || exit 3\n${script}\n`, {
    mode: 0o755,
  });
  const lines: string[] = [];
  await prove({ km, env: { REPORT: report, KM_DENO: "" }, sandbox: true }, (line) => lines.push(line));
  return lines.at(-1) ?? "";
}

testUnless(UNIX, "smoke.ts --sandbox takes no km whose plugins get out", async () => {
  verifies("release-workflows", "plugin-doctor");
  const tell = `cat "$REPORT"`;
  equal(await sandboxLine(tell, WELL), "ok      sandbox: 150 attempts on Deno 2.9.6, nothing got through");
  // A km without a Deno of its own is tried on the one that runs the script.
  const bare = `[ "$KM_DENO" = "${Deno.execPath()}" ] || exit 27\n${tell}`;
  match(await sandboxLine(bare, WELL), /^ok {6}sandbox: 150 attempts/);
  equal(
    await sandboxLine(`${tell}\nexit 20`, [...WELL, OUT]),
    "FAILED  sandbox: out of the sandbox came env-get",
  );
  match(await sandboxLine(`${tell}\nexit 20`, WELL), /^FAILED {2}sandbox: plugins doctor ended with 20/);
  match(await sandboxLine(tell, WELL.slice(1)), /^FAILED {2}sandbox: .* only 149 attempts$/);
  match(
    await sandboxLine("echo 'no Deno' >&2; exit 27", WELL),
    /^FAILED {2}sandbox: plugins doctor ended with 27: no Deno$/,
  );
});
