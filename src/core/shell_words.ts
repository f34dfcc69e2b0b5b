/** A command line as somebody would type it into a shell. @module */

/** What no shell takes for anything else. */
const PLAIN = /^[\w@%+=:,./-]+$/;

/** Words with quotes where they need them. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
}
