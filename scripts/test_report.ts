/** What `deno test --junit-path` reports, as counts and a list of skips. @module */
import { SKIP_MARK } from "../tests/skip.ts";

/** A failed test. */
export interface Failure {
  readonly name: string;
  /** Where it was registered, which may be a helper's file; null where it was not a test that failed, but the run. */
  readonly file: string | null;
  /** The beginning of it. */
  readonly error: string;
}

export interface TestReport {
  readonly passed: number;
  /** Names of those that passed. */
  readonly names: ReadonlySet<string>;
  readonly failed: number;
  readonly failures: readonly Failure[];
  /** Failed among all the others and passed alone; counted as passed. */
  readonly unsteady: readonly Failure[];
  /** Name of each skipped test, with its reason. */
  readonly skipped: readonly string[];
}

/**
 * Counts the test cases of a JUnit report. `success` is the runner's own verdict: a file that does not compile or throws while loading is
 * in no report, so a failed run counts at least one failure.
 */
export function readReport(xml: string, success: boolean): TestReport {
  const passed: string[] = [];
  const failures: Failure[] = [];
  const skipped: string[] = [];
  const cases = /<testcase name="([^"]*)" classname="([^"]*)"[^>]*>(.*?)<\/testcase>/gs;
  for (const [, name = "", file = "", body = ""] of xml.matchAll(cases)) {
    const error = /<(?:failure|error)\b[^>]*>(.*?)<\/(?:failure|error)>/s.exec(body)?.[1];
    if (body.includes("<skipped")) skipped.push(unescapeXml(name));
    else if (error === undefined) passed.push(unescapeXml(name));
    else {failures.push({
        name: unescapeXml(name),
        file: unescapeXml(file),
        error: unescapeXml(beginning(error)),
      });}
  }
  if (!success && failures.length === 0) {
    failures.push({ name: "the run itself", file: null, error: "    what it printed says why" });
  }
  const names = new Set(passed);
  return { passed: passed.length, names, failed: failures.length, failures, unsteady: [], skipped };
}

/** The counts of several runs as those of one. */
export function addReports(reports: readonly TestReport[]): TestReport {
  return {
    passed: reports.reduce((sum, { passed }) => sum + passed, 0),
    names: new Set(reports.flatMap(({ names }) => [...names])),
    failed: reports.reduce((sum, { failed }) => sum + failed, 0),
    failures: reports.flatMap(({ failures }) => failures),
    unsteady: reports.flatMap(({ unsteady }) => unsteady),
    // What this machine lacks is said once, whatever the number of runs that wanted it; the closing line counts all.
    skipped: reports.flatMap(({ skipped }) => skipped),
  };
}

/** A run that could not be: one skip with its reason. */
export function skippedReport(name: string, reason: string): TestReport {
  return {
    passed: 0,
    names: new Set(),
    failed: 0,
    failures: [],
    unsteady: [],
    skipped: [`${name}${SKIP_MARK}${reason}`],
  };
}

/** One plain line for each skipped test: what was skipped and why. Empty when nothing was. */
export function formatSkips({ skipped }: TestReport): string {
  return [...new Set(skipped)].map((name) => {
    const [test, reason = "switched off in the test"] = name.split(SKIP_MARK);
    return `skipped: ${test}: ${reason}\n`;
  }).join("");
}

/** Each failed test again, below the output of thousands that passed: logs are read, and kept, from the end. */
export function formatFailures({ failures, unsteady }: TestReport): string {
  return unsteady.map((failure) => `unsteady: ${described(failure)}`).join("") +
    failures.map((failure) => `failed: ${described(failure)}`).join("");
}

function described({ name, file, error }: Failure): string {
  return `${name}${file === null ? "" : ` (${file})`}\n${error}\n`;
}

/** A filter for `deno test` that runs again what failed; null when nothing did, or so much that it is no matter of a busy machine. */
export function filterToRunAgain({ failures }: TestReport): string | null {
  if (failures.length === 0 || failures.length > MAX_RUN_AGAIN) return null;
  if (failures.some(({ file }) => file === null)) return null;
  // A step is run by running its test.
  const names = failures.flatMap(({ name }) => [name, name.split(" > ")[0] ?? name]);
  return `/^(?:${[...new Set(names)].map((name) => RegExp.escape(name)).join("|")})$/`;
}

/** `report` after what failed ran again, alone: what has passed now counts as passed. */
export function afterRunAgain(report: TestReport, again: TestReport): TestReport {
  const failed = new Set(again.failures.map(({ name }) => name));
  const isSteady = ({ name }: Failure) => again.names.has(name) && !failed.has(name);
  const failures = report.failures.filter((failure) => !isSteady(failure));
  const unsteady = report.failures.filter(isSteady);
  return {
    ...report,
    passed: report.passed + unsteady.length,
    failed: failures.length,
    failures,
    unsteady: [...report.unsteady, ...unsteady],
  };
}

/** The closing line. */
export function formatCounts({ passed, failed, skipped }: TestReport): string {
  return `${passed} passed, ${failed} failed, ${skipped.length} skipped\n`;
}

/** Most tests that are run again. */
const MAX_RUN_AGAIN = 5;

/** Enough of an error to know it by. */
function beginning(error: string): string {
  return error.trim().split("\n").slice(0, 12).map((line) => `    ${line.slice(0, 300)}`).join("\n");
}

function unescapeXml(text: string): string {
  const names: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(\w+);/g, (all, name: string) => names[name] ?? all);
}
