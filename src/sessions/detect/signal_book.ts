/** What an agent said of itself, by hooks and by escape sequences, and which of it holds. @module */
import { isWaiting, type SessionState } from "../../core/session.ts";
import { SIGNAL_FLAGS } from "../providers/check_provider.ts";
import type { SignalRule } from "../providers/provider.ts";
import type { TerminalSignal } from "../terminal/terminal_signals.ts";

/** Something that holds until the same voice says otherwise. */
export interface Said {
  readonly state: SessionState;
  readonly reason: string;
  readonly source: "hook" | "osc";
  readonly timeUs: number;
}

/** Voices that say what they mean, unlike titles. */
const IN_WORDS = ["hook", "agent_state"];

export class SignalBook {
  readonly #rules: readonly { readonly rule: SignalRule; readonly pattern: RegExp | null }[];
  /** By voice: the kind of a signal, or `hook`. */
  readonly #said = new Map<string, Said>();

  constructor(rules: readonly SignalRule[]) {
    this.#rules = rules.map((rule) => ({
      rule,
      pattern: rule.matches === null ? null : new RegExp(rule.matches, SIGNAL_FLAGS),
    }));
  }

  /**
   * What holds: a question that was reported in so many words (a title may go on to turn behind it), else the latest. Null: nothing.
   */
  get said(): Said | null {
    for (const voice of IN_WORDS) {
      const said = this.#said.get(voice);
      if (said !== undefined && isWaiting(said.state)) return said;
    }
    return [...this.#said.values()].reduce<Said | null>(
      (latest, each) => latest === null || each.timeUs >= latest.timeUs ? each : latest,
      null,
    );
  }

  signal(signal: TerminalSignal, timeUs: number): void {
    const text = textOf(signal);
    const found = this.#rules.find(({ rule, pattern }) =>
      rule.on === signal.kind && (pattern === null || pattern.test(text))
    );
    if (found?.rule.proof === true) {
      const { state, reason } = found.rule;
      this.#said.set(signal.kind, { state, reason, source: "osc", timeUs });
    } else if (signal.kind === "title" || signal.kind === "progress" || signal.kind === "agent_state") {
      // A title without the sign of work takes back what one with it said.
      this.#said.delete(signal.kind);
    }
  }

  hook(state: SessionState, reason: string, timeUs: number): void {
    // It knows best: what a title or a notification said before is about what was before.
    this.#said.delete("notification");
    this.#said.set("hook", { state, reason, source: "hook", timeUs });
  }

  /** Somebody typed an answer or a prompt: that it was idle, or waited, is over. */
  forgetRest(): void {
    for (const [voice, { state }] of this.#said) if (state !== "running") this.#said.delete(voice);
  }
}

function textOf(signal: TerminalSignal): string {
  switch (signal.kind) {
    case "title":
    case "notification":
      return signal.text;
    case "agent_state":
      return signal.state;
    case "progress":
      return signal.state;
    case "prompt":
      return signal.mark;
    case "bell":
    case "clipboard":
      return "";
  }
}
