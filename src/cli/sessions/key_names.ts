/** Keys by name, as the bytes that a terminal sends for them. @module */
import { KmError } from "../../core/error.ts";
import { suggest } from "../../core/suggest.ts";

const NAMED: Readonly<Record<string, string>> = {
  enter: "\r",
  tab: "\t",
  "shift-tab": "\x1b[Z",
  escape: "\x1b",
  esc: "\x1b",
  space: " ",
  backspace: "\x7f",
  delete: "\x1b[3~",
  insert: "\x1b[2~",
  up: "\x1b[A",
  down: "\x1b[B",
  right: "\x1b[C",
  left: "\x1b[D",
  home: "\x1b[H",
  end: "\x1b[F",
  "page-up": "\x1b[5~",
  "page-down": "\x1b[6~",
  f1: "\x1bOP",
  f2: "\x1bOQ",
  f3: "\x1bOR",
  f4: "\x1bOS",
  f5: "\x1b[15~",
  f6: "\x1b[17~",
  f7: "\x1b[18~",
  f8: "\x1b[19~",
  f9: "\x1b[20~",
  f10: "\x1b[21~",
  f11: "\x1b[23~",
  f12: "\x1b[24~",
};

/** What is sent for `text`: keys with blanks between, each a name, `ctrl-` or `alt-` with a character, or one character. @throws {KmError} usage */
export function keysOf(text: string): string {
  const words = text.split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) throw new KmError("usage", "Cannot send no keys (--keys)");
  return words.map(keyOf).join("");
}

function keyOf(word: string): string {
  const name = word.toLowerCase();
  const named = NAMED[name];
  if (named !== undefined) return named;
  if ([...word].length === 1) return word;
  const [, letter] = /^(?:ctrl-|c-|\^)([a-z@[\\\]^_?])$/.exec(name) ?? [];
  if (letter === "?") return "\x7f";
  if (letter !== undefined) return String.fromCharCode(letter.toUpperCase().charCodeAt(0) & 0x1f);
  const [, alt] = /^(?:alt-|m-)(.+)$/i.exec(word) ?? [];
  if (alt !== undefined) return `\x1b${keyOf(alt)}`;
  const near = suggest(name, Object.keys(NAMED));
  throw new KmError("usage", `Cannot read "${word}" as a key (--keys)`, {
    hint: near === undefined
      ? "keys have blanks between: ctrl-c, enter, escape, up, page-down, f5, alt-b, or one character"
      : `did you mean "${near}"?`,
  });
}
