import { deepEqual, ok } from "node:assert/strict";
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
  ["goes on within a sequence that a line feed or CAN interrupts", "a\x1b[3\n1mb\x1b[1\x18mc", ["a", "bmc"]],
  ["reads 8-bit controls", "a\u009b31mb\u009d0;title\u009cc", ["abc"]],
  ["shows text again behind a string that is cancelled", "a\x1b]0;title\x18b", ["ab"]],
  ["inserts within a long line", `${"x".repeat(1500)}\r\x1b[2@yy`, [
    `yy${"x".repeat(498)}${"x".repeat(1000)}`,
  ]],
  ["deletes within a long line", `${"x".repeat(600)}\r\x1b[2P`, [`${"x".repeat(498)}  ${"x".repeat(100)}`]],
];

for (const [name, output, lines] of CASES) {
  Deno.test(`PlainText ${name}`, () => {
    for (const pieceBytes of [1, 2, 1000]) deepEqual(linesOf(output, pieceBytes), lines);
  });
}

Deno.test("PlainText shows text again behind 64 KiB of a string without an end", () => {
  const lines = linesOf(`before\r\n\x1b]0;${"x".repeat(64 * 1024)}\r\nafter`, 1000);
  deepEqual(lines, ["before", "", "after"]);
  deepEqual(linesOf(`a\x1b]1337;File=:${"QUJD".repeat(100_000)}\x07b`, 1000), ["ab"], "a picture");
});

/** Each of these is a few bytes; what they may cost is bounded by what one row of a terminal costs. */
const FLOODS: readonly (readonly [name: string, output: string])[] = [
  ["insertions", "ab\r" + "\x1b[500@".repeat(12_000)],
  ["insertions into a long line", "x".repeat(99_000) + "\r" + "\x1b[@".repeat(50_000)],
  ["deletions from a long line", "x".repeat(99_000) + "\r" + "\x1b[P".repeat(50_000)],
  ["jumps and one character", "\x1b[99999Gx\n".repeat(5_000)],
  ["jumps on jumps", "\x1b[99999C\x1b[99999Cx\n".repeat(5_000)],
  ["tabs", ("\t".repeat(10_000) + "x\n").repeat(20)],
  ["lines erased far behind their beginnings", "x".repeat(99_000) + "\x1b[2Kx\b".repeat(20_000)],
  ["parameters without an end", "\x1b[" + "9".repeat(5_000_000)],
];

for (const [name, output] of FLOODS) {
  Deno.test(`PlainText bounds what comes of ${name}`, () => {
    let chars = 0;
    const plain = new PlainText((line) => {
      chars += line.length;
      ok(line.length <= 100_000);
    });
    plain.feed(new TextEncoder().encode(output));
    plain.end();
    ok(chars <= 100 * output.length, `${chars} characters`);
  });
}
