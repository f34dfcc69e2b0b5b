/** What `deno test --junit-path` reports, as counts and a list of skips. @module */
import { SKIP_MARK } from "../tests/skip.ts";

export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  /** Each failed test with the beginning of its error. */
  readonly failures: readonly string[];
  /** Name of each skipped test, with its reason. */
  readonly skipped: readonly string[];
}

/**
 * Counts the test cases of a JUnit report. `success` is the runner's own verdict: a file that does not compile or throws while loading is
 * in no report, so a failed run counts at least one failure.
 */
export function readReport(xml: string, success: boolean): TestReport {
  let passed = 0;
  const failures: string[] = [];
  const skipped: string[] = [];
  const cases = /<testcase name="([^"]*)" classname="([^"]*)"[^>]*>(.*?)<\/testcase>/gs;
  for (const [, name = "", file = "", body = ""] of xml.matchAll(cases)) {
    const error = /<(?:failure|error)\b[^>]*>(.*?)<\/(?:failure|error)>/s.exec(body)?.[1];
    if (body.includes("<skipped")) skipped.push(unescapeXml(name));
    else if (error !== undefined) failures.push(unescapeXml(`${name} (${file})\n${beginning(error)}`));
    else passed++;
  }
  if (!success && failures.length === 0) failures.push("the run itself: what it printed says why");
  return { passed, failed: failures.length, failures, skipped };
}

/** The counts of several runs as those of one. */
export function addReports(reports: readonly TestReport[]): TestReport {
  return {
    passed: reports.reduce((sum, { passed }) => sum + passed, 0),
    failed: reports.reduce((sum, { failed }) => sum + failed, 0),
    failures: reports.flatMap(({ failures }) => failures),
    // What this machine lacks is said once, whatever the number of runs that wanted it; the closing line counts all.
    skipped: reports.flatMap(({ skipped }) => skipped),
  };
}

/** A run that could not be: one skip with its reason. */
export function skippedReport(name: string, reason: string): TestReport {
  return { passed: 0, failed: 0, failures: [], skipped: [`${name}${SKIP_MARK}${reason}`] };
}

/** One plain line for each skipped test: what was skipped and why. Empty when nothing was. */
export function formatSkips({ skipped }: TestReport): string {
  return [...new Set(skipped)].map((name) => {
    const [test, reason = "switched off in the test"] = name.split(SKIP_MARK);
    return `skipped: ${test}: ${reason}\n`;
  }).join("");
}

/** Each failed test again, below the output of thousands that passed: logs are read, and kept, from the end. */
export function formatFailures({ failures }: TestReport): string {
  return failures.map((failure) => `failed: ${failure}\n`).join("");
}

/** The closing line. */
export function formatCounts({ passed, failed, skipped }: TestReport): string {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped\n`;
}

/** Enough of an error to know it by. */
function beginning(error: string): string {
  return error.trim().split("\n").slice(0, 12).map((line) => `    ${line.slice(0, 300)}`).join("\n");
}

function unescapeXml(text: string): string {
  const names: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(\w+);/g, (all, name: string) => names[name] ?? all);
}
