/**
 * What is drawn may be forged by any program that runs in a shell, or by a file that is shown in it. What the kernel says of the terminal is
 * not: who is in its foreground, and how it is read. Asked right before something is typed in.
 * @module
 */
import type { Pty } from "../proc/pty.ts";
import type { Provider } from "./providers/provider.ts";

/** Looks after one session. */
export class PromptGuard {
  readonly #isShell: boolean;
  /** The shell has been seen to read its prompt key by key. */
  #hasLineEditor = false;

  constructor({ name, quiet }: Provider) {
    this.#isShell = name === "shell" || quiet === "foreground";
  }

  /** It looks idle: how its terminal is read now says what it does at its prompt. */
  sawPrompt({ lineMode, isForeground }: PromptTerminal): void {
    if (isForeground && lineMode?.isLineByLine === false) this.#hasLineEditor = true;
  }

  /** False: what looks like a prompt is none. */
  mayType({ lineMode, isForeground }: PromptTerminal): boolean {
    // Windows tells nothing of all this.
    if (lineMode === null) return true;
    // As programs ask for passwords.
    if (lineMode.isLineByLine && !lineMode.hasEcho) return false;
    if (!this.#isShell) return true;
    // A builtin that asks (`read`) is the shell itself, but has no line editor.
    return isForeground && !(this.#hasLineEditor && lineMode.isLineByLine);
  }
}

type PromptTerminal = Pick<Pty, "lineMode" | "isForeground">;
