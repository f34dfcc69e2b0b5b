/** Reads JSON with comments and trailing commas. Only reads: an edit that keeps comments is `jsonc-parser`'s work. @module */

/** Returns the value of `text`. @throws {SyntaxError} as JSON.parse does */
export function parseJsonc(text: string): unknown {
  const json = stripComments(text.replace(/^\ufeff/, ""));
  return json.trim() === "" ? {} : JSON.parse(json);
}

/** A string, a comment, or a comma before a closing bracket. Strings are matched first so that nothing inside one is touched. */
const TOKEN = /"(?:[^"\\]|\\.)*"|\/\/[^\n\r]*|\/\*[^]*?\*\/|,(?=(?:\s|\/\/[^\n\r]*|\/\*[^]*?\*\/)*[}\]])/g;

/** Blanks out comments and trailing commas; every other character keeps its place, so that errors name the right one. */
function stripComments(text: string): string {
  return text.replace(TOKEN, (token) => token.startsWith('"') ? token : token.replace(/[^\n\r]/g, " "));
}
