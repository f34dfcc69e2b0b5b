/**
 * What a provider is: everything km knows about one CLI, as data. The built-in ones are the JSON files beside this one; a user's stand in the
 * config file under `providers`. `check_provider.ts` reads them.
 * @module
 */
import type { SessionState } from "../../core/session.ts";

/** A program that sessions run. */
export interface Provider {
  /** `claude`: what `km run` is given. */
  readonly name: string;
  /** `Claude Code`. */
  readonly title: string;
  /** Program and first arguments; empty: the user's own shell. */
  readonly command: readonly string[];
  /** First arguments with which the program is no conversation (`claude mcp list`): km adds nothing to those. */
  readonly subcommands: readonly string[];
  /** How its own safeguards are switched off; null: it has none, or km knows no way. Never on unless somebody asked for it. */
  readonly fullAccess: FullAccess | null;
  /** Names and prefixes (`ANTHROPIC_*`) of variables that it gets beside the base list. */
  readonly env: readonly string[];
  /** Variables that km sets for it. */
  readonly setEnv: Readonly<Record<string, string>>;
  readonly resume: Resume | null;
  readonly authProbe: AuthProbe | null;
  /** Looked at in this order; the first that fits counts, but a guard beats all. */
  readonly screens: readonly ScreenRule[];
  readonly signals: readonly SignalRule[];
  /** How its hooks are set; null: it has none that km can use. */
  readonly hooks: "claude-settings" | null;
  readonly structured: Structured | null;
  /** Keys that stop what it is doing without ending it. */
  readonly interrupt: string;
  readonly submit: Submit;
  /**
   * What it means when nothing is drawn for a while and nothing else is known. `idle`: it is idle. `foreground`: it is when no other program
   * is in the foreground of its terminal and it reads that as it does at its prompt. `busy`: nothing; a screen that km does not know may be a
   * question. `running`: it is never idle by that, and not starting any more either.
   */
  readonly quiet: "idle" | "foreground" | "busy" | "running";
}

export interface FullAccess {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Every way to ask for it by arguments: `--flag`, or `--flag value` with `*` for any text; none: the ones that km itself gives. */
  readonly flags: readonly string[];
}

/** How a conversation goes on; `{id}` stands for its id. */
export interface Resume {
  /** Arguments right behind the command. */
  readonly args: readonly string[];
  /** Arguments by which km chooses the id of a new conversation itself; null: the program chooses. */
  readonly chooseId: readonly string[] | null;
  /** Arguments for the latest conversation in this folder. */
  readonly last: readonly string[] | null;
  /** Arguments of a user after which km chooses no id; the value behind one of them is the id when it is a UUID. */
  readonly idFlags: readonly string[];
}

/** A command that tells whether the program is signed in, without a screen. */
export interface AuthProbe {
  /** Arguments behind the program. */
  readonly args: readonly string[];
  /** All that is given must hold. */
  readonly signedIn: {
    readonly exitCode: number | null;
    /** A dotted path into the JSON on stdout, and what must stand there. */
    readonly json: { readonly path: string; readonly equals: string | number | boolean } | null;
    /** On stdout and stderr together. */
    readonly matches: string | null;
  };
  readonly timeoutMs: number;
}

/**
 * A pattern on the rendered screen. Its regular expressions (flags `mu`) are tried on the rows as they are, and on the same rows as running
 * text, without frames and with single spaces, so that a line that a narrow terminal breaks is still found.
 */
export interface ScreenRule {
  readonly id: string;
  readonly state: SessionState;
  /** Versions on whose screens it was seen: `>=2.1.197`. For people; km asks no version. */
  readonly versions: string | null;
  /** `bottom`: the last `rows` rows above the blank ones; `all`: the screen. */
  readonly where: "bottom" | "all";
  readonly rows: number;
  /** Only while the cursor stands at the end of the last row: a prompt that was answered is none. */
  readonly atCursor: boolean;
  /** At least one (when there is any), every, and not one of these is found. */
  readonly any: readonly string[];
  readonly all: readonly string[];
  readonly none: readonly string[];
  /** For people; `{match}` stands for what was found first. */
  readonly reason: string;
  /** Its answer has consequences that only a person may accept: km never presses Enter here. */
  readonly neverAutoConfirm: boolean;
  /** Proof of work: beats all rules that are no guards. */
  readonly guard: boolean;
}

/** What an escape sequence of the program means. */
export interface SignalRule {
  readonly on: "title" | "agent_state" | "progress" | "notification" | "bell" | "prompt";
  /** A regular expression (flag `u`) on the title, the state, the text or the mark; null: any. */
  readonly matches: string | null;
  readonly state: SessionState;
  readonly reason: string;
  /** It counts without a screen. A title that says `Ready` during a dialog does not. */
  readonly proof: boolean;
}

/** How the program takes one prompt and answers as data. `{prompt}`, `{model}`, `{id}` are replaced. */
export interface Structured {
  readonly args: readonly string[];
  readonly format: "claude-stream-json" | "codex-jsonl" | "gemini-stream-json";
  readonly promptBy: "argument" | "stdin";
  readonly fullAccessArgs: readonly string[];
  readonly resumeArgs: readonly string[] | null;
  readonly modelArgs: readonly string[] | null;
}

/** How text is sent: as a bracketed paste where the program wants that, then Enter as a write of its own. */
export interface Submit {
  readonly paste: "bracketed" | "plain";
  readonly enter: string;
  /** Least time between the text and Enter: programs take what comes together as one paste. */
  readonly enterDelayMs: number;
}
