import { equal } from "node:assert/strict";
import { printable, printableLines, printableStart } from "./printable.ts";

const TEXTS: readonly (readonly [string, string, string])[] = [
  ["plain text as it is", "déjà vu 検索 🎉", "déjà vu 検索 🎉"],
  ["an escape sequence", "\x1b[31mred", "\\e[31mred"],
  ["C1 controls, which some terminals obey", "\x9b31m", "\\u{9b}31m"],
  ["line ends and tabs", "a\r\n\tb", "a\\r\\n\\tb"],
  ["bidirectional overrides", "abc\u202ecba", "abc\\u{202e}cba"],
  ["invisible tag characters", "hi\u{e0041}", "hi\\u{e0041}"],
  ["zero-width space", "a\u200bb", "a\\u{200b}b"],
  ["a lone surrogate", "\ud800x", "\\u{d800}x"],
];
for (const [what, text, shown] of TEXTS) {
  Deno.test(`printable() shows ${what}`, () => equal(printable(text), shown));
}

Deno.test("printableLines() keeps line ends and tabs", () =>
  equal(printableLines("a\n\tb\x1b"), "a\n\tb\\e"));

Deno.test("printableStart() keeps a text that is harmless and short", () => {
  equal(printableStart("héllo 😀", 10), "héllo 😀");
  equal(printableStart("a\nb\tc", 10), "a\\nb\\tc");
  equal(printableStart("abcdef", 4), "abc…");
});
