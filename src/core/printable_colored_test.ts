import { equal } from "node:assert/strict";
import { printableColored } from "./printable_colored.ts";

const CASES: readonly (readonly [text: string, shown: string])[] = [
  ["plain", "plain"],
  ["\x1b[31mred\x1b[0m", "\x1b[31mred\x1b[0m\x1b[0m"],
  ["\x1b[1;38;5;208morange", "\x1b[1;38;5;208morange\x1b[0m"],
  ["\x1b[48;2;1;2;3mbehind", "\x1b[48;2;1;2;3mbehind\x1b[0m"],
  ["\x1b[mreset", "\x1b[mreset\x1b[0m"],
  ["\x1b[8mhidden", "\\e[8mhidden"],
  ["\x1b[5mblinks", "\\e[5mblinks"],
  ["\x1b[38;5mhalf", "\\e[38;5mhalf"],
  ["\x1b[38;9;1mother", "\\e[38;9;1mother"],
  ["\x1b[2Jcleared\x1b[1;1H", "\\e[2Jcleared\\e[1;1H"],
  ["\x1b]0;title\x07", "\\e]0;title\\u{7}"],
  ["\x1b]8;;http://x\x1b\\link", "\\e]8;;http://x\\e\\link"],
  ["\x1b[>31mprivate", "\\e[>31mprivate"],
  ["\x9b31mC1", "\\u{9b}31mC1"],
  ["\x1b[31\x1b[32mnested", "\\e[31\x1b[32mnested\x1b[0m"],
  ["line\nother\rover", "line\\nother\\rover"],
  ["\u202egnp.exe", "\\u{202e}gnp.exe"],
];
for (const [text, shown] of CASES) {
  Deno.test(`printableColored() keeps colours and escapes the rest of ${JSON.stringify(text)}`, () => {
    equal(printableColored(text), shown);
  });
}
