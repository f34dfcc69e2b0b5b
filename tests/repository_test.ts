/** The repository keeps its own promises: commands, CI, compiler options, the README, the small start path. @module */
import assert from "node:assert/strict";
import { EXIT_CODES } from "../src/core/error.ts";
import denoJson from "../deno.json" with { type: "json" };
import { ROOT, TempFolder } from "./e2e/harness.ts";
import { testUnless, unlessOs, unlessRoot } from "./skip.ts";
import { verifies } from "./verifies.ts";

const DENO = "npx -y deno@2.9.6";

function read(path: string): string {
  return Deno.readTextFileSync(`${ROOT}${path}`);
}

/** Runs a program with a PATH on which `programs` come first; each writes its arguments into a log and then does as its script says. */
async function runWithFakes(
  programs: Readonly<Record<string, string>>,
  command: readonly string[],
  onlyFakes = false,
): Promise<{ code: number; out: string; log: string[] }> {
  using folder = new TempFolder();
  for (const [name, script] of Object.entries(programs)) {
    const log = `echo "${name} $*" >> ${folder.path}/log\n`;
    await Deno.writeTextFile(`${folder.path}/${name}`, `#!/bin/sh\n${log}${script}\n`, { mode: 0o755 });
  }
  const [program = "", ...args] = command;
  const path = onlyFakes ? folder.path : `${folder.path}:${Deno.env.get("PATH")}`;
  const { code, stdout } = await new Deno.Command(program, { args, env: { PATH: path }, stderr: "null" })
    .output();
  const log = await Deno.readTextFile(`${folder.path}/log`).catch(() => "");
  return { code, out: new TextDecoder().decode(stdout), log: log.split("\n").filter((line) => line !== "") };
}

/** Runs .ci/run with an npx that plays Deno: `script` sees the task as $4. */
function runCi(script: string): ReturnType<typeof runWithFakes> {
  return runWithFakes({ npx: `case "$4" in ${script} esac` }, ["bash", `${ROOT}.ci/run`]);
}

function lastLine(text: string): string | undefined {
  return text.trimEnd().split("\n").at(-1);
}

const NO_BASH = unlessOs("linux", "darwin");

testUnless(
  NO_BASH,
  ".ci/run runs the checks and the README's four commands for a clone, and closes with the counts",
  async () => {
    verifies("repo-two-commands", "repo-ci-count-line");
    const { code, out, log } = await runCi(`test) echo "12 passed, 0 failed, 3 skipped";;`);
    assert.deepEqual(
      log,
      ["checks", "demo", "test", "plugins", "compile", "install"].map((task) => `${DENO} task ${task}`),
    );
    assert.equal(lastLine(out), "12 passed, 0 failed, 3 skipped");
    assert.equal(code, 0);
  },
);

testUnless(NO_BASH, ".ci/run fails and still counts when a check fails", async () => {
  verifies("repo-ci-count-line");
  const { code, out } = await runCi(`checks) exit 1;; test) echo "12 passed, 0 failed, 3 skipped";;`);
  assert.equal(lastLine(out), "12 passed, 1 failed, 3 skipped");
  assert.equal(code, 1);
});

testUnless(NO_BASH, ".ci/run fails when one of the README's other commands does", async () => {
  verifies("repo-ci-count-line");
  for (const task of ["demo", "plugins", "compile", "install"]) {
    const { code, out } = await runCi(`${task}) exit 1;; test) echo "12 passed, 0 failed, 3 skipped";;`);
    assert.deepEqual([lastLine(out), code], ["12 passed, 1 failed, 3 skipped", 1], task);
  }
});

testUnless(NO_BASH, ".ci/run fails and still counts when the test command dies or fails", async () => {
  verifies("repo-ci-count-line");
  const dead = await runCi(`test) exit 137;;`);
  assert.deepEqual([lastLine(dead.out), dead.code], ["0 passed, 1 failed, 0 skipped", 1]);
  const red = await runCi(`test) echo "12 passed, 2 failed, 0 skipped"; exit 1;;`);
  assert.deepEqual([lastLine(red.out), red.code], ["12 passed, 2 failed, 0 skipped", 1]);
  const silent = await runCi(`test) ;;`);
  assert.equal(silent.code, 1, "no counts is no success");
});

testUnless(
  unlessOs("linux") ?? unlessRoot(),
  "prepareTests() installs missing programs and packages, once",
  async () => {
    verifies("repo-installs-what-is-missing");
    using checkout = new TempFolder();
    await Deno.mkdir(`${checkout.path}/tests/npm/node_modules`, { recursive: true });
    await Deno.writeTextFile(`${checkout.path}/tests/npm/package-lock.json`, "{}");
    const script = `import { prepareTests } from ${JSON.stringify(`${ROOT}scripts/test_needs.ts`)};` +
      `for (const _ of [1, 2]) await prepareTests("${checkout.path}/", "${checkout.path}");`;
    const { log } = await runWithFakes(
      { "apt-get": "", npm: "", zsh: "" },
      [Deno.execPath(), "eval", script],
      true,
    );
    assert.ok(
      log.includes(
        "apt-get install -q -y --no-install-recommends gcc libc6-dev fish chromium shellcheck busybox ksh mksh bash-completion ruby openssl openssh-client curl wget tmux vim",
      ),
      log.join("\n"),
    );
    assert.equal(log.filter((line) => line.startsWith("npm ci ")).length, 1);
  },
);

Deno.test("deno.json is strict and looks for leaks", () => {
  verifies("repo-strict-compiler");
  const { compilerOptions, test } = denoJson;
  for (
    const on of [
      "strict",
      "noUncheckedIndexedAccess",
      "exactOptionalPropertyTypes",
      "noImplicitOverride",
    ] as const
  ) {
    assert.equal(compilerOptions[on], true, on);
  }
  assert.deepEqual([test.sanitizeOps, test.sanitizeResources], [true, true]);
});

Deno.test("deno task ok is the checks and then the tests", () => {
  const { ok, checks } = denoJson.tasks;
  assert.equal(ok.command, "deno task checks && deno task test");
  assert.match(checks.command, /deno fmt --check && deno lint && deno check/);
  // Public words must be documented, as soon as there are any.
  for (const folder of ["proto", "plugins/sdk"]) {
    const exists = [...Deno.readDirSync(ROOT)].some(({ name }) => folder.startsWith(name));
    if (exists) assert.match(checks.command, new RegExp(`deno doc --lint .*${folder}`));
  }
});

Deno.test("lock files name no registry", () => {
  for (const path of ["tests/npm/package-lock.json", "scripts/bench/npm/package-lock.json"]) {
    assert.doesNotMatch(read(path), /"resolved"/, `${path}: write it with --omit-lockfile-registry-resolved`);
  }
});

Deno.test("README.md has the two commands, four clients, the overhead, and what is stored where", () => {
  verifies("repo-readme", "repo-two-commands");
  const readme = read("README.md");
  for (
    const word of [
      `${DENO} task demo`,
      `${DENO} task test`,
      "Claude Desktop",
      "Cursor",
      "VS Code",
      "Claude Code",
      "deno task bench:relay",
      "deno task bench:serve",
      "~/.km",
      "KM_HOME",
      "km prune",
      "how to delete it",
    ]
  ) assert.ok(readme.includes(word), `README.md does not say "${word}"`);
});

Deno.test("BENCHMARKS.md holds what the benches measured, and how to repeat it", () => {
  verifies("relay-bench", "store-bench", "serve-bench");
  const { tasks } = denoJson;
  const measured = read("BENCHMARKS.md");
  for (const bench of ["bench:relay", "bench:store", "bench:serve", "bench:start"] as const) {
    assert.ok(Deno.statSync(`${ROOT}${tasks[bench].command.split(" ").at(-1)}`).isFile);
    assert.ok(measured.includes(`deno task ${bench}`), bench);
  }
  for (
    const word of ["direct", "C relay", "tee", "supergateway", "mcp-proxy", "per message"]
  ) {
    assert.ok(measured.includes(word), `BENCHMARKS.md does not say "${word}"`);
  }
});

Deno.test("README.md lists every exit code", () => {
  verifies("repo-exit-codes");
  const lines = read("README.md").split("\n");
  for (const [code, exit] of Object.entries(EXIT_CODES)) {
    const listed = lines.some((line) =>
      line.includes(`\`${code}\``) && new RegExp(`\\b${exit}\\b`).test(line)
    );
    assert.ok(listed, `README.md does not list exit code ${exit} of \`${code}\``);
  }
});

Deno.test("km monitor starts without npm packages and without the database", async () => {
  verifies("repo-start-path-small");
  const files = await staticImports("main.ts", "src/cli/commands/monitor.ts");
  const heavy = files.filter((file) =>
    /^(npm|jsr):|^node:sqlite$|\/src\/(store|recorder|mcp)\/|\/launch_environment\.ts$/.test(file)
  );
  assert.deepEqual(heavy, []);
});

/** Everything that is loaded when the given files are: static imports of values, as Deno resolves them. */
async function staticImports(...roots: string[]): Promise<string[]> {
  interface Graph {
    readonly modules: {
      specifier: string;
      dependencies?: { code?: { specifier: string }; isDynamic?: boolean }[];
    }[];
  }
  const seen = new Set<string>();
  for (const root of roots) {
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", `${ROOT}${root}`] })
      .output();
    const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as Graph;
    const waiting = [`file://${ROOT}${root}`];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      const dependencies = modules.find(({ specifier }) => specifier === next)?.dependencies ?? [];
      waiting.push(
        ...dependencies.flatMap(({ code, isDynamic }) => code && !isDynamic ? [code.specifier] : []),
      );
    }
  }
  return [...seen];
}
