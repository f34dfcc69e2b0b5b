/** Text from strangers on a terminal: nothing in it may move the cursor, change colours or reorder the line. @module */

/** Controls, formats (bidirectional marks, invisible characters, tags), line separators, lone surrogates. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** `text` on one line, at most `maxLength` characters, with everything unsafe spelled out. */
export function printable(text: string, maxLength: number): string {
  // Cut before it is spelled out as well: a text may be megabytes long.
  const safe = [...text.slice(0, maxLength + 1).replace(UNSAFE, spell)];
  return safe.length <= maxLength ? safe.join("") : safe.slice(0, maxLength - 1).join("") + "…";
}

function spell(character: string): string {
  switch (character) {
    case "\n":
      return "\\n";
    case "\r":
      return "\\r";
    case "\t":
      return " ";
    default: {
      const code = character.codePointAt(0) ?? 0;
      return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u{${code.toString(16)}}`;
    }
  }
}
