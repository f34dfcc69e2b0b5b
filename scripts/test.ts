/**
 * `deno task test`: fetches what tests need, runs them, and counts them from the runner's own reports.
 *
 * Works from a fresh clone with Node and npm alone, an empty HOME and no Deno on PATH. Arguments go to `deno test`: `deno task test
 * src/store --filter prune`. Without a path the end-to-end tests run twice, the second time against the portable file, built for it;
 * `--portable` asks for that run alone. The last line is always `N passed, N failed, N skipped`.
 * @module
 */
import { fileURLToPath } from "node:url";
import { TESTED_FILE_VARIABLE } from "../tests/e2e/harness.ts";
import { unlessOs } from "../tests/skip.ts";
import { portableSuite } from "./portable_suite.ts";
import { fileToTest } from "./test_file.ts";
import { prepareTests } from "./test_needs.ts";
import { planPasses, type TestPass } from "./test_passes.ts";
import {
  addReports,
  afterRunAgain,
  filterToRunAgain,
  formatCounts,
  formatFailures,
  formatSkips,
  readReport,
  skippedReport,
  type TestReport,
} from "./test_report.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const CACHE = `${ROOT}.cache/tests`;

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const passes = planPasses(args, isPath, await portableSuite(ROOT));
  await Deno.mkdir(CACHE, { recursive: true });
  if (passes.some(({ args }) => args.some((path) => path.startsWith("tests")))) {
    await prepareTests(ROOT, CACHE);
  }
  const reports: TestReport[] = [];
  for (const pass of passes) {
    const { report, seconds } = await timed(() => runPass(pass));
    reports.push(report);
    if (passes.length > 1) print(`\nWith the ${pass.km}, in ${seconds} s: ${formatCounts(report)}`);
  }
  const report = addReports(reports);
  print(formatSkips(report) + formatFailures(report) + formatCounts(report));
  return report.failed === 0 ? 0 : 1;
}

async function runPass({ km, args }: TestPass): Promise<TestReport> {
  if (km === "source") return await runSteadily(args, {});
  const missing = unlessOs("linux", "darwin");
  const name = "end-to-end tests with the portable file";
  if (missing !== null) return skippedReport(name, missing);
  print("\nBuilding the portable file, and running the end-to-end tests against it\n");
  try {
    return await runSteadily(args, { [TESTED_FILE_VARIABLE]: await fileToTest() });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      ...skippedReport(name, ""),
      failed: 1,
      failures: [{ name, file: null, error: why }],
      skipped: [],
    };
  }
}

/**
 * Runs tests, and the few that failed once more, one by one. Thousands of tests that start processes share few processors, and one that waited
 * too long there says nothing about km. What passed only then is named ("unsteady"), and is to be mended.
 */
async function runSteadily(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<TestReport> {
  const report = await runTests(["--parallel", ...args], env);
  const filter = filterToRunAgain(report);
  if (filter === null || args.includes("--filter")) return report;
  print("\nOnce more, one by one, what failed\n");
  return afterRunAgain(report, await runTests(["--filter", filter, ...args], env));
}

async function runTests(args: readonly string[], env: Readonly<Record<string, string>>): Promise<TestReport> {
  const junit = await Deno.makeTempFile({ dir: CACHE, prefix: "junit-", suffix: ".xml" });
  try {
    const command = new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", `--junit-path=${junit}`, ...args],
      cwd: ROOT,
      env,
      stdin: "null",
      stdout: "inherit",
      stderr: "inherit",
    });
    const { success } = await command.spawn().status;
    return readReport(await Deno.readTextFile(junit), success);
  } finally {
    await Deno.remove(junit);
  }
}

async function timed(run: () => Promise<TestReport>): Promise<{ report: TestReport; seconds: number }> {
  const start = performance.now();
  const report = await run();
  return { report, seconds: Math.round((performance.now() - start) / 1000) };
}

/** `src/store` is a path, the `prune` of `--filter prune` is not. */
function isPath(arg: string): boolean {
  try {
    return Deno.statSync(`${ROOT}${arg}`) !== null;
  } catch {
    return false;
  }
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
