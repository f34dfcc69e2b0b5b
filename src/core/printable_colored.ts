/** Makes text safe to print that may bring colours of its own: a plugin's words on the console. @module */
import { printable } from "./printable.ts";

/** Select Graphic Rendition: colours and styles, nothing that moves or asks. @see ECMA-48 8.3.117 */
// deno-lint-ignore no-control-regex -- the escape character is what is looked for
const SGR = /\x1b\[([0-9;]{0,40})m/;
const RESET = "\x1b[0m";

/** What may be set, beside 38 and 48: no blinking (5, 6), nothing hidden (8), no other fonts. */
const ALLOWED = (code: number) =>
  code <= 4 || code === 7 || code === 9 || (code >= 22 && code <= 24) || code === 27 || code === 29 ||
  (code >= 30 && code <= 37) || code === 39 || (code >= 40 && code <= 47) || code === 49 ||
  (code >= 90 && code <= 97) || (code >= 100 && code <= 107);

/** As `printable`, but keeps colours and plain styles, and ends them with the text. */
export function printableColored(text: string): string {
  let rest = text;
  let shown = "";
  let isColored = false;
  for (let found = SGR.exec(rest); found !== null; found = SGR.exec(rest)) {
    const [sequence, codes = ""] = found;
    const keeps = isColorOnly(codes);
    shown += printable(rest.slice(0, found.index)) + (keeps ? sequence : printable(sequence));
    isColored ||= keeps;
    rest = rest.slice(found.index + sequence.length);
  }
  return shown + printable(rest) + (isColored ? RESET : "");
}

function isColorOnly(codes: string): boolean {
  const numbers = codes.split(";").map(Number);
  while (numbers.length > 0) {
    const code = numbers.shift() ?? 0;
    if (code === 38 || code === 48) {
      // 5;n names one of 256 colours, 2;r;g;b any.
      const count = { 5: 1, 2: 3 }[numbers.shift() ?? 0];
      if (count === undefined || numbers.splice(0, count).length < count) return false;
    } else if (!ALLOWED(code)) {
      return false;
    }
  }
  return true;
}
