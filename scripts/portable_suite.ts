/** Which end-to-end tests `deno task test` runs once more, with the portable file in place of the checkout's source. @module */

const FOLDER = "tests/e2e";

const SAME_PAGE =
  "the page is the same file; dashboard_test.ts and dashboard_live_test.ts drive it from what is packed";

/** Tests that stay with the source, each with its reason. None of them may drive `km monitor`: a test keeps that. */
export const SOURCE_ONLY: Readonly<Record<string, string>> = {
  "dashboard_names_test.ts": SAME_PAGE,
  "dashboard_overview_test.ts": SAME_PAGE,
  "dashboard_settings_test.ts": SAME_PAGE,
  "serve_clock_test.ts": "starts the daemon in the test's own process",
};

/** Tests of how a km is made, moved about and replaced: each builds the files that it drives. */
const OWN_FILES = /^(bundle|install|portable|release|update)_/;

/** Paths of the tests, relative to `root`: all end-to-end tests but `SOURCE_ONLY` and those that build the files they drive themselves. */
export async function portableSuite(root: string): Promise<string[]> {
  const suite: string[] = [];
  for await (const { name } of Deno.readDir(`${root}${FOLDER}`)) {
    if (!name.endsWith("_test.ts") || name in SOURCE_ONLY) continue;
    const path = `${FOLDER}/${name}`;
    if (!buildsItsFiles(name, await Deno.readTextFile(root + path))) suite.push(path);
  }
  return suite.sort();
}

/** True for a test that has a km of its own, by its name or its source: what it drives does not depend on the harness. */
export function buildsItsFiles(name: string, source: string): boolean {
  return OWN_FILES.test(name) || /from "\.\.\/built\.ts"/.test(source);
}

/** True for the source of a test that runs `km monitor`, by the words with which tests do so. */
export function drivesMonitor(source: string): boolean {
  return /"monitor"|\bKM\b|FakeClient|"demo"|Dashboard\.start\(\)|monitored\(|testEachRelay|testEveryWay/
    .test(source);
}
