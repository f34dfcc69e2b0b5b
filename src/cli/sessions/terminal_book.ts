/** What a program changed in the user's own terminal, and how all of it is undone: by name where it was changed, and what is cheap always. @module */

/** Makes the visible screen as new, without touching what has scrolled off: the user's own history is in there. */
export const RESET_SCREEN = "\x1b[!p\x1b[?7h\x1b(B\x1b)B\x0f\x1b[m\x1b[r\x1b[H\x1b[2J";
/** Keeps the title that the terminal has, and brings it back; terminals without such a stack take no notice. */
export const SAVE_TITLE = "\x1b[22;0t", RESTORE_TITLE = "\x1b[23;0t";

/** Modes that are on in a terminal as it is at first; all others are off. */
const ON_AT_FIRST = new Set([7, 25]);
const SCREEN_MODES = new Set([47, 1047, 1049]);
/** Wheel as arrow keys is on at first in some terminals and off in others: it stays as the program left it. */
const UNKNOWN_AT_FIRST = new Set([1007, 1048]);
/** Off, whatever was seen: cursor keys, reverse, mouse, focus, paste, drawing at once. */
const ALWAYS_OFF = [1, 5, 9, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 2004, 2026];
/** As deep as the protocol lets a terminal keep them. */
const MAX_KEYBOARDS = 16;

export class TerminalBook {
  /** Private modes that are not as at first. */
  readonly #modes = new Set<number>();
  /** Levels of the kitty keyboard protocol that the program added: on the main screen, and on the alternate one. */
  #keyboards: [main: number, alternate: number] = [0, 0];
  #hasOtherKeys = false;
  #hasCursorStyle = false;
  /** Numbers of the commands that set back colours. */
  readonly colours = new Set<string>();
  /** The alternate screen is shown. */
  isAlternate = false;

  mode(mode: number, isOn: boolean): void {
    if (SCREEN_MODES.has(mode)) {
      this.isAlternate = isOn;
      return;
    }
    if (isOn === ON_AT_FIRST.has(mode)) this.#modes.delete(mode);
    else this.#modes.add(mode);
  }

  pushKeyboard(whole: string): string {
    const screen = this.isAlternate ? 1 : 0;
    this.#keyboards[screen] = Math.min(this.#keyboards[screen] + 1, MAX_KEYBOARDS);
    return whole;
  }

  /** Never below what was there before the program. */
  popKeyboard(count: number): string | null {
    const screen = this.isAlternate ? 1 : 0;
    const popped = Math.min(Math.max(count, 1), this.#keyboards[screen]);
    this.#keyboards[screen] -= popped;
    return popped === 0 ? null : `\x1b[<${popped}u`;
  }

  /** Changes the level in force: not one of those from before the program. */
  setKeyboard(whole: string): string {
    const screen = this.isAlternate ? 1 : 0;
    if (this.#keyboards[screen] > 0) return whole;
    return this.pushKeyboard("\x1b[>0u") + whole;
  }

  otherKeys(whole: string): string {
    this.#hasOtherKeys = true;
    return whole;
  }

  cursorStyle(whole: string): string {
    this.#hasCursorStyle = true;
    return whole;
  }

  /** What undoes everything. The cursor stays where it is, but on a screen that is left. */
  undo(): string {
    const out: string[] = [];
    const [main, alternate] = this.#keyboards;
    if (this.isAlternate) {
      if (alternate > 0) out.push(`\x1b[<${alternate}u`);
      out.push("\x1b[?1049l");
    } else if (alternate > 0) out.push(`\x1b[?47h\x1b[<${alternate}u\x1b[?47l`);
    if (main > 0) out.push(`\x1b[<${main}u`);
    // Both move the cursor; the second one is brought back, the first one has hardly ever been used.
    if (this.#modes.delete(6)) out.push("\x1b[?6l");
    out.push("\x1b7\x1b[r\x1b8");
    const off = new Set(
      [...ALWAYS_OFF, ...this.#modes].filter((mode) => !ON_AT_FIRST.has(mode) && !UNKNOWN_AT_FIRST.has(mode)),
    );
    for (const mode of off) out.push(`\x1b[?${mode}l`);
    out.push("\x1b[?7h\x1b[?25h\x1b[4l\x1b[20l\x1b>");
    if (this.#hasOtherKeys) out.push("\x1b[>4m");
    if (this.#hasCursorStyle) out.push("\x1b[0 q");
    for (const colour of this.colours) out.push(`\x1b]${colour}\x1b\\`);
    out.push("\x1b]8;;\x1b\\\x1b(B\x1b)B\x0f\x1b[m");
    this.#modes.clear();
    this.colours.clear();
    this.#keyboards = [0, 0];
    this.#hasOtherKeys = this.#hasCursorStyle = this.isAlternate = false;
    return out.join("");
  }
}
