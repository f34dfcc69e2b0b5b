/** scripts/automation/plugins.sh: from a clean tree to a report. */
import assert from "node:assert/strict";
import { missingProgram, testUnless, unlessOs } from "../skip.ts";
import { verifies } from "../verifies.ts";
import { ROOT, Running, TempFolder } from "./harness.ts";

const SCRIPT_MS = 300_000;
const SCRIPT = `${ROOT}scripts/automation/plugins.sh`;

interface Report {
  readonly ok: boolean;
  readonly quick: boolean;
  readonly plugins: readonly {
    readonly name: string;
    readonly sha256: string;
    readonly checks: readonly { readonly what: string; readonly ok: boolean; readonly detail: string }[];
  }[];
}

function missing(): string | null {
  const server = `${ROOT}tests/npm/node_modules/@modelcontextprotocol/server-everything`;
  const there = isThere(server);
  return unlessOs("linux", "darwin") ?? missingProgram("bash", "node") ??
    (there ? null : "no MCP servers from npm");
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

async function run(out: TempFolder, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  // The Deno of the tests comes first: it is the one that the script would run plugins on.
  const env = { PATH: `${Deno.execPath().replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}` };
  await using script = new Running([...args, "--out", `${out.path}/plugins`], {
    home: `${out.path}/unused`,
    env,
    command: ["bash", SCRIPT],
  });
  await script.closeStdin();
  return await script.ended(SCRIPT_MS);
}

testUnless(
  missing(),
  "plugins.sh --quick builds, packs, signs, installs and monitors with every bundled plugin, and reports",
  async () => {
    verifies("plugins-automation");
    using out = new TempFolder();
    const { code, out: text, err } = await run(out, "--quick");
    assert.equal(code, 0, `${text}\n${err}`);
    const report = JSON.parse(await Deno.readTextFile(`${out.path}/plugins/report.json`)) as Report;
    assert.equal(report.ok, true);
    assert.deepEqual(report.plugins.map(({ name }) => name), ["api-logger", "console-logger", "tool-guard"]);
    for (const { checks } of report.plugins) assert.ok(checks.length > 0 && checks.every(({ ok }) => ok));
    assert.match(await Deno.readTextFile(`${out.path}/plugins/report.md`), /^# Plugins: all did their job/);

    const cleaned = await run(out, "--phase", "cleanup");
    assert.equal(cleaned.code, 0, cleaned.err);
    assert.equal(isThere(`${out.path}/plugins`), false);
    const early = await run(out, "--phase", "test");
    assert.equal(early.code, 1);
    assert.match(early.err, /nothing was built/);
  },
);

testUnless(missing(), "plugins.sh removes nothing that it did not make, and knows its flags", async () => {
  verifies("plugins-automation");
  using out = new TempFolder();
  await Deno.mkdir(`${out.path}/plugins`);
  await Deno.writeTextFile(`${out.path}/plugins/mine`, "");
  const refused = await run(out, "--phase", "cleanup");
  assert.equal(refused.code, 1);
  assert.match(refused.err, /was not made by this script/);
  await Deno.stat(`${out.path}/plugins/mine`);
  assert.equal((await run(out, "--phase", "other")).code, 2);
  assert.equal((await run(out, "--what")).code, 2);
});

testUnless(missingProgram("shellcheck"), "the scripts of the automation are clean", async () => {
  const scripts = ["plugins.sh", "two_networks.sh"].map((name) => `${ROOT}scripts/automation/${name}`);
  const { code, stdout } = await new Deno.Command("shellcheck", { args: scripts }).output();
  assert.equal(code, 0, new TextDecoder().decode(stdout));
});
