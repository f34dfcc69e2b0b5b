import { equal } from "node:assert/strict";
import { consoleText } from "./console_text.ts";

const CASES: readonly (readonly [text: string, shown: string, plain: string])[] = [
  ["plain\n\n", "p: plain\n", "p: plain\n"],
  ["\x1b[31mred\x1b[0m", "p: \x1b[31mred\x1b[0m\x1b[0m\n", "p: red\n"],
  ["one\n\x1b[1mtwo", "p: one\np: \x1b[1mtwo\x1b[0m\n", "p: one\np: two\n"],
  ["\x1b[5mblinks", "p: \\e[5mblinks\n", "p: blinks\n"],
  ["\x1b[8mhidden", "p: \\e[8mhidden\n", "p: hidden\n"],
  ["\x1b[2J\x1b[1Aup", "p: \\e[2J\\e[1Aup\n", "p: \\e[2J\\e[1Aup\n"],
  ["\x1b]0;title\x07\x1b[32mx", "p: \\e]0;title\\u{7}\x1b[32mx\x1b[0m\n", "p: \\e]0;title\\u{7}x\n"],
  ["over\rwritten", "p: over\\rwritten\n", "p: over\\rwritten\n"],
];
for (const [text, shown, plain] of CASES) {
  Deno.test(`consoleText() lets no more than colours through: ${JSON.stringify(text)}`, () => {
    equal(consoleText("p", text, true), shown);
    equal(consoleText("p", text, false), plain);
  });
}
