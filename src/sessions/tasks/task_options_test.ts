import assert from "node:assert/strict";
import { KmError } from "../../core/error.ts";
import { loadProviders } from "../providers/providers.ts";
import { structuredCommand } from "./structured_run.ts";
import { makeTask, MAX_PROMPT_CHARS, type TaskOptions } from "./task_options.ts";

const { providers } = loadProviders({
  argued: {
    command: ["argued"],
    structured: { format: "codex-jsonl", args: ["-p", "{prompt}"], promptBy: "argument" },
  },
});
const make = (options: Partial<TaskOptions>) =>
  makeTask({ provider: "claude", prompt: "do it", cwd: "/", ...options }, {
    caller: { name: "me", via: "token" },
    id: "0",
    providers,
  });

Deno.test.each<[string, Partial<TaskOptions>, KmError["code"]]>([
  ["a provider that is not there", { provider: "cluade" }, "not_found"],
  ["an empty prompt", { prompt: " \n" }, "usage"],
  ["a prompt with NUL", { prompt: "a\0b" }, "usage"],
  ["a prompt that is too long", { prompt: "x".repeat(MAX_PROMPT_CHARS + 1) }, "usage"],
  ["a prompt too long for an argument", { provider: "argued", prompt: "ü".repeat(70_000) }, "usage"],
  ["a relative folder", { cwd: "src" }, "usage"],
  ["a folder that is not there", { cwd: "/nowhere/at/all" }, "not_found"],
  ["a model where km knows no flag", { provider: "shell", model: "x" }, "usage"],
  ["full access where there is none", { provider: "shell", fullAccess: true }, "usage"],
  ["a time limit of nothing", { timeoutMs: 0 }, "usage"],
  ["a key that holds a secret", { key: `k-ghp_${"a1B2".repeat(9)}` }, "usage"],
])("makeTask() refuses %s", (_what, options, code) => {
  assert.throws(() => make(options), (error) => error instanceof KmError && error.code === code);
});

Deno.test("structuredCommand() adds access and model only when asked for, then the user's arguments", () => {
  const command = (provider: string, options: Partial<TaskOptions>) => {
    const found = providers.get(provider);
    assert.ok(found?.structured);
    return structuredCommand(found, found.structured, make({ provider, ...options }));
  };
  assert.deepEqual(command("claude", {}), ["claude", "-p", "--output-format", "stream-json", "--verbose"]);
  assert.deepEqual(command("codex", { fullAccess: true, model: "$&", args: ["--color", "never"] }), [
    ...["codex", "exec", "--json", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"],
    ...["--model", "$&", "--color", "never"],
  ]);
  assert.deepEqual(command("argued", { prompt: "$& {model}" }), ["argued", "-p", "$& {model}"]);
});

Deno.test("makeTask() calls full access what its arguments make so, and structuredCommand() gives nothing twice", () => {
  const task = make({ provider: "codex", args: ["--yolo"] });
  const codex = providers.get("codex");
  assert.ok(codex?.structured);
  assert.equal(task.fullAccess, true);
  assert.deepEqual(structuredCommand(codex, codex.structured, task), [
    ...["codex", "exec", "--json", "--skip-git-repo-check", "--yolo"],
  ]);
  assert.equal(make({ args: ["--verbose"] }).fullAccess, false);
});
