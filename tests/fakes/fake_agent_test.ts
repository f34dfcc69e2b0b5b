import { deepEqual, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { loadProviders } from "../../src/sessions/providers/providers.ts";
import type { Provider } from "../../src/sessions/providers/provider.ts";
import { FAKE_COMMAND, WatchedAgent } from "./watched_agent.ts";

const { providers } = loadProviders(undefined);

function providerOf(name: string): Provider {
  const provider = providers.get(name);
  ok(provider);
  return provider;
}

function start(kind: "claude" | "codex" | "shell", ...args: string[]): WatchedAgent {
  return new WatchedAgent({ provider: providerOf(kind), command: [...FAKE_COMMAND, "--as", kind, ...args] });
}

for (const kind of ["claude", "codex"] as const) {
  Deno.test(`a session with the fake ${kind} goes through all its states, each once`, async () => {
    await using agent = start(kind);
    await agent.untilState("idle");
    agent.type("work\r");
    await agent.untilText(/esc to interrupt/);
    agent.type("\x1b");
    await agent.untilText(/Interrupted by user/);
    await agent.untilState("idle");
    agent.type("ask\r");
    await agent.untilState("waiting_approval");
    agent.type("1");
    await agent.untilText(/allowed/);
    await agent.untilState("idle");
    agent.type("sign-in\r");
    await agent.untilState("auth_required");
    agent.type("1");
    await agent.untilState("idle");
    agent.type("exit 3\r");
    await agent.untilState("exited");
    deepEqual(agent.states, [
      "starting",
      ...["idle", "running"],
      ...["idle", "running", "waiting_approval", "running"],
      ...["idle", "running", "auth_required", "running"],
      ...["idle", "running", "exited"],
    ]);
    deepEqual(await agent.exit, { code: 3, signal: null });
  });
}

for (const dialog of ["trust", "bypass"]) {
  Deno.test(`a session that shows the ${dialog} dialog waits for a person`, async () => {
    await using agent = start("claude", dialog);
    await agent.untilState("waiting_input");
    agent.type("2");
    await agent.untilState("idle");
  });
}

Deno.test("a session with a shell that marks its prompts is idle at each, and runs between", async () => {
  await using agent = start("shell");
  await agent.untilState("idle");
  agent.type("work\r");
  await agent.untilText(/working/);
  agent.type("finish\r");
  await agent.untilState("idle");
  deepEqual(agent.states, ["starting", "idle", "running", "idle"]);
});

Deno.test("the fake agent takes 64 KiB in one paste and says what it got", async () => {
  await using agent = start("claude");
  await agent.untilState("idle");
  const text = "abcdefgh".repeat(8 * 1024);
  agent.type(`\x1b[200~${text}\x1b[201~`);
  await agent.untilText(/❯ .*abcdefgh/);
  agent.type("\r");
  await agent.untilText(/You said/);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 12);
  match(agent.text.replace(/\s+/g, " "), new RegExp(`\\(pasted, 65536 bytes, sha256 ${hash}\\)`));
});
