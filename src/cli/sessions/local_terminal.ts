/** The terminal that the user sits at while a session is shown in it: raw, written to, and given back as it was, whatever happens. @module */
import { KmError } from "../../core/error.ts";
import { MAX_COLS, MAX_ROWS, type TerminalSize } from "../../core/session.ts";
import { makeRaw } from "../../proc/raw_terminal.ts";
import { onSignal } from "../../proc/signals.ts";
import { writeAll } from "../terminal.ts";
import { RESET_SCREEN, RESTORE_TITLE, SAVE_TITLE, TerminalBook } from "./terminal_book.ts";

const READ_BYTES = 64 * 1024;
const LF = 0x0a;

/** @throws {KmError} unsupported where a session could not be shown */
export function requireTerminal(instead: string): void {
  if (Deno.stdin.isTerminal() && Deno.stdout.isTerminal()) return;
  const which = Deno.stdin.isTerminal() ? "stdout" : "stdin";
  throw new KmError("unsupported", `Cannot show a session here: ${which} is not a terminal`, {
    hint: instead,
  });
}

/** Size of the terminal, within what sessions can be. */
export function localSize(): TerminalSize {
  const { columns, rows } = Deno.consoleSize();
  return { cols: within(columns || 80, 2, MAX_COLS), rows: within(rows || 24, 1, MAX_ROWS) };
}

function within(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

export class LocalTerminal implements Disposable {
  readonly book: TerminalBook = new TerminalBook();
  readonly #leave = () => this.leave();
  #isEntered = false;
  #cook: () => void = () => {};
  #endsLine = true;

  /** Makes it raw. */
  enter(): void {
    // Wherever the end comes from: an error that nobody caught, and Deno.exit().
    for (const event of ["error", "unhandledrejection", "unload"]) addEventListener(event, this.#leave);
    this.#isEntered = true;
    this.#cook = makeRaw();
    this.#say(SAVE_TITLE);
  }

  /** Makes room: what is on the screen scrolls up into the terminal's own history, where it stays. */
  clear(): void {
    this.#say(`\x1b[999;1H${"\r\n".repeat(localSize().rows)}${RESET_SCREEN}`);
  }

  /** Undoes what a program did, for what replaces it. */
  reset(): void {
    this.#say(this.book.undo() + RESET_SCREEN);
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0 || !this.#isEntered) return;
    writeAll(Deno.stdout, bytes);
    this.#endsLine = bytes.at(-1) === LF;
  }

  /** Shows a line at the bottom, until the screen is drawn again. */
  notice(text: string): void {
    this.#say(`\x1b7\x1b[999;1H\x1b[2K\x1b[7m${text}\x1b[m\x1b8`);
  }

  setTitle(title: string): void {
    this.#say(`\x1b]2;${title}\x1b\\`);
  }

  onResize(listener: (size: TerminalSize) => void): void {
    onSignal("SIGWINCH", () => listener(localSize()));
  }

  /** What is typed, as it comes, for ever: a read cannot be taken back. */
  async read(onTyped: (bytes: Uint8Array) => void): Promise<void> {
    const buffer = new Uint8Array(READ_BYTES);
    for (;;) {
      const count = await Deno.stdin.read(buffer);
      if (count === null) return;
      onTyped(buffer.slice(0, count));
    }
  }

  /** Gives it back: cooked, on its main screen, with the modes and the title that it had. `at`: where the next line goes. */
  leave(at: "cursor" | "bottom" = "cursor"): void {
    if (!this.#isEntered) return;
    const wasAlternate = this.book.isAlternate;
    const isOnNewLine = at === "cursor" && (this.#endsLine || wasAlternate);
    const line = isOnNewLine ? "\r" : at === "cursor" ? "\r\n" : wasAlternate ? "\r\n" : "\x1b[999;1H\r\n";
    try {
      this.#say(this.book.undo() + RESTORE_TITLE + line);
    } catch {
      // It is gone, and with it what was to be given back.
    }
    this.#isEntered = false;
    try {
      this.#cook();
    } catch {
      // As above.
    }
    for (const event of ["error", "unhandledrejection", "unload"]) removeEventListener(event, this.#leave);
  }

  [Symbol.dispose](): void {
    this.leave();
  }

  #say(text: string): void {
    if (this.#isEntered) writeAll(Deno.stdout, new TextEncoder().encode(text));
  }
}
