import { deepEqual, equal } from "node:assert/strict";
import { asksFullAccess, childEnvironment, launchOf, type LaunchOptions } from "./launch.ts";
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
    const base = ["COLORTERM", "HOME", "KM_HOME", "LC_ALL", "PATH", "SSH_AUTH_SOCK", "TERM", "TERM_PROGRAM"];
    deepEqual(Object.keys(env).sort(), [...base, ...passed].sort());
    equal(env["TERM"], "xterm-256color");
  });
}

Deno.test("childEnvironment() lets nobody add a variable of km's own", () => {
  const wanting = { ...providerOf("shell"), env: ["*", "KM_TOKEN"], setEnv: { KM_HOME: "/x", A: "b" } };
  const env = childEnvironment(EVERYTHING, wanting, { KM_TOKEN: "t", B: "c" }, "linux");
  // But for the daemon's own word on where its home is.
  deepEqual(Object.entries(env).filter(([name]) => /^km/i.test(name)), [["KM_HOME", "/km"]]);
  deepEqual([env["A"], env["B"]], ["b", "c"]);
});

Deno.test("childEnvironment() drops names and values that are none, and could be read as a variable of km's own", () => {
  const odd = {
    "A=B": "x",
    "": "x",
    "X\nKM_TOKEN": "x",
    " KM_HOME": "x",
    "1A": "x",
    "A B": "x",
    NUL: "a\0KM_HOME=b",
  };
  const wanting = { ...providerOf("shell"), env: ["*"], setEnv: { "C=D": "x" } };
  const env = childEnvironment({ ...odd, OK_1: "y" }, wanting, { ...odd, _b: "z\n" }, "linux");
  deepEqual([env["OK_1"], env["_b"]], ["y", "z\n"]);
  deepEqual(Object.keys(env).filter((name) => name in odd || name === "C=D"), []);
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

for (
  const [name, args, asks] of [
    ["claude", ["--dangerously-skip-permissions"], true],
    ["claude", ["fix", "--allow-dangerously-skip-permissions"], true],
    ["claude", ["--permission-mode", "bypassPermissions"], true],
    ["claude", ["--permission-mode=bypassPermissions"], true],
    ["claude", ["--settings", '{"permissions":{"defaultMode":"bypassPermissions"}}'], true],
    ["claude", ["--permission-mode", "plan"], false],
    ["claude", ["what does --dangerously-skip-permissions do?"], false],
    ["codex", ["--yolo"], true],
    ["codex", ["exec", "--dangerously-bypass-approvals-and-sandbox", "go"], true],
    ["codex", ["-s", "danger-full-access"], true],
    ["codex", ["-sdanger-full-access"], true],
    ["codex", ["--sandbox=danger-full-access"], true],
    ["codex", ["-c", 'sandbox_mode="danger-full-access"'], true],
    ["codex", ["--config=sandbox_mode=danger-full-access"], true],
    ["codex", ["-s", "read-only", "danger-full-access"], false],
    ["gemini", ["--yolo"], true],
    ["gemini", ["--yolo=false"], false],
    ["gemini", ["-y"], true],
    ["gemini", ["-dy"], true],
    ["gemini", ["--approval-mode", "yolo"], true],
    ["gemini", ["--approvalMode=yolo"], true],
    ["gemini", ["--approval-mode", "default", "yolo"], false],
    ["cursor-agent", ["--force"], true],
    ["cursor-agent", ["-f"], true],
    ["cursor-agent", ["-p", "f"], false],
    ["shell", ["--force"], false],
  ] as const
) {
  Deno.test(`asksFullAccess() of ${name} ${args.join(" ")} is ${asks}`, () => {
    equal(asksFullAccess(providerOf(name), args), asks);
  });
}

Deno.test("asksFullAccess() knows what km itself gives to switch safeguards off", () => {
  for (const provider of providers.values()) {
    for (const args of [provider.fullAccess?.args ?? [], provider.structured?.fullAccessArgs ?? []]) {
      equal(asksFullAccess(provider, args), args.length > 0);
    }
  }
});

Deno.test("asksFullAccess() knows a user's provider by what its full access is made of, wherever that stands", () => {
  const fullAccess = { args: ["--mode", "wild", "--loose"], env: { WILD: "1" } };
  const user = loadProviders({
    mine: { command: ["mine"], fullAccess },
    wild: { command: ["mine", "--mode=wild"], fullAccess },
    set: { command: ["mine"], fullAccess, setEnv: { WILD: "1" } },
  }).providers;
  const asks = (name: string, args: readonly string[], env = {}) =>
    asksFullAccess(user.get(name) as Provider, args, env); // as: given above
  deepEqual([asks("mine", []), asks("mine", ["--mode", "tame"]), asks("mine", [], { WILD: "" })], [
    false,
    false,
    false,
  ]);
  deepEqual([asks("mine", ["--loose"]), asks("mine", ["--mode=wild"]), asks("mine", [], { WILD: "1" })], [
    true,
    true,
    true,
  ]);
  deepEqual([asks("wild", []), asks("set", [])], [true, true]);
});

Deno.test("launchOf() gives nothing a second time that the arguments ask for", () => {
  deepEqual(launch("codex", { fullAccess: true, args: ["--yolo"] }), ["codex --yolo", null]);
});
