/** Which control sequences (CSI) of a program go on to the user's own terminal. What is not listed does not. @module */
import type { TerminalBook } from "./terminal_book.ts";

/** Without a prefix: what moves, erases, scrolls, paints; margins; save and restore. */
const PLAIN = "@ABCDEFGHIJKLMPSXZ`abdefgmru";
/** Private modes that may be switched: cursor keys, reverse, origin, wrap, blink, cursor, reverse wrap, keypad, screens, mouse, focus, wheel, paste, drawing at once. */
const PRIVATE_MODES = new Set([
  1,
  5,
  6,
  7,
  9,
  12,
  25,
  45,
  47,
  66,
  1000,
  1002,
  1003,
  1004,
  1005,
  1006,
  1007,
  1015,
  1016,
  1047,
  1048,
  1049,
  2004,
  2026,
]);
/** Insert, and line feed as new line. */
const ANSI_MODES = new Set([4, 20]);

const SEQUENCE = /^([<-?]?)([0-9;:]*)([ -/]*)([@-~])$/;

/** What of the sequence `CSI <text>` is for the terminal; null: nothing. */
export function csiOf(text: string, book: TerminalBook): string | null {
  const match = SEQUENCE.exec(text);
  if (match === null) return null;
  const [, prefix = "", params = "", between = "", final = ""] = match;
  const whole = `\x1b[${text}`;
  if (between !== "") return betweenOf(prefix, between + final, whole, book);
  switch (prefix) {
    case "":
      return plainOf(params, final, whole);
    case "?":
      if (final === "h" || final === "l") return modesOf(params, final, book);
      return final === "J" || final === "K" || (final === "W" && params === "5") ? whole : null;
    case ">":
      // modifyOtherKeys, and one more level of the kitty keyboard protocol.
      if ((final === "m" || final === "n") && /^4(?:;\d*)?$/.test(params)) return book.otherKeys(whole);
      return final === "u" && /^\d*$/.test(params) ? book.pushKeyboard(whole) : null;
    case "<":
      return final === "u" && /^\d*$/.test(params) ? book.popKeyboard(Number(params || "1")) : null;
    case "=":
      return final === "u" ? book.setKeyboard(whole) : null;
    default:
      return null;
  }
}

function plainOf(params: string, final: string, whole: string): string | null {
  if (final === "h" || final === "l") {
    const modes = params.split(";").map(Number).filter((mode) => ANSI_MODES.has(mode));
    if (modes.length === 0) return null;
    return `\x1b[${modes.join(";")}${final}`;
  }
  // With parameters these two are something else: mouse tracking that asks back, margins left and right.
  if (final === "T" && params.includes(";")) return null;
  if (final === "s" && params !== "") return null;
  if (final === "s" || final === "T") return whole;
  if (final === "u" && params !== "") return null;
  return PLAIN.includes(final) ? whole : null;
}

function modesOf(params: string, final: "h" | "l", book: TerminalBook): string | null {
  const modes = params.split(";").map(Number).filter((mode) => PRIVATE_MODES.has(mode));
  if (modes.length === 0) return null;
  for (const mode of modes) book.mode(mode, final === "h");
  return `\x1b[?${modes.join(";")}${final}`;
}

function betweenOf(prefix: string, name: string, whole: string, book: TerminalBook): string | null {
  if (prefix !== "") return null;
  if (name === " q") return book.cursorStyle(whole);
  // Soft reset; protected characters; columns inserted, deleted, scrolled.
  return ["!p", '"q', "'}", "'~", " @", " A"].includes(name) ? whole : null;
}
