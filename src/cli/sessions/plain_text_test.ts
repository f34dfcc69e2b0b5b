import { deepEqual } from "node:assert/strict";
import { PlainText } from "./plain_text.ts";

function linesOf(text: string, pieceBytes = 1): string[] {
  const lines: string[] = [];
  const plain = new PlainText((line) => lines.push(line));
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) plain.feed(bytes.subarray(at, at + pieceBytes));
  plain.end();
  return lines;
}

const CASES: readonly (readonly [name: string, output: string, lines: readonly string[]])[] = [
  ["keeps lines", "one\r\ntwo\r\n\r\nthree", ["one", "two", "", "three"]],
  [
    "drops looks, titles, links",
    "\x1b[1;31mred\x1b[m \x1b]0;title\x07\x1b]8;;https://a.b\x1b\\link\x1b]8;;\x1b\\",
    ["red link"],
  ],
  ["shows what was typed over", "10%\r20%\r100%\r\n", ["100%"]],
  ["shows what was rubbed out", "lx\b \bs\r\n", ["ls"]],
  ["erases to the end of a line", "prompt> long\r\x1b[8C\x1b[Kx\r\n", ["prompt> x"]],
  ["inserts and deletes", "ac\b\x1b[@b\r\n", ["abc"]],
  ["breaks where the cursor goes elsewhere", "a\x1b[5;1Hb\x1b[2Jc", ["a", "b", "c"]],
  ["drops strings of any kind", "a\x1bPq#0\x1b\\b\x1b_Gx\x1b\\c", ["abc"]],
  ["keeps any language", "é中🎉\r\n", ["é中🎉"]],
  ["sets tabs", "a\tb", ["a       b"]],
];

for (const [name, output, lines] of CASES) {
  Deno.test(`PlainText ${name}`, () => {
    for (const pieceBytes of [1, 2, 1000]) deepEqual(linesOf(output, pieceBytes), lines);
  });
}
