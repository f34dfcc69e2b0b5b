import { deepEqual, equal } from "node:assert/strict";
import { printable, printableJson, printableLines, printableStart } from "./printable.ts";

const TEXTS: readonly (readonly [string, string, string])[] = [
  ["plain text as it is", "déjà vu 検索 🎉", "déjà vu 検索 🎉"],
  ["an escape sequence", "\x1b[31mred", "\\e[31mred"],
  ["C1 controls, which some terminals obey", "\x9b31m", "\\u{9b}31m"],
  ["line ends and tabs", "a\r\n\tb", "a\\r\\n\\tb"],
  ["bidirectional overrides", "abc\u202ecba", "abc\\u{202e}cba"],
  ["invisible tag characters", "hi\u{e0041}", "hi\\u{e0041}"],
  ["zero-width space", "a\u200bb", "a\\u{200b}b"],
  [
    "letters and marks that nobody sees",
    "a\u034f\u115f\u3164\uffa0b",
    "a\\u{34f}\\u{115f}\\u{3164}\\u{ffa0}b",
  ],
  ["a blank of another name", "a\u2800b\u{1d159}", "a\\u{2800}b\\u{1d159}"],
  ["variation selectors, in which whole texts hide", "a\ufe0f\u{e0100}b", "a\\u{fe0f}\\u{e0100}b"],
  ["what Unicode holds free for more of them", "a\u2065\u{e0fff}b", "a\\u{2065}\\u{e0fff}b"],
  ["emoji as they are", "❤\ufe0f 1\ufe0f\u20e3 ⚠\ufe0fx", "❤\ufe0f 1\ufe0f\u20e3 ⚠\ufe0fx"],
  ["one selector of an emoji, not a second", "❤\ufe0f\ufe0f", "❤\ufe0f\\u{fe0f}"],
  ["a lone surrogate", "\ud800x", "\\u{d800}x"],
];
for (const [what, text, shown] of TEXTS) {
  Deno.test(`printable() shows ${what}`, () => equal(printable(text), shown));
}

/** Each range, from and to, of what takes no ink and is no space. */
const INVISIBLE = [
  [0x34f, 0x34f],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x206f],
  [0x2800, 0x2800],
  [0x3164, 0x3164],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0x1d159, 0x1d159],
  [0x1d173, 0x1d17a],
  [0xe0000, 0xe01ef],
] as const;

Deno.test("printable() lets no invisible character pass", () => {
  for (const [from, to] of INVISIBLE) {
    for (let code = from; code <= to; code++) {
      equal(printable(`a${String.fromCodePoint(code)}b`), `a\\u{${code.toString(16)}}b`);
    }
  }
});

Deno.test("printableJson() is the same value, and nothing in it steers a terminal or hides", () => {
  const value = { "k\x9b": "\x7f\x9b31m\u202e\u{e0041}\u3164 ❤\ufe0f 検索\n", n: [1, "\ud800"] };
  const shown = printableJson(JSON.stringify(value, null, 1));
  deepEqual(JSON.parse(shown), value);
  equal(
    printableJson(JSON.stringify(value)),
    '{"k\\u009b":"\\u007f\\u009b31m\\u202e\\udb40\\udc41\\u3164 ❤\ufe0f 検索\\n","n":[1,"\\ud800"]}',
  );
  equal(printableJson('"\ud800"'), '"\\ud800"');
  equal(printableJson('{\r\n\t"a": 1\n}\n'), '{\r\n\t"a": 1\n}\n');
});

Deno.test("printableLines() keeps line ends and tabs", () =>
  equal(printableLines("a\n\tb\x1b"), "a\n\tb\\e"));

Deno.test("printableStart() keeps a text that is harmless and short", () => {
  equal(printableStart("héllo 😀", 10), "héllo 😀");
  equal(printableStart("a\nb\tc", 10), "a\\nb\\tc");
  equal(printableStart("abcdef", 4), "abc…");
});
