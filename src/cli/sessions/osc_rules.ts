/** Which operating system commands (OSC) of a program go on to the user's own terminal. What is not listed does not. @module */
import { visibleStart } from "../../core/printable.ts";
import type { TerminalBook } from "./terminal_book.ts";

export interface OscOptions {
  readonly book: TerminalBook;
  readonly clipboard: boolean;
  /** What the window is called while the program calls it `title`. */
  readonly titleOf?: (title: string) => string;
}

const MAX_TITLE_CHARS = 200, MAX_LINK_CHARS = 2048, MAX_NOTE_CHARS = 200;

/** What of `OSC <data>` is for the terminal; null: nothing. */
export function oscOf(
  data: string,
  { book, clipboard, titleOf = (title) => title }: OscOptions,
): string | null {
  const [, code = "", rest = ""] = /^(\d{1,4});?([^]*)$/.exec(data) ?? [];
  switch (code) {
    case "0":
    case "2":
      return osc(code, titleOf(visibleStart(rest, MAX_TITLE_CHARS)));
    case "1":
      return osc(code, visibleStart(rest, MAX_TITLE_CHARS));
    case "8":
      return linkOf(rest);
    case "9":
      return noteOf(rest);
    case "4":
      return colour(code, rest, /^(?:\d{1,3};[\w:/#]{1,40};?)+$/, book);
    case "10":
    case "11":
    case "12":
      return colour(code, rest, /^[\w:/#]{1,40}$/, book);
    case "104":
    case "110":
    case "111":
    case "112":
      return /^[\d;]*$/.test(rest) ? osc(code, rest) : null;
    case "52":
      // A question for what it holds is never asked.
      return clipboard && /^[cpqs0-7]*;[A-Za-z0-9+/=]*$/.test(rest) ? osc(code, rest) : null;
    default:
      return null;
  }
}

/** A colour that is set, and is set back behind the program. */
function colour(code: string, rest: string, form: RegExp, book: TerminalBook): string | null {
  if (!form.test(rest)) return null;
  book.colours.add(`1${code.padStart(2, "0")}`);
  return osc(code, rest);
}

function linkOf(rest: string): string {
  const [, id = "", target = ""] = /^(?:[^;]*?(id=[\w.-]{1,64}))?[^;]*;([^]*)$/.exec(rest) ?? [];
  const isSafe = /^(?:https?:\/\/|mailto:)[\x21-\x7e]+$/i.test(target) && target.length <= MAX_LINK_CHARS;
  // Any other is the end of a link: its text is shown without.
  return isSafe ? osc("8", `${id};${target}`) : osc("8", ";");
}

/** Progress as numbers, and notifications as plain text; other forms make some terminals run something. */
function noteOf(rest: string): string | null {
  if (/^4;[0-4](?:;\d{0,3})?$/.test(rest)) return osc("9", rest);
  return /^\d+(?:;|$)/.test(rest) ? null : osc("9", visibleStart(rest, MAX_NOTE_CHARS));
}

function osc(code: string, rest: string): string {
  return `\x1b]${code}${rest === "" && code.length === 3 ? "" : `;${rest}`}\x1b\\`;
}
