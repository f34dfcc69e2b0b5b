/** The workflows of GitHub: linted by actionlint and shellcheck, and held to our own rules. They cannot be run here. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { TARGETS } from "./build/targets.ts";
import { ROOT } from "../tests/e2e/harness.ts";
import { missingPackages, NPM, testReal } from "../tests/e2e/real_programs.ts";
import { missingProgram, testUnless } from "../tests/skip.ts";
import { verifies } from "../tests/verifies.ts";
import { brokenRules, type Job, parseWorkflow } from "../tests/workflow_rules.ts";

const FOLDER = `${ROOT}.github/workflows`;
const NAMES = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
const read = (name: string) => Deno.readTextFileSync(`${FOLDER}/${name}`);

/** Runners that came after actionlint 1.7.7. Source: the README of actions/runner-images. */
const NEW_RUNNERS = ["macos-15-intel", "windows-11-arm"];

interface Finding {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** What actionlint finds. */
async function lint(files: readonly { readonly path: string; readonly text: string }[]): Promise<Finding[]> {
  const node = new Deno.Command("node", {
    ...{ args: [`${NPM}/lint_workflow.mjs`], stdin: "piped", stdout: "piped" },
  }).spawn();
  const writer = node.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(files)));
  await writer.close();
  const { stdout } = await node.output();
  const found = JSON.parse(new TextDecoder().decode(stdout)) as Finding[];
  return found.filter(({ message }) =>
    !NEW_RUNNERS.some((label) => message.startsWith(`label "${label}" is unknown`))
  );
}

Deno.test("there are a workflow for changes, one for releases and one that renews", () => {
  verifies("release-workflows");
  deepEqual(NAMES, ["ci.yml", "release.yml", "renew.yml"]);
});

testReal("actionlint finds nothing in the workflows", async () => {
  verifies("release-workflows");
  deepEqual(await lint(NAMES.map((path) => ({ path, text: read(path) }))), []);
});

testUnless(
  missingPackages(),
  "the workflows keep our rules: pins, time limits, permissions, the key in one job, one Deno",
  () => {
    verifies("release-workflows");
    for (const name of NAMES) deepEqual(brokenRules(read(name)), [], name);
  },
);

/** A change that breaks release.yml, and what must be said of it. */
const BREAKS: readonly (readonly [string, string, RegExp])[] = [
  ["runs-on: ubuntu-24.04", "runs-on: ubuntu-4", /label "ubuntu-4" is unknown/],
  ["    needs: build\n", "    needs: bulid\n", /"bulid" which does not exist/],
  ["timeout-minutes: 5", "timout-minutes: 5", /timout-minutes/],
  ["        with:\n          name: built", "        wiht:\n          name: built", /wiht/],
  ["runs-on: ${{ matrix.system }}", "runs-on: ${{ matrix.sytem }}", /"sytem" is not defined/],
  ["vars.KM_BASE_URL", "steps.nothing.outputs.url", /"nothing" is not defined/],
  [
    "        run: |\n          if ! gh api",
    "        run: |\n          echo ${{ github.event.head_commit.message }}\n          if ! gh api",
    /untrusted/,
  ],
  ["steps.pages.outputs.commit", "steps.page.outputs.commit", /"page" is not defined/],
];

testReal("actionlint sees a workflow that is broken", async () => {
  verifies("release-workflows");
  const good = read("release.yml");
  const files = BREAKS.map(([before, after], at) => {
    ok(good.includes(before), before);
    return { path: `${at}.yml`, text: good.replace(before, after) };
  });
  const found = await lint(files);
  for (const [at, [, , expected]] of BREAKS.entries()) {
    const messages = found.filter(({ path }) => path === `${at}.yml`).map(({ message }) => message);
    ok(messages.some((message) => expected.test(message)), `${expected}: ${messages.join("; ")}`);
  }
});

const READ_ONLY = "    permissions:\n      contents: read\n";

/** A change that breaks a rule of ours, and the sentence about it. */
const BREACHES: readonly (readonly [string, string, string, RegExp])[] = [
  ["ci.yml", "  pull_request:", "  pull_request_target:", /^is triggered by pull_request_target$/],
  [
    "ci.yml",
    "permissions:\n  contents: read\n",
    "permissions: write-all\n",
    /^may do more than read by default$/,
  ],
  [
    "ci.yml",
    "@8e8c483db84b4bee98b60c0593521ed34d9990e8 # v6.0.1",
    "@v6",
    /^has an action without commit and version: /,
  ],
  ["ci.yml", "    timeout-minutes: 90\n", "", /^job test has no time limit$/],
  ["ci.yml", READ_ONLY, "", /^job test does not say its permissions$/],
  [
    "ci.yml",
    "          persist-credentials: false\n",
    "          fetch-depth: 1\n",
    /leaves a token in the checkout$/,
  ],
  [
    "ci.yml",
    '          node-version: "24"',
    '          node-version: "24"\n          cache: npm',
    /caches between runs$/,
  ],
  ["ci.yml", "deno@2.9.6 task demo", "deno@2.9 task demo", /runs Deno 2\.9, not 2\.9\.6$/],
  ["ci.yml", "npx -y deno@2.9.6 task demo", "deno task demo", /runs a Deno of no version$/],
  [
    "release.yml",
    '--unsigned --tag "$TAG"',
    '--unsigned --tag "${{ github.ref_name }}"',
    /puts an expression into a script$/,
  ],
  ["release.yml", "    environment: release\n", "", /^job key has a secret without the environment$/],
  [
    "release.yml",
    "          GH_TOKEN: ${{ github.token }}",
    "          GH_TOKEN: ${{ secrets.MY_TOKEN }}",
    /^job check has the secret \$\{\{ secrets\.MY_TOKEN \}\}$/,
  ],
  [
    "renew.yml",
    '"$RUNNER_TEMP/pinned/program" run',
    "npx -y deno@2.9.6 run",
    /^job sign, step \d has a secret and runs what no hash is known of$/,
  ],
  [
    "release.yml",
    "        run: gh release edit",
    "        run: npx -y gh-cli release edit",
    /^job publish may write the repository and runs more/,
  ],
  [
    "release.yml",
    "permissions:\n  contents: read\n",
    "permissions:\n  contents: read\nenv:\n  KEY: ${{ secrets.KM_RELEASE_KEY }}\n",
    /^has a secret for all jobs$/,
  ],
];

testUnless(missingPackages(), "our rules see a workflow that breaks them", () => {
  verifies("release-workflows");
  for (const [name, before, after, expected] of BREACHES) {
    const good = read(name);
    ok(good.includes(before), `${name}: ${before}`);
    const broken = brokenRules(good.replace(before, after));
    ok(broken.some((sentence) => expected.test(sentence)), `${expected}: ${broken.join("; ")}`);
  }
});

/** Every script that bash runs, with where it stands. */
function scripts(): { where: string; run: string }[] {
  return NAMES.flatMap((name) =>
    Object.entries(parseWorkflow(read(name)).jobs).flatMap(([job, { steps = [] }]) =>
      steps.flatMap(({ run, shell, if: condition }, at) => {
        if (run === undefined) return [];
        // Without a shell, Windows would run it in PowerShell: there, only a single command is the same in both.
        const isPlain = !run.trim().includes("\n") && !/["'$|&;\\]/.test(run);
        const isBash = shell === "bash" || !runsOnWindows(parseWorkflow(read(name)).jobs[job]) ||
          condition === "runner.os == 'Linux'";
        ok(isBash || isPlain, `${name}, job ${job}, step ${at + 1}: not for every shell`);
        return [{ where: `${name}, job ${job}, step ${at + 1}`, run }];
      })
    )
  );
}

function runsOnWindows(job: Job | undefined): boolean {
  return job?.strategy?.matrix.system?.some((system) => system.startsWith("windows")) ?? false;
}

async function shellcheck(run: string): Promise<string> {
  const child = new Deno.Command("shellcheck", {
    ...{ args: ["--shell=bash", "--norc", "-"], stdin: "piped", stdout: "piped" },
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`set -e -o pipefail\n${run}`));
  await writer.close();
  return new TextDecoder().decode((await child.output()).stdout);
}

testUnless(
  missingProgram("shellcheck", "node"),
  "shellcheck finds nothing in the scripts of the workflows",
  async () => {
    verifies("release-workflows");
    const all = scripts();
    ok(all.length > 15);
    for (const { where, run } of all) equal(await shellcheck(run), "", where);
    match(await shellcheck("cp $FILE pages"), /SC2086/);
    equal(await shellcheck(Deno.readTextFileSync(`${ROOT}scripts/release/pinned_deno.sh`)), "");
  },
);

testUnless(missingPackages(), "ci.yml runs the README's commands on three systems", () => {
  verifies("release-workflows");
  const { test } = parseWorkflow(read("ci.yml")).jobs;
  deepEqual(test?.strategy?.matrix.system?.map((system) => system.split("-")[0]), [
    "ubuntu",
    "macos",
    "windows",
  ]);
  const commands = test?.steps?.map(({ run, if: condition }) => [condition, run?.trim()]) ?? [];
  const readme = Deno.readTextFileSync(`${ROOT}README.md`);
  for (const task of ["demo", "test", "compile", "install"]) {
    const command = `npx -y deno@2.9.6 task ${task}`;
    ok(readme.includes(command));
    ok(commands.some(([condition, run]) => condition === "runner.os != 'Linux'" && run === command), command);
  }
  // On Linux, .ci/run does them all; repository_test.ts proves it.
  ok(commands.some(([condition, run]) => condition === "runner.os == 'Linux'" && run === "bash .ci/run"));
});

testUnless(
  missingPackages(),
  "release.yml publishes after the smoke test, announces after that, and tests every target",
  () => {
    verifies("release-workflows");
    const { jobs } = parseWorkflow(read("release.yml"));
    const before = (name: string): string[] => {
      const needs = [jobs[name]?.needs ?? []].flat();
      return [...needs, ...needs.flatMap(before)];
    };
    const order = ["check", "key", "test", "build", "sign", "smoke", "publish", "announce", "published"];
    for (const [at, name] of order.entries()) {
      for (const earlier of order.slice(0, at)) {
        ok(before(name).includes(earlier), `${name} before ${earlier}`);
      }
    }
    // Each version of Deno is another sandbox: none is released that was not tried.
    ok(jobs.smoke?.steps?.some(({ run = "" }) => run.includes("scripts/smoke.ts --sandbox")));
    const systems = { ubuntu: "linux", macos: "darwin", windows: "windows" } as Record<string, string>;
    const tested = (jobs.smoke?.strategy?.matrix.system ?? []).map((label) => {
      const [system = ""] = label.split("-");
      const isX64 = system === "macos" ? label.endsWith("-intel") : !label.endsWith("-arm");
      return `${systems[system]} ${isX64 ? "x86_64" : "aarch64"}`;
    });
    deepEqual(tested.sort(), Object.values(TARGETS).map(({ os, arch }) => `${os} ${arch}`).sort());
  },
);
