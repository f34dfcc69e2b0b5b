/**
 * `deno task test`: fetches what tests need, runs them, and counts them from the runner's own report.
 *
 * Works from a fresh clone with Node and npm alone, an empty HOME and no Deno on PATH. Arguments go to `deno test`: `deno task test
 * src/store --filter prune`. The last line is always `N passed, N failed, N skipped`.
 * @module
 */
import { fileURLToPath } from "node:url";
import { prepareTests } from "./test_needs.ts";
import { formatCounts, formatSkips, readReport } from "./test_report.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const CACHE = `${ROOT}.cache/tests`;
const TEST_FOLDERS = ["src", "tests", "scripts"];

if (import.meta.main) Deno.exit(await main(Deno.args));

async function main(args: readonly string[]): Promise<number> {
  const paths = args.filter((arg) => !arg.startsWith("-") && isPath(arg));
  await Deno.mkdir(CACHE, { recursive: true });
  if (paths.length === 0 || paths.some((path) => path.startsWith("tests"))) await prepareTests(ROOT, CACHE);

  const junit = await Deno.makeTempFile({ dir: CACHE, prefix: "junit-", suffix: ".xml" });
  try {
    const success = await runTests([
      `--junit-path=${junit}`,
      ...args,
      ...(paths.length === 0 ? TEST_FOLDERS : []),
    ]);
    const report = readReport(await Deno.readTextFile(junit), success);
    print(formatSkips(report) + formatCounts(report));
    return report.failed === 0 ? 0 : 1;
  } finally {
    await Deno.remove(junit);
  }
}

async function runTests(args: readonly string[]): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--parallel", ...args],
    cwd: ROOT,
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  });
  const { success } = await command.spawn().status;
  return success;
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
