/** JSON text laid out for reading, without parsing it: numbers keep their digits, equal keys both stay. @module */

const INDENT = "  ";
/** Nested deeper, indentation alone would be most of the text, and nobody could read it. */
const MAX_DEPTH = 100;

/** Lays `json`, which must be valid, out as JSON.stringify(value, null, 2) would; null when it is nested too deeply for that. */
export function indentJson(json: string): string | null {
  const parts: string[] = [];
  let depth = 0;
  const newLine = () => "\n" + INDENT.repeat(depth);
  for (let at = 0; at < json.length;) {
    const char = json[at] as string;
    if (char === '"') {
      const end = stringEnd(json, at);
      parts.push(json.slice(at, end));
      at = end;
      continue;
    }
    at++;
    if (isSpace(char)) continue;
    if (char === "{" || char === "[") {
      while (isSpace(json[at])) at++;
      if (json[at] === "}" || json[at] === "]") parts.push(char + json[at++]);
      else if (++depth > MAX_DEPTH) return null;
      else parts.push(char, newLine());
    } else if (char === "}" || char === "]") {
      depth--;
      parts.push(newLine(), char);
    } else if (char === ",") parts.push(char, newLine());
    else parts.push(char === ":" ? ": " : char);
  }
  return parts.join("");
}

/** Where the string that begins at `start` ends. */
function stringEnd(json: string, start: number): number {
  for (let at = start + 1; at < json.length; at++) {
    if (json[at] === "\\") at++;
    else if (json[at] === '"') return at + 1;
  }
  return json.length;
}

function isSpace(char: string | undefined): boolean {
  return char === " " || char === "\n" || char === "\r" || char === "\t";
}
