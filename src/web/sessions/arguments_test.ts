import { deepEqual } from "node:assert/strict";
import { splitArguments } from "./arguments.ts";

const TEXTS: readonly (readonly [string, string[] | null])[] = [
  ["", []],
  ["  --model opus  ", ["--model", "opus"]],
  [`-p "two words" 'and "these"'`, ["-p", "two words", 'and "these"']],
  [`a\\ b "c\\"d" 'e\\f'`, ["a b", 'c"d', "e\\f"]],
  [`"" x''y`, ["", "xy"]],
  [`"open`, null],
];

for (const [text, wanted] of TEXTS) {
  Deno.test(`splitArguments() splits ${JSON.stringify(text)}`, () => deepEqual(splitArguments(text), wanted));
}
