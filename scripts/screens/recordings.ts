/** Which screens are recorded, and how each is reached. @module */
import type { ScreenProgram } from "./screen_program.ts";

/** One screen. */
export interface Recording {
  readonly cli: "claude" | "codex" | "gemini";
  readonly name: string;
  /** Behind the program. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Files in the home folder before the start. `{url}`: the fake models. */
  readonly files?: Readonly<Record<string, string>>;
  /** Drives it to its screen. */
  readonly drive: (program: ScreenProgram) => Promise<void>;
}

export const HOME = "/home/me", PROJECT = `${HOME}/project`;

const ONBOARDED = {
  hasCompletedOnboarding: true,
  theme: "dark",
  lastOnboardingVersion: "2.1.197",
  numStartups: 5,
};
const TRUSTED = {
  projects: { [PROJECT]: { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true } },
};
const KEY = "sk-ant-nobody-has-this-key-000000000000000";
const claudeHome = (more: object) => ({ ".claude.json": JSON.stringify({ ...ONBOARDED, ...more }) });
const SIGNED_IN = claudeHome({
  ...TRUSTED,
  customApiKeyResponses: { approved: [KEY.slice(-20)], rejected: [] },
});
const CLAUDE_ENV = {
  ANTHROPIC_BASE_URL: "{url}",
  ANTHROPIC_API_KEY: KEY,
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
};

const CODEX_CONFIG = `model = "local"
model_provider = "local"
approval_policy = "on-request"
sandbox_mode = "read-only"
[model_providers.local]
name = "local"
base_url = "{url}/v1"
wire_api = "responses"
requires_openai_auth = false
[projects."${PROJECT}"]
trust_level = "trusted"
`;
const CODEX_HOME = { ".codex/config.toml": CODEX_CONFIG };

const gemini = (settings: object, trusts = true) => ({
  ".gemini/settings.json": JSON.stringify({ general: { enableAutoUpdate: false }, ...settings }),
  ...trusts ? { ".gemini/trustedFolders.json": JSON.stringify({ [PROJECT]: "TRUST_FOLDER" }) } : {},
});
const WITH_KEY = gemini({ security: { auth: { selectedType: "gemini-api-key" } } });
const GEMINI_ENV = { GEMINI_API_KEY: "nobody-has-this-key", GOOGLE_GEMINI_BASE_URL: "{url}" };

/** Types a prompt as a person does: the text, and Enter once it is there. */
async function prompt(program: ScreenProgram, text: string): Promise<void> {
  program.type(text);
  await program.until(new RegExp(text), { moves: true });
  program.type("\r");
}

export const RECORDINGS: readonly Recording[] = [
  {
    cli: "claude",
    name: "offline",
    args: [],
    // Nobody listens there: as without a network, but at once.
    env: { HTTPS_PROXY: "http://127.0.0.1:9" },
    drive: async (p) => {
      await p.until(/Unable to connect to Anthropic/, { moves: true, waitMs: 100_000 });
      await p.exited();
    },
  },
  {
    cli: "claude",
    name: "trust",
    args: [],
    files: claudeHome({}),
    drive: (p) => p.until(/Enter to confirm/),
  },
  {
    cli: "claude",
    name: "idle_signed_out",
    args: [],
    files: claudeHome({}),
    drive: async (p) => {
      await p.until(/Enter to confirm/);
      p.type("\r");
      await p.until(/Not logged in/);
    },
  },
  {
    cli: "claude",
    name: "prompt_signed_out",
    args: [],
    files: claudeHome(TRUSTED),
    drive: async (p) => {
      await p.until(/Not logged in/);
      await prompt(p, "say hello");
      await p.until(/Please run \/login/);
    },
  },
  {
    cli: "claude",
    name: "login",
    args: [],
    files: claudeHome(TRUSTED),
    drive: async (p) => {
      await p.until(/Not logged in/);
      await prompt(p, "/login");
      await p.until(/Select login method/);
    },
  },
  {
    cli: "claude",
    name: "bypass",
    args: ["--dangerously-skip-permissions"],
    // It refuses to run as root outside of what it takes for a sandbox; recorders are often root in a container.
    env: { IS_SANDBOX: "1" },
    files: claudeHome(TRUSTED),
    drive: (p) => p.until(/Yes, I accept/),
  },
  {
    cli: "claude",
    name: "api_key",
    args: [],
    env: CLAUDE_ENV,
    files: claudeHome(TRUSTED),
    drive: (p) => p.until(/Do you want to use this API key/),
  },
  {
    cli: "claude",
    name: "idle",
    args: [],
    env: CLAUDE_ENV,
    files: SIGNED_IN,
    drive: async (p) => {
      await p.until(/❯/);
      await prompt(p, "say hello");
      await p.until(/Hello from the model/);
    },
  },
  {
    cli: "claude",
    name: "working",
    args: [],
    env: CLAUDE_ENV,
    files: SIGNED_IN,
    drive: async (p) => {
      await p.until(/❯/);
      await prompt(p, "please wait");
      await p.until(/esc to interrupt|\(\d+s/, { moves: true });
    },
  },
  {
    cli: "claude",
    name: "approval_run",
    args: [],
    env: CLAUDE_ENV,
    files: SIGNED_IN,
    drive: async (p) => {
      await p.until(/❯/);
      await prompt(p, "please run");
      await p.until(/1\. Yes/);
    },
  },
  {
    cli: "claude",
    name: "approval_edit",
    args: [],
    env: CLAUDE_ENV,
    files: SIGNED_IN,
    drive: async (p) => {
      await p.until(/❯/);
      await prompt(p, "please edit");
      await p.until(/1\. Yes/);
    },
  },
  { cli: "codex", name: "sign_in", args: ["--no-daemon"], drive: (p) => p.until(/Press enter to continue/) },
  {
    cli: "codex",
    name: "idle",
    args: ["--no-daemon"],
    files: CODEX_HOME,
    drive: (p) => p.until(/Ask Codex to do anything|\? for shortcuts/),
  },
  {
    cli: "codex",
    name: "answered",
    args: ["--no-daemon"],
    files: CODEX_HOME,
    drive: async (p) => {
      await p.until(/\? for shortcuts/);
      await prompt(p, "say hello");
      await p.until(/Hello from the model/);
    },
  },
  {
    cli: "codex",
    name: "working",
    args: ["--no-daemon"],
    files: CODEX_HOME,
    drive: async (p) => {
      await p.until(/\? for shortcuts/);
      await prompt(p, "please wait");
      await p.until(/esc to interrupt/, { moves: true });
    },
  },
  {
    cli: "codex",
    name: "approval_run",
    args: ["--no-daemon"],
    files: CODEX_HOME,
    drive: async (p) => {
      await p.until(/\? for shortcuts/);
      await prompt(p, "please run");
      await p.until(/Would you like to run/);
    },
  },
  {
    cli: "gemini",
    name: "trust",
    args: [],
    files: gemini({}, false),
    drive: (p) => p.until(/Do you trust the files/),
  },
  {
    cli: "gemini",
    name: "sign_in",
    args: [],
    files: gemini({}),
    drive: (p) => p.until(/How would you like to authenticate/),
  },
  {
    cli: "gemini",
    name: "idle",
    args: [],
    env: GEMINI_ENV,
    files: WITH_KEY,
    drive: (p) => p.until(/Type your message/),
  },
  {
    cli: "gemini",
    name: "working",
    args: [],
    env: GEMINI_ENV,
    files: WITH_KEY,
    drive: async (p) => {
      await p.until(/Type your message/);
      await prompt(p, "please wait");
      await p.until(/esc to cancel/, { moves: true });
    },
  },
  {
    cli: "gemini",
    name: "approval_run",
    args: [],
    env: GEMINI_ENV,
    files: WITH_KEY,
    drive: async (p) => {
      await p.until(/Type your message/);
      await prompt(p, "please run");
      await p.until(/Allow once/);
    },
  },
];
