/** The workflows of GitHub: linted by actionlint and shellcheck, and held to our own rules. They cannot be run here. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { DENO_VERSION } from "../src/proc/deno_pins.ts";
import { sha256 } from "./build/get_deno.ts";
import { TARGETS } from "./build/targets.ts";
import { ROOT, TempFolder } from "../tests/e2e/harness.ts";
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
    const systems = { ubuntu: "linux", macos: "darwin", windows: "windows" } as Record<string, string>;
    const tested = (jobs.smoke?.strategy?.matrix.system ?? []).map((label) => {
      const [system = ""] = label.split("-");
      const isX64 = system === "macos" ? label.endsWith("-intel") : !label.endsWith("-arm");
      return `${systems[system]} ${isX64 ? "x86_64" : "aarch64"}`;
    });
    deepEqual(tested.sort(), Object.values(TARGETS).map(({ os, arch }) => `${os} ${arch}`).sort());
  },
);

testUnless(
  missingProgram("git", "bash", "node"),
  "announce: a newer version takes the pages, a beta or older one adds its manifests, twice is once, changed pages are left",
  async () => {
    verifies("release-workflows");
    const { jobs } = parseWorkflow(read("release.yml"));
    const script = jobs.announce?.steps?.find(({ run }) => run?.includes("git push"))?.run ?? "";
    using pages = await Pages.make();
    const announce = (tag: string, files: readonly string[], signedFor?: string) =>
      pages.announce(script, { tag, files, ...signedFor === undefined ? {} : { signedFor } });
    const all = ["SHA256SUMS", "beta.json", "install.sh", "km-1.0.0-x", "stable.json", "v1.0.0.json"];
    equal((await announce("v1.0.0", all)).code, 0);
    const first = [".nojekyll", "SHA256SUMS", "beta.json", "install.sh", "stable.json", "v1.0.0.json"];
    deepEqual(await pages.tree(), first);
    match((await announce("v1.0.0", all, "of before")).out, /announced already/);
    equal(
      (await announce("v1.1.0-beta.1", ["SHA256SUMS", "beta.json", "install.sh", "v1.1.0-beta.1.json"])).code,
      0,
    );
    equal((await announce("v0.9.1", ["SHA256SUMS", "install.sh", "v0.9.1.json"])).code, 0);
    deepEqual(await pages.tree(), [...first, "v0.9.1.json", "v1.1.0-beta.1.json"].sort());
    equal(await pages.show("install.sh"), "v1.0.0");
    equal(await pages.show("beta.json"), "v1.1.0-beta.1");
    const late = await announce("v2.0.0", ["stable.json"], "of before");
    equal(late.code, 1);
    match(late.out, /^km: error: Cannot announce v2\.0\.0: the pages were changed after it was signed/m);
    equal(await pages.show("stable.json"), "v1.0.0");
  },
);

/** A repository with a branch gh-pages, as the runner of the job has it. */
class Pages implements Disposable {
  readonly #temp = new TempFolder();

  static async make(): Promise<Pages> {
    const pages = new Pages();
    await pages.#git("init", "--quiet", "--bare", "origin");
    await pages.#git("clone", "--quiet", "origin", "pages");
    for (
      const args of [["checkout", "--quiet", "-b", "gh-pages"], [
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "-",
      ]]
    ) {
      await pages.#git("-C", "pages", "-c", "user.name=km", "-c", "user.email=km@km.example", ...args);
    }
    await pages.#git("-C", "pages", "push", "--quiet", "origin", "HEAD:gh-pages");
    return pages;
  }

  /** Runs the step with a release of `files` whose content is the tag. */
  async announce(
    script: string,
    { tag, files, signedFor }: { tag: string; files: readonly string[]; signedFor?: string },
  ): Promise<{ code: number; out: string }> {
    const path = this.#temp.path;
    for (const folder of ["dist", "pages"]) {
      await Deno.remove(`${path}/${folder}`, { recursive: true }).catch(() => {});
    }
    await this.#git("clone", "--quiet", "--branch", "gh-pages", "origin", "pages");
    await Deno.mkdir(`${path}/dist`);
    for (const name of files) await Deno.writeTextFile(`${path}/dist/${name}`, tag);
    const SIGNED_FOR = signedFor ?? (await this.#git("-C", "pages", "rev-parse", "HEAD")).trim();
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      ...{ args: ["-e", "-o", "pipefail", "-c", script], cwd: path, env: { TAG: tag, SIGNED_FOR } },
    }).output();
    return { code, out: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
  }

  async tree(): Promise<string[]> {
    return (await this.#git("-C", "origin", "ls-tree", "--name-only", "gh-pages")).trim().split("\n").sort();
  }

  async show(name: string): Promise<string> {
    return await this.#git("-C", "origin", "show", `gh-pages:${name}`);
  }

  async #git(...args: string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("git", { args, cwd: this.#temp.path })
      .output();
    ok(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  }

  [Symbol.dispose](): void {
    this.#temp[Symbol.dispose]();
  }
}

testUnless(
  missingProgram("sh", "sha256sum", "shellcheck"),
  "pinned_deno.sh puts the pinned Deno there, and nothing when its hash is another",
  async () => {
    verifies("release-workflows");
    using temp = new TempFolder();
    const folder = temp.path;
    await Deno.mkdir(`${folder}/scripts/release`, { recursive: true });
    await Deno.mkdir(`${folder}/src/proc`, { recursive: true });
    const fake =
      `#!/bin/sh\nmkdir -p "$3/node_modules/@deno/linux-x64-glibc"\necho "$8" >"$3/node_modules/@deno/linux-x64-glibc/deno"\n`;
    await Deno.writeTextFile(`${folder}/npm`, fake, { mode: 0o755 });
    await Deno.copyFile(`${ROOT}scripts/release/pinned_deno.sh`, `${folder}/scripts/release/pinned_deno.sh`);
    const pins = Deno.readTextFileSync(`${ROOT}src/proc/deno_pins.ts`);
    const asked = `@deno/linux-x64-glibc@${DENO_VERSION}\n`;
    const put = async (sha256: string, out: string) => {
      const text = pins.replace(/(linux-gnu[^}]*sha256: ")[0-9a-f]{64}/, `$1${sha256}`);
      await Deno.writeTextFile(`${folder}/src/proc/deno_pins.ts`, text);
      const env = { PATH: `${folder}:${Deno.env.get("PATH")}` };
      const args = [`${folder}/scripts/release/pinned_deno.sh`, `${folder}/${out}`];
      const { code, stderr } = await new Deno.Command("sh", { args, env }).output();
      return { code, err: new TextDecoder().decode(stderr) };
    };
    equal((await put(sha256(new TextEncoder().encode(asked)), "good")).code, 0);
    equal(await Deno.readTextFile(`${folder}/good/program`), asked);
    const refused = await put("0".repeat(64), "bad");
    equal(refused.code, 1);
    match(refused.err, /^km: error: Cannot use Deno .* is not what src\/proc\/deno_pins\.ts says\n$/);
    await rejects(Deno.stat(`${folder}/bad/program`), Deno.errors.NotFound);
    equal(await shellcheck(Deno.readTextFileSync(`${ROOT}scripts/release/pinned_deno.sh`)), "");
  },
);
