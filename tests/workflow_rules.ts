/** What every workflow in .github/workflows keeps to, beyond what actionlint and shellcheck know. @module */
import { createRequire } from "node:module";
import { DENO_VERSION } from "../src/proc/deno_pins.ts";
import { ROOT } from "./e2e/harness.ts";

/** The parts of a workflow that are looked at. */
export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions?: Permissions;
  readonly jobs: Readonly<Record<string, Job>>;
}

type Permissions = Readonly<Record<string, string>> | string;

export interface Job {
  readonly uses?: string;
  readonly needs?: string | readonly string[];
  readonly environment?: string;
  readonly permissions?: Permissions;
  readonly "timeout-minutes"?: number;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly "runs-on"?: string;
  readonly steps?: readonly Step[];
}

export interface Step {
  readonly name?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Reads YAML as GitHub does: `on` is a word, not true. */
export function parseWorkflow(text: string): Workflow {
  const require = createRequire(`${ROOT}tests/npm/package.json`);
  const { parse } = require("yaml") as { parse(text: string): unknown };
  return parse(text) as Workflow;
}

/** One sentence for each rule that is broken; none for a good workflow. */
export function brokenRules(text: string): string[] {
  const workflow = parseWorkflow(text);
  return [
    ...brokenByTriggers(workflow),
    ...brokenByPins(text),
    ...Object.entries(workflow.jobs).flatMap(([name, job]) => [
      ...brokenByJob(job).map((sentence) => `job ${name} ${sentence}`),
      ...(job.steps ?? []).flatMap((step, at) =>
        brokenByStep(step, job).map((sentence) => `job ${name}, step ${at + 1} ${sentence}`)
      ),
    ]),
    ...brokenBySecrets(workflow),
  ];
}

function brokenByTriggers({ on, permissions }: Workflow): string[] {
  // These run with the repository's rights on what strangers sent.
  const risky = ["pull_request_target", "workflow_run", "issue_comment"].filter((event) => event in on);
  const wide = JSON.stringify(permissions) !== '{"contents":"read"}';
  return [
    ...risky.map((event) => `is triggered by ${event}`),
    ...(wide ? ["may do more than read by default"] : []),
  ];
}

/** A tag can be moved to other code, a commit cannot. */
function brokenByPins(text: string): string[] {
  return text.split("\n").filter((line) => /^\s*(- )?uses:/.test(line)).map((line) => line.trim()).filter((
    line,
  ) =>
    !/uses: \.\/\.github\/workflows\/[a-z]+\.yml$/.test(line) &&
    !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line)
  ).map((line) => `has an action without commit and version: ${line}`);
}

function brokenByJob(job: Job): string[] {
  const broken: string[] = [];
  if (job.permissions === undefined) broken.push("does not say its permissions");
  if (job.uses === undefined && job["timeout-minutes"] === undefined) broken.push("has no time limit");
  if (mayWrite(job) && job.steps?.some(({ run = "" }) => /\b(npx|npm|deno|node)\b/.test(run))) {
    broken.push("may write the repository and runs more than git and gh");
  }
  return broken;
}

function brokenByStep({ uses = "", run = "", with: inputs = {}, env = {} }: Step, job: Job): string[] {
  const broken: string[] = [];
  // What npx runs is whatever the registry has under that version today.
  if (isSecret(JSON.stringify(env)) && /\b(npx|npm|node)\b/.test(run)) {
    broken.push("has a secret and runs what no hash is known of");
  }
  // What is put into a script becomes part of it; an environment variable does not.
  if (run.includes("${{")) broken.push("puts an expression into a script");
  for (const [, version] of run.matchAll(/deno@(\S+)/g)) {
    if (version !== DENO_VERSION) broken.push(`runs Deno ${version}, not ${DENO_VERSION}`);
  }
  if (/\bdeno\b/.test(run.replaceAll(`npx -y deno@${DENO_VERSION}`, "").replaceAll("deno.json", ""))) {
    broken.push("runs a Deno of no version");
  }
  if (uses.startsWith("actions/checkout@") && !mayWrite(job) && inputs["persist-credentials"] !== false) {
    broken.push("leaves a token in the checkout");
  }
  if (uses.startsWith("actions/cache") || "cache" in inputs) broken.push("caches between runs");
  return broken;
}

/** The key is for one step of a job that waits for the environment "release". */
function brokenBySecrets(workflow: Workflow): string[] {
  const broken: string[] = [];
  for (const [name, job] of Object.entries(workflow.jobs)) {
    const steps = job.steps ?? [];
    const inEnv = steps.flatMap(({ env = {} }) => Object.values(env)).filter((value) => isSecret(value));
    const everywhere = JSON.stringify(job).match(/secrets\b/g)?.length ?? 0;
    if (everywhere > inEnv.length) broken.push(`job ${name} has a secret outside of a step's environment`);
    if (everywhere > 0 && job.environment !== "release") {
      broken.push(`job ${name} has a secret without the environment`);
    }
    if (everywhere > 0 && job.permissions && JSON.stringify(job.permissions) !== '{"contents":"read"}') {
      broken.push(`job ${name} has a secret and may do more than read`);
    }
    for (const value of inEnv.filter((value) => value !== "${{ secrets.KM_RELEASE_KEY }}")) {
      broken.push(`job ${name} has the secret ${value}`);
    }
  }
  const { jobs: _, ...rest } = workflow;
  if (isSecret(JSON.stringify(rest))) broken.push("has a secret for all jobs");
  return broken;
}

function isSecret(text: string): boolean {
  return /\bsecrets\b/.test(text);
}

function mayWrite({ permissions = {} }: Job): boolean {
  return typeof permissions === "string" || permissions.contents === "write";
}
