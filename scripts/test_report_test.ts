import assert from "node:assert/strict";
import { testUnless } from "../tests/skip.ts";
import { verifies } from "../tests/verifies.ts";
import {
  addReports,
  afterRunAgain,
  filterToRunAgain,
  formatCounts,
  formatFailures,
  formatSkips,
  readReport,
  skippedReport,
} from "./test_report.ts";

/** What Deno 2.9.6 wrote for one test of each kind. */
const REPORT = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="deno test" tests="4" failures="1" errors="0" time="0.014">
    <testsuite name="./a_test.ts" tests="4" disabled="1" errors="0" failures="1">
        <testcase name="passes &lt; &amp; &quot;x&quot;" classname="./a_test.ts" time="0.001" line="1" col="6">
        </testcase>
        <testcase name="completions zsh -- skipped: no zsh on PATH" classname="./a_test.ts" time="0.000" line="2" col="6">
            <skipped/>
        </testcase>
        <testcase name="fails" classname="./a_test.ts" time="0.001" line="3" col="6">
            <failure message="Uncaught Error: &lt;skipped/&gt;">Error: boom</failure>
        </testcase>
        <testcase name="steps &gt; one" classname="./a_test.ts" time="0.000" line="4" col="43">
        </testcase>
    </testsuite>
</testsuites>`;

Deno.test("readReport() counts the runner's own cases", () => {
  verifies("repo-ci-count-line", "repo-skips-counted");
  assert.equal(formatCounts(readReport(REPORT, false)), "2 passed, 1 failed, 1 skipped\n");
});

Deno.test("readReport() counts a run that failed without a failed case", () => {
  verifies("repo-ci-count-line");
  assert.equal(formatCounts(readReport("", false)), "0 passed, 1 failed, 0 skipped\n");
  assert.equal(formatCounts(readReport("", true)), "0 passed, 0 failed, 0 skipped\n");
});

Deno.test("formatFailures() names each failed test, its file and its error", () => {
  verifies("repo-ci-count-line");
  assert.equal(formatFailures(readReport(REPORT, false)), "failed: fails (./a_test.ts)\n    Error: boom\n");
  assert.match(formatFailures(readReport("", false)), /^failed: the run itself/);
});

Deno.test("a test that failed among all and passed alone counts as passed, and is named", () => {
  verifies("repo-ci-count-line");
  const report = readReport(REPORT, false);
  assert.ok(new RegExp(filterToRunAgain(report)?.slice(1, -1) ?? "").test("fails"));
  assert.equal(formatCounts(afterRunAgain(report, report)), formatCounts(report), "failed again");
  assert.equal(
    formatCounts(afterRunAgain(report, readReport("", true))),
    formatCounts(report),
    "did not run",
  );
  const alone = readReport(REPORT.replace(/<failure.*<\/failure>/, ""), true);
  const steady = afterRunAgain(report, alone);
  assert.equal(formatCounts(steady), "3 passed, 0 failed, 1 skipped\n");
  assert.equal(formatFailures(steady), "unsteady: fails (./a_test.ts)\n    Error: boom\n");
});

Deno.test("filterToRunAgain() names none when the run itself or many tests failed", () => {
  assert.equal(filterToRunAgain(readReport("", false)), null);
  const one = readReport(REPORT, false);
  assert.equal(filterToRunAgain(addReports([one, one, one, one, one, one])), null);
});

Deno.test("formatSkips() names each skipped test and why", () => {
  verifies("repo-skips-counted");
  assert.equal(formatSkips(readReport(REPORT, false)), "skipped: completions zsh: no zsh on PATH\n");
});

Deno.test("addReports() counts every run, and formatSkips() says once what two runs skipped", () => {
  verifies("portable-monitor-suite", "repo-ci-count-line", "repo-skips-counted");
  const runs = [readReport(REPORT, false), readReport(REPORT, false), skippedReport("more", "no Linux")];
  const report = addReports(runs);
  assert.equal(formatCounts(report), "4 passed, 2 failed, 3 skipped\n");
  assert.equal(formatSkips(report), "skipped: completions zsh: no zsh on PATH\nskipped: more: no Linux\n");
});

Deno.test("deno test reports a test that testUnless() skipped with its reason", async () => {
  verifies("repo-skips-counted");
  const folder = await Deno.makeTempDir();
  try {
    const skip = new URL("../tests/skip.ts", import.meta.url);
    await Deno.writeTextFile(
      `${folder}/a_test.ts`,
      `import { ${testUnless.name} as t } from "${skip}"; t(null, "runs", () => {}); t("no \\"x\\" here", "waits", () => {});`,
    );
    const args = ["test", "-A", "--no-check", `--junit-path=${folder}/r.xml`, folder];
    const { success } = await new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "null" })
      .output();
    const report = readReport(await Deno.readTextFile(`${folder}/r.xml`), success);
    assert.equal(
      formatSkips(report) + formatCounts(report),
      `skipped: waits: no "x" here\n1 passed, 0 failed, 1 skipped\n`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
