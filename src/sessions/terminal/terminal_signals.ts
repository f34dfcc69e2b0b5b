/** What programs say with escape sequences that draw nothing: titles, progress, notifications, where prompts begin. @module */
import { visibleStart } from "../../core/printable.ts";
import type { XtermCore } from "./xterm_core.ts";

/** Longest text of a signal, in characters. */
export const MAX_SIGNAL_CHARS = 200;

export type ProgressState = "none" | "normal" | "error" | "indeterminate" | "paused";

/** Signals of one write that are told; further ones are not, since nobody could follow them. */
export const MAX_SIGNALS_PER_WRITE = 100;

/** Texts are printable: no controls, nothing bidirectional or invisible, at most 200 characters. */
export type TerminalSignal =
  /** A title that is another one than before; at most one for each write. */
  | { readonly kind: "title"; readonly text: string }
  /** OSC 7501, by agents: `state=idle:app=codex`. */
  | { readonly kind: "agent_state"; readonly app: string; readonly state: string }
  /** OSC 9;4. */
  | { readonly kind: "progress"; readonly state: ProgressState; readonly percent: number | null }
  /** OSC 9, OSC 777;notify. */
  | { readonly kind: "notification"; readonly text: string }
  /** At most one for each write. */
  | { readonly kind: "bell" }
  /** OSC 52: a program wanted to set, or read, the clipboard. It never can; `bytes` counts what it sent. */
  | { readonly kind: "clipboard"; readonly bytes: number }
  /** OSC 133, by shells: A before the prompt, B before the input, C before the output, D after it, with how the command ended. */
  | { readonly kind: "prompt"; readonly mark: "A" | "B" | "C" | "D"; readonly exitCode: number | null };

const PROGRESS: readonly ProgressState[] = ["none", "normal", "error", "indeterminate", "paused"];

/** Reports signals of `core` to `signal`. */
export function followSignals(core: XtermCore, signal: (signal: TerminalSignal) => void): void {
  const on = (id: number, read: (data: string) => TerminalSignal | null) => {
    core.registerOscHandler(id, (data) => {
      const found = read(data);
      if (found !== null) signal(found);
      return false;
    });
  };
  on(7501, readAgentState);
  on(9, readNine);
  on(777, readNotify);
  on(133, readPrompt);
  on(52, (data) => ({ kind: "clipboard", bytes: data.length }));
}

function text(data: string): string {
  return visibleStart(data, MAX_SIGNAL_CHARS);
}

function readAgentState(data: string): TerminalSignal | null {
  const fields = new Map(
    data.slice(0, 1000).split(":").map((field): [string, string] => {
      const at = field.indexOf("=");
      return [field.slice(0, Math.max(at, 0)), field.slice(at + 1)];
    }),
  );
  const state = fields.get("state");
  return state ? { kind: "agent_state", app: text(fields.get("app") ?? ""), state: text(state) } : null;
}

function readNine(data: string): TerminalSignal | null {
  const progress = /^4;([0-4])(?:;(\d{1,3}))?;?$/.exec(data);
  if (progress !== null) {
    const state = PROGRESS[Number(progress[1])] ?? "none";
    const hasPercent = state !== "none" && state !== "indeterminate" && progress[2] !== undefined;
    return { kind: "progress", state, percent: hasPercent ? Math.min(Number(progress[2]), 100) : null };
  }
  // Other numbers are commands of ConEmu: folders, tabs, waiting.
  return /^\d{1,2}(;|$)/.test(data) ? null : notification(data);
}

function readNotify(data: string): TerminalSignal | null {
  const [verb, title = "", ...body] = data.slice(0, 2000).split(";");
  if (verb !== "notify") return null;
  return notification([title, body.join(";")].filter((part) => part !== "").join(": "));
}

function notification(data: string): TerminalSignal | null {
  const clean = text(data).trim();
  return clean === "" ? null : { kind: "notification", text: clean };
}

function readPrompt(data: string): TerminalSignal | null {
  const [mark, code] = data.slice(0, 200).split(";");
  if (mark !== "A" && mark !== "B" && mark !== "C" && mark !== "D") return null;
  const hasCode = mark === "D" && code !== undefined && /^-?\d{1,10}$/.test(code);
  return { kind: "prompt", mark, exitCode: hasCode ? Number(code) : null };
}
