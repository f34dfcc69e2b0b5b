/** Makes recorded text safe to print: what a server wrote must not steer the user's terminal. @module */

/**
 * Control (C0, C1), format (bidirectional, zero-width, tags), lone surrogate, line and paragraph separator; and what is seen as nothing: the
 * ignorable ones (fillers, variation selectors), the empty braille cell, the null note head. What makes an emoji of a character before it stays.
 */
const UNSAFE =
  /\ufe0f(?<!\p{Extended_Pictographic}\ufe0f|[0-9#*]\ufe0f(?=\u20e3))|(?!\ufe0f)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}]/gu;

const SHORT: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\x1b": "\\e",
  "\0": "\\0",
};

/**
 * Returns `text` with control characters, bidirectional overrides, invisible characters and lone surrogates escaped
 * (`\e`, `\u{202e}`). @see CWE-150; Unicode TR36 section 2.3 (bidirectional spoofing)
 */
export function printable(text: string): string {
  return text.replace(
    UNSAFE,
    (char) => SHORT[char] ?? `\\u{${(char.codePointAt(0) as number).toString(16)}}`,
  );
}

/** Returns `text` without what `printable` escapes, at most `maxChars` long: for names that a program gave itself. */
export function visibleStart(text: string, maxChars: number): string {
  // Cut before, too: a text may be megabytes long, and an escaped character is two units at most.
  return [...text.slice(0, maxChars * 8).replace(UNSAFE, "")].slice(0, maxChars).join("");
}

/** JSON text of the same value, in which whatever `printable` escapes is escaped as JSON does: a terminal may see it as well as a program. */
export function printableJson(json: string): string {
  return json.replace(UNSAFE, (char) => LAYOUT.includes(char) ? char : char.replace(/[^]/g, inJson));
}

/** White space of JSON: within a string it is escaped already. */
const LAYOUT = "\n\r\t";

/** One UTF-16 unit. */
function inJson(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** As `printable`, but keeps line ends and tabs: for text that is shown over several lines. */
export function printableLines(text: string): string {
  return text.split("\n").map((line) => line.split("\t").map(printable).join("\t")).join("\n");
}

/** As `printable`, at most `maxChars` long: for a place of bounded width and a text of any length. */
export function printableStart(text: string, maxChars: number): string {
  // Cut before it is made printable as well: a text may be megabytes long.
  const chars = [...printable(text.slice(0, maxChars + 1))];
  return chars.length <= maxChars ? chars.join("") : chars.slice(0, maxChars - 1).join("") + "…";
}
