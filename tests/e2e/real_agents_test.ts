/** The real agents, as `scripts/record_screens.ts` installs them: without an account they go far enough to see that km starts them rightly. @module */
import { deepEqual, equal, match } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { SessionState } from "../../src/core/session.ts";
import { hookSettings, parseHookLine } from "../../src/sessions/detect/hooks.ts";
import { probeAuth } from "../../src/sessions/providers/auth_probe.ts";
import { childEnvironment, type Launch, launchOf } from "../../src/sessions/providers/launch.ts";
import type { Provider } from "../../src/sessions/providers/provider.ts";
import { loadProviders } from "../../src/sessions/providers/providers.ts";
import { WatchedAgent } from "../fakes/watched_agent.ts";
import { testUnless } from "../skip.ts";

const BIN = fileURLToPath(new URL("../../.cache/screens/node_modules/.bin", import.meta.url));
const missing = isThere(`${BIN}/gemini`) ? null : "agents are not installed: scripts/record_screens.ts";
const { providers } = loadProviders(undefined);

function isThere(path: string): boolean {
  try {
    return Deno.lstatSync(path) !== null;
  } catch {
    return false;
  }
}

function providerOf(name: string): Provider {
  return providers.get(name) as Provider; // as: built in
}

/** A home of nobody, with a project in it that Claude Code trusts. */
class CleanHome implements AsyncDisposable {
  readonly path = Deno.makeTempDirSync();
  readonly project = `${this.path}/project`;

  constructor() {
    Deno.mkdirSync(this.project);
    const projects = { [this.project]: { hasTrustDialogAccepted: true } };
    const settings = { hasCompletedOnboarding: true, theme: "dark", projects };
    Deno.writeTextFileSync(`${this.path}/.claude.json`, JSON.stringify(settings));
  }

  env(provider: Provider): Record<string, string> {
    const path = `${BIN}:${Deno.env.get("PATH")}`;
    return childEnvironment({ PATH: path, HOME: this.path, LANG: "C.UTF-8" }, provider, {});
  }

  start(provider: Provider, { command }: Launch): WatchedAgent {
    return new WatchedAgent({ provider, command, cwd: this.project, env: this.env(provider) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // What an agent that was just killed had begun to write may still come.
    await Deno.remove(this.path, { recursive: true }).catch(() => {});
  }
}

for (const name of ["claude", "codex"]) {
  testUnless(missing, `probeAuth() asks the real ${name}, and nobody is signed in`, async () => {
    await using home = new CleanHome();
    const provider = providerOf(name);
    const answer = await probeAuth(provider, { env: home.env(provider), cwd: home.project });
    equal(answer.state, "signed_out");
  });
}

/** Settles when the file has a line of the hook called `name`. */
async function untilHook(file: string, name: string): Promise<void> {
  const watcher = Deno.watchFs(file);
  const timer = setTimeout(() => watcher.close(), 20_000);
  if (!Deno.readTextFileSync(file).includes(name)) {
    for await (const _event of watcher) if (Deno.readTextFileSync(file).includes(name)) break;
  }
  clearTimeout(timer);
  try {
    watcher.close();
  } catch {
    // The loop closed it.
  }
}

testUnless(
  missing,
  "the real claude takes the id that km chose, tells its hooks, and goes on by that id",
  async () => {
    await using home = new CleanHome();
    const claude = providerOf("claude");
    const hooksFile = `${home.path}/hooks.settings.json`, lines = `${home.path}/hooks.jsonl`;
    await Deno.writeTextFile(lines, "");
    await Deno.writeTextFile(hooksFile, JSON.stringify(hookSettings(lines)));
    const options = { args: [], fullAccess: false, newId: () => crypto.randomUUID() };
    const launch = launchOf(claude, { ...options, hooksFile });
    {
      await using agent = home.start(claude, launch);
      await agent.untilState("auth_required");
      agent.type("\x1b[200~say hello\x1b[201~");
      await agent.untilText(/❯\ssay hello/);
      agent.type("\r");
      await agent.untilText(/Please run \/login/);
      await untilHook(lines, "StopFailure");
      agent.type("/exit\r");
      await agent.untilState("exited");
    }
    const events = (await Deno.readTextFile(lines)).trimEnd().split("\n").map(parseHookLine);
    const expected: [string, SessionState | null][] = [
      ["SessionStart", null],
      ["UserPromptSubmit", "running"],
      ["StopFailure", "auth_required"],
    ];
    deepEqual(events.map((event) => [event?.name, event?.state]), expected);
    equal(events[0]?.conversationId, launch.resumeId);
    await using again = home.start(claude, launchOf(claude, { ...options, resumeId: launch.resumeId ?? "" }));
    await again.untilText(/❯\ssay hello/);
    match(again.text, /Claude Code/);
  },
);
