/** The screens of the fake agent, drawn as Claude Code 2.1.197 and Codex 0.169.0 draw theirs (`tests/fixtures/screens`). @module */

export type Mode =
  | "idle"
  | "working"
  | "approval"
  | "trust"
  | "bypass"
  | "sign-in"
  | "signed-out"
  | "strange";

export interface Look {
  readonly mode: Mode;
  readonly typed: string;
  readonly transcript: readonly string[];
  readonly columns: number;
}

const CLEAR = "\x1b[2J\x1b[H";

const CLAUDE_DIALOGS: Readonly<Partial<Record<Mode, readonly string[]>>> = {
  approval: [
    " Bash command",
    "",
    "   touch made",
    "",
    " Do you want to proceed?",
    " ❯ 1. Yes",
    "   2. Yes, and always allow access to project/ from this project",
    "   3. No",
    "",
    " Esc to cancel · Tab to amend",
  ],
  trust: [
    " Accessing workspace:",
    "",
    " Quick safety check: Is this a project you created or one you trust?",
    "",
    " ❯ 1. Yes, I trust this folder",
    "   2. No, exit",
    "",
    " Enter to confirm · Esc to cancel",
  ],
  bypass: [
    "  WARNING: Claude Code running in Bypass Permissions mode",
    "",
    "  ❯ 1. No, exit",
    "    2. Yes, I accept",
    "",
    "  Enter to confirm · Esc to cancel",
  ],
  "sign-in": [
    "  Select login method:",
    "",
    "  ❯ 1. Claude account with subscription · Pro, Max, Team, or Enterprise",
    "    2. Anthropic Console account · API usage billing",
  ],
  strange: ["  A screen from the future", "", "  Which of these?"],
};

export function drawClaude({ mode, typed, transcript, columns }: Look): string {
  const rule = "─".repeat(columns);
  const above = [" ▐▛███▜▌   Claude Code v2.1.197 (fake)", "", ...transcript, ""];
  const dialog = CLAUDE_DIALOGS[mode];
  if (dialog !== undefined) return CLEAR + [...above, rule, ...dialog].join("\r\n");
  const work = mode === "working" ? ["✽ Doodling… (1s)", ""] : [];
  const hint = mode === "working" ? "  esc to interrupt" : "  ? for shortcuts";
  const footer = mode === "signed-out" ? `${hint}    Not logged in · Run /login` : hint;
  const title = mode === "working" ? "\x1b]0;⠂ Claude Code\x07" : "";
  const lines = [...above, ...work, rule, `❯ ${visible(typed, columns)}`, rule, footer];
  // The cursor goes back to where text is typed.
  return title + CLEAR + lines.join("\r\n") + `\x1b[2A\r\x1b[${2 + visible(typed, columns).length}C`;
}

const CODEX_DIALOGS: Readonly<Partial<Record<Mode, readonly string[]>>> = {
  approval: [
    "  Would you like to run the following command?",
    "",
    "  $ touch made",
    "",
    "› 1. Yes, proceed (y)",
    "  2. Yes, and don't ask again for commands that start with `touch made` (p)",
    "  3. No, and tell Codex what to do differently (esc)",
    "",
    "  Press enter to confirm or esc to cancel",
  ],
  "sign-in": [
    "  Choose how you want to use Codex.",
    "",
    "> 1. Sign in with ChatGPT",
    "  2. Sign in with Device Code",
    "",
    "  Press enter to continue",
  ],
  strange: ["  A screen from the future", "", "  Which of these?"],
};

export function drawCodex({ mode, typed, transcript, columns }: Look): string {
  const above = ["", "  >_ OpenAI Codex (v0.169.0, fake)", "     ~/project", "", ...transcript, ""];
  const state = mode === "approval" ? "\x1b]7501;state=blocked:app=codex:kind=permission\x07" : "";
  const dialog = CODEX_DIALOGS[mode];
  if (dialog !== undefined) return state + CLEAR + [...above, ...dialog].join("\r\n");
  const work = mode === "working" ? ["• Working (0s • esc to interrupt)", ""] : [];
  const prompt = typed === "" ? "Ask Codex to do anything" : visible(typed, columns);
  const footer = ["", "  local default · ~/project", "  ← for agents · ? for shortcuts"];
  return CLEAR + [...above, ...work, `› ${prompt}`, ...footer].join("\r\n");
}

/** The end of what was typed, on one row. */
function visible(typed: string, columns: number): string {
  return typed.slice(-Math.max(1, columns - 4)).replaceAll("\n", "⏎");
}
