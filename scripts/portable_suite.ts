/** Which end-to-end tests `deno task test` runs once more, with the portable file in place of the checkout's source. @module */

const FOLDER = "tests/e2e";

/** Tests that stay with the source, each with its reason. None of them may drive `km monitor`: a test keeps that. */
export const SOURCE_ONLY: Readonly<Record<string, string>> = {
  "serve_clock_test.ts": "starts the daemon in the test's own process",
};

/** Paths of the tests, relative to `root`: all end-to-end tests but `SOURCE_ONLY` and those that build the files they drive themselves. */
export async function portableSuite(root: string): Promise<string[]> {
  const suite: string[] = [];
  for await (const { name } of Deno.readDir(`${root}${FOLDER}`)) {
    if (!name.endsWith("_test.ts") || name in SOURCE_ONLY) continue;
    const path = `${FOLDER}/${name}`;
    if (!buildsItsFiles(await Deno.readTextFile(root + path))) suite.push(path);
  }
  return suite.sort();
}

/** True for the source of a test that has a km of its own: what it drives does not depend on the harness. */
export function buildsItsFiles(source: string): boolean {
  return /from "\.\.\/built\.ts"/.test(source);
}

/** True for the source of a test that runs `km monitor`, by the words with which tests do so. */
export function drivesMonitor(source: string): boolean {
  return /"monitor"|\bKM\b|FakeClient|"demo"|Dashboard\.start\(\)|monitored\(|testEachRelay|testEveryWay/
    .test(source);
}
