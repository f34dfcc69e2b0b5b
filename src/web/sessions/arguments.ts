/** Arguments as they are typed into a field. @module */

/** Splits at white space, except within quotes; a backslash takes the next character as it is. Null: a quote is not closed. */
export function splitArguments(text: string): string[] | null {
  const found: string[] = [];
  let current: string | null = null;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === "\\" && quote !== "'" && at + 1 < text.length) current = (current ?? "") + text.charAt(++at);
    else if (quote !== "") {
      if (char === quote) quote = "";
      else current += char;
    } else if (char === '"' || char === "'") {
      quote = char;
      current ??= "";
    } else if (/\s/.test(char)) {
      if (current !== null) found.push(current);
      current = null;
    } else current = (current ?? "") + char;
  }
  if (quote !== "") return null;
  if (current !== null) found.push(current);
  return found;
}
