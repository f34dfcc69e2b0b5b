import { deepEqual, equal } from "node:assert/strict";
import { childEnvironment, launchOf, type LaunchOptions } from "./launch.ts";
import type { Provider } from "./provider.ts";
import { loadProviders } from "./providers.ts";

const { providers } = loadProviders(undefined);
const ID = "0199aaaa-0000-7000-8000-000000000001", OTHER = "0199bbbb-0000-7000-8000-000000000002";

function providerOf(name: string): Provider {
  return providers.get(name) as Provider; // as: built in
}

function launch(name: string, options: Partial<LaunchOptions> = {}): [string, string | null] {
  const { command, resumeId } = launchOf(providerOf(name), {
    args: [],
    fullAccess: false,
    newId: () => ID,
    ...options,
  });
  return [command.join(" "), resumeId];
}

for (
  const [name, options, command, resumeId] of [
    ["claude", {}, `claude --session-id ${ID}`, ID],
    ["claude", { args: ["fix it"] }, `claude --session-id ${ID} fix it`, ID],
    ["claude", { resumeId: OTHER }, `claude --resume ${OTHER}`, OTHER],
    ["claude", { args: ["--resume", OTHER] }, `claude --resume ${OTHER}`, OTHER],
    ["claude", { args: [`--resume=${OTHER}`] }, `claude --resume=${OTHER}`, OTHER],
    [
      "claude",
      { args: ["--resume", OTHER, "--fork-session"] },
      `claude --resume ${OTHER} --fork-session`,
      null,
    ],
    ["claude", { args: ["-c"] }, "claude -c", null],
    ["claude", { args: ["mcp", "list"] }, "claude mcp list", null],
    [
      "claude",
      { fullAccess: true, hooksFile: "/h.json" },
      `claude --session-id ${ID} --settings /h.json --dangerously-skip-permissions`,
      ID,
    ],
    [
      "claude",
      { args: ["--settings", "/mine"], hooksFile: "/h.json" },
      `claude --session-id ${ID} --settings /mine`,
      ID,
    ],
    ["codex", {}, "codex", null],
    ["codex", { resumeId: OTHER }, `codex resume ${OTHER}`, OTHER],
    ["codex", { fullAccess: true }, "codex --dangerously-bypass-approvals-and-sandbox", null],
    ["gemini", {}, `gemini --session-id ${ID}`, ID],
    ["gemini", { resumeId: OTHER }, `gemini --resume ${OTHER}`, OTHER],
    ["gemini", { fullAccess: true }, `gemini --session-id ${ID} --approval-mode yolo --skip-trust`, ID],
    [
      "cursor-agent",
      { resumeId: "chat-1", fullAccess: true },
      "cursor-agent --resume chat-1 --force",
      "chat-1",
    ],
    ["shell", { shell: "/bin/zsh", fullAccess: true }, "/bin/zsh", null],
    ["shell", {}, "/bin/sh", null],
  ] as const
) {
  Deno.test(`launchOf() of ${name} with ${JSON.stringify(options)}`, () => {
    deepEqual(launch(name, options), [command, resumeId]);
  });
}

const EVERYTHING = {
  PATH: "/bin",
  HOME: "/home/me",
  LC_ALL: "C",
  SSH_AUTH_SOCK: "/s",
  ANTHROPIC_API_KEY: "a",
  OPENAI_API_KEY: "o",
  GEMINI_API_KEY: "g",
  CURSOR_API_KEY: "c",
  AWS_PROFILE: "w",
  DATABASE_PASSWORD: "d",
  KM_HOME: "/km",
  KM_TOKEN: "t",
  km_token: "t",
  TERM: "dumb",
  TMUX: "/tmp/tmux",
};

for (
  const [name, passed] of [
    ["claude", ["ANTHROPIC_API_KEY", "AWS_PROFILE"]],
    ["codex", ["OPENAI_API_KEY"]],
    ["gemini", ["GEMINI_API_KEY"]],
    ["cursor-agent", ["CURSOR_API_KEY"]],
    ["shell", []],
  ] as const
) {
  Deno.test(`childEnvironment() of ${name} has the base list and ${passed.join(", ") || "no more"}`, () => {
    const env = childEnvironment(EVERYTHING, providerOf(name), {}, "linux");
    const base = ["COLORTERM", "HOME", "LC_ALL", "PATH", "SSH_AUTH_SOCK", "TERM", "TERM_PROGRAM"];
    deepEqual(Object.keys(env).sort(), [...base, ...passed].sort());
    equal(env["TERM"], "xterm-256color");
  });
}

Deno.test("childEnvironment() lets nobody add a variable of km's own", () => {
  const wanting = { ...providerOf("shell"), env: ["*", "KM_TOKEN"], setEnv: { KM_HOME: "/x", A: "b" } };
  const env = childEnvironment(EVERYTHING, wanting, { KM_TOKEN: "t", B: "c" }, "linux");
  deepEqual(Object.keys(env).filter((name) => /^km/i.test(name)), []);
  deepEqual([env["A"], env["B"]], ["b", "c"]);
});

Deno.test("childEnvironment() passes what Windows programs need, in whatever case", () => {
  const env = childEnvironment(
    { Path: "C:\\bin", SystemRoot: "C:\\Windows" },
    providerOf("shell"),
    {},
    "windows",
  );
  deepEqual([env["Path"], env["SystemRoot"]], ["C:\\bin", "C:\\Windows"]);
});
