/**
 * Tasks of the real agents, as `scripts/record_screens.ts` installs them: signed in to models that stand in for the companies', and without an account.
 */
import assert from "node:assert/strict";
import type { TaskBody } from "../../src/api/sessions/task_schemas.ts";
import { type FakeModels, serveFakeModels } from "../../scripts/screens/fake_models.ts";
import { testUnless } from "../skip.ts";
import { ROOT, until } from "./harness.ts";
import { TaskHome } from "./task_home.ts";

const BIN = `${ROOT}.cache/screens/node_modules/.bin`;
const missing = isThere(`${BIN}/gemini`) ? null : "agents are not installed: scripts/record_screens.ts";

function isThere(path: string): boolean {
  try {
    return Deno.lstatSync(path) !== null;
  } catch {
    return false;
  }
}

/** What the agents find: a home of nobody, and models. */
function environment(tasks: TaskHome, models: FakeModels | null): Record<string, string> {
  const home = `${tasks.home}/agents`;
  for (const folder of [".codex", ".gemini"]) Deno.mkdirSync(`${home}/${folder}`, { recursive: true });
  const base = {
    HOME: home,
    PATH: `${BIN}:${Deno.env.get("PATH")}`,
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    ...Object.fromEntries(
      ["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"].map((name) => [name, ""]),
    ),
  };
  if (models === null) return base;
  Deno.writeTextFileSync(
    `${home}/.codex/config.toml`,
    `model = "local"
model_provider = "local"
[model_providers.local]
name = "local"
base_url = "${models.url}/v1"
wire_api = "responses"
requires_openai_auth = false
`,
  );
  const settings = { security: { auth: { selectedType: "gemini-api-key" } } };
  Deno.writeTextFileSync(`${home}/.gemini/settings.json`, JSON.stringify(settings));
  Deno.writeTextFileSync(
    `${home}/.gemini/trustedFolders.json`,
    JSON.stringify({ [tasks.work]: "TRUST_FOLDER" }),
  );
  return {
    ...base,
    ANTHROPIC_BASE_URL: models.url,
    ANTHROPIC_API_KEY: "sk-ant-nobody-has-this-key-000000000000000",
    GEMINI_API_KEY: "nobody-has-this-key",
    GOOGLE_GEMINI_BASE_URL: models.url,
  };
}

async function runAll(tasks: TaskHome, providers: readonly string[], prompt: string): Promise<TaskBody[]> {
  const made = await Promise.all(providers.map((provider) => tasks.submit(prompt, { provider })));
  return await Promise.all(made.map(({ id }) => tasks.over(id, 60)));
}

testUnless(missing, "claude, codex and gemini, the real ones, do a task and report on it", async () => {
  await using models = serveFakeModels();
  await using tasks = new TaskHome();
  await tasks.start({ ...environment(tasks, models), KM_TASKS_MAX_PARALLEL: "1" });
  const [claude, codex, gemini] = await runAll(tasks, ["claude", "codex", "gemini"], "please say hello");
  for (const task of [claude, codex, gemini]) {
    assert.deepEqual(
      [task?.state, task?.result, task?.exitCode],
      ["done", "Hello from the model.", 0],
      task?.reason,
    );
    assert.ok(task?.conversationId);
  }
  assert.deepEqual([claude?.metrics.inputTokens, claude?.metrics.costMicroUsd], [9, 270]);
  assert.deepEqual([codex?.metrics.inputTokens, codex?.metrics.costMicroUsd], [9, null]);
  assert.deepEqual([gemini?.metrics.turns, gemini?.metrics.costMicroUsd], [null, null]);
  const cancelled = await cancelledClaude(tasks);
  assert.deepEqual([cancelled.state, cancelled.reason], ["cancelled", "cancelled by token"]);
});

/** One that the model keeps waiting, taken back when it has begun. */
async function cancelledClaude(tasks: TaskHome): Promise<TaskBody> {
  const { id } = await tasks.submit("please wait", { provider: "claude" });
  await until(async () => (await tasks.get(id)).conversationId !== null, "the begin of a conversation");
  return await tasks.cancel(id);
}

testUnless(
  missing,
  "claude, codex and gemini, the real ones, without an account: the task says how to sign in",
  async () => {
    await using tasks = new TaskHome();
    await tasks.start({ ...environment(tasks, null), KM_TASKS_MAX_PARALLEL: "3" });
    const [claude, codex, gemini] = await runAll(tasks, ["claude", "codex", "gemini"], "say hello");
    for (const [task, name] of [[claude, "claude"], [codex, "codex"], [gemini, "gemini"]] as const) {
      assert.equal(task?.state, "failed");
      assert.match(task?.reason ?? "", /^not signed in \(/);
      assert.match(task?.reason ?? "", new RegExp(`sign in with "km run ${name}"$`));
    }
    assert.equal(gemini?.exitCode, 41);
  },
);
