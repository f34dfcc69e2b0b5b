/**
 * Answers to programs that ask the terminal something. Only the daemon's copy answers; terminals of viewers are silent.
 *
 * Whoever writes to a terminal can make it type: so an answer says nothing that the asker chose (no titles, no contents), and there are at
 * most `ANSWER_BYTES_PER_SECOND` of them, with as much at once. Beyond that questions stay unanswered, as they do in terminals that do not
 * know them.
 * @module
 */
import type { TerminalModes } from "./terminal_modes.ts";
import type { XtermCore } from "./xterm_core.ts";

/** A program asks about ten things when it starts, 30 bytes each; shells and TUIs ask for the cursor at each prompt. */
export const ANSWER_BYTES_PER_SECOND = 4096;
/** What terminals of viewers show, as far as programs care: light text on dark. */
const FOREGROUND = "rgb:d4d4/d4d4/d4d4", BACKGROUND = "rgb:1212/1414/1818";
/** Highest mode about which is answered: there are none beyond. */
const MAX_MODE = 9999;

/** How many answers may be written now. */
export class AnswerBudget {
  /** Answers that were not given. */
  dropped = 0;
  #bytes = ANSWER_BYTES_PER_SECOND;
  #filledMs: number;
  readonly #nowMs: () => number;

  /** `nowMs`: a clock that never goes back. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#filledMs = nowMs();
  }

  allows(bytes: number): boolean {
    const now = this.#nowMs();
    const gained = (now - this.#filledMs) / 1000 * ANSWER_BYTES_PER_SECOND;
    this.#bytes = Math.min(ANSWER_BYTES_PER_SECOND, this.#bytes + gained);
    this.#filledMs = now;
    if (this.#bytes < bytes) {
      this.dropped++;
      return false;
    }
    this.#bytes -= bytes;
    return true;
  }
}

/** Has `core` answer through `answer`: what xterm.js knows itself (DA, DSR, DECRQM, DECRQSS, its size), and what it does not. */
export function giveAnswers(
  core: XtermCore,
  modes: TerminalModes,
  budget: AnswerBudget,
  answer: (bytes: Uint8Array) => void,
): void {
  const encoder = new TextEncoder();
  const say = (text: string): true => {
    const bytes = encoder.encode(text);
    if (budget.allows(bytes.length)) answer(bytes);
    return true;
  };
  core.onData((text) => say(text));
  core.registerCsiHandler(
    { prefix: ">", final: "q" },
    ({ params }) => params[0] === 0 && say("\x1bP>|xterm.js(6.0.0)\x1b\\"),
  );
  core.registerCsiHandler({ prefix: "?", final: "u" }, () => say(`\x1b[?${modes.kittyFlags}u`));
  // A mode that does not exist: xterm.js would give back whatever number it was asked about.
  for (const prefix of [{}, { prefix: "?" }]) {
    core.registerCsiHandler(
      { ...prefix, intermediates: "$", final: "p" },
      ({ params }) => (params[0] ?? 0) > MAX_MODE,
    );
  }
  const onColor = (id: number, color: string) =>
    core.registerOscHandler(id, (data) => data === "?" && say(`\x1b]${id};${color}\x1b\\`));
  onColor(10, FOREGROUND);
  onColor(11, BACKGROUND);
  onColor(12, FOREGROUND);
}
