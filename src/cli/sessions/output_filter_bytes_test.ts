/** `OutputFilter` and any bytes at all: nothing that is forbidden may come out, whatever terminal reads it. @module */
import { deepEqual, equal } from "node:assert/strict";
import { OutputFilter } from "./output_filter.ts";
import { TerminalBook } from "./terminal_book.ts";

function bytesOf(latin1: string): Uint8Array {
  return Uint8Array.from(latin1, (char) => char.charCodeAt(0));
}

function latin1Of(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}

/** What comes out of `parts`, a character for each byte. */
function filtered(...parts: readonly Uint8Array[]): string {
  const filter = new OutputFilter(new TerminalBook(), { clipboard: false });
  return parts.map((part) => latin1Of(filter.feed(part))).join("");
}

/** All that may stand behind ESC in what comes out. */
const ALLOWED = [
  /^\[[0-9;:]*[@A-HIJKLMPSXZ`abdefgmrsuT]/,
  /^\[(?:4|20)(?:;(?:4|20))*[hl]/,
  /^\[\?[0-9;]+[hl]/,
  /^\[\?[0-9;:]*[JKW]/,
  /^\[>4(?:;\d*)?[mn]/,
  /^\[[<>]\d*u/,
  /^\[=[0-9;:]*u/,
  /^\[[0-9;:]*(?:!p|"q|'[}~]| [@Aq])/,
  /^[78DEHM=>no|}~NO]/,
  /^(?:[()*+]["%&]?[0-9A-Za-z=<>`]|#8)/,
  // deno-lint-ignore no-control-regex -- a string of a terminal is made of these
  /^\](?:[01289])(?:;[^\x00-\x1f]*)?\x1b\\/,
  // deno-lint-ignore no-control-regex -- see above
  /^\](?:4|1[012]);[\w:/#;]+\x1b\\/,
  // deno-lint-ignore no-control-regex -- see above
  /^\]1(?:04|1[012]);?[\d;]*\x1b\\/,
];

/** What of `out` nobody may be sent; null: nothing. */
function forbiddenIn(out: string): string | null {
  const bytes = bytesOf(out);
  let text = "";
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return "not UTF-8";
  }
  // deno-lint-ignore no-control-regex -- they are what is looked for
  if (/[\x05\x80-\x9f]/.test(text)) return "ENQ or C1";
  for (let at = text.indexOf("\x1b"); at >= 0; at = text.indexOf("\x1b", at + 1)) {
    const rest = text.slice(at + 1);
    const found = ALLOWED.map((form) => form.exec(rest)?.[0]).find((whole) => whole !== undefined);
    if (found === undefined) return JSON.stringify(rest.slice(0, 20));
    at += found.length;
  }
  return null;
}

/** Bytes that sequences begin with, and what comes out of them. */
const CASES: readonly (readonly [output: string, left: string])[] = [
  ["hello\xc2\x1b]52;c;aGk=\x07 \xc2\x1b[c.", "hello ."],
  ["\xc2\x05.", "."],
  ["\x1b[\x05m.", "\x1b[m."],
  ["\x1b\x05c", ""],
  ["\x1b(\x05B.", "\x1b(B."],
  ["\xc2\xc2\x9bc.", "."],
  ["\xc2\x1b[c\x9bc.", "c."],
  ["\xe2\x82\x1b[c\x9b.", "."],
  ["\x9b6n.", "6n."],
  ["\xc0\x9b6n\xe0\x80\x9b.", "6n."],
  ["\xed\xa0\x80\xf5\x80\x80\x80\xff.", "."],
  ["\xc2\x18\x9b.", "\x18."],
  ["\x1b[1\xc2\x9b6n.", "."],
  ["\x1b\xc2\x9b6n.", "."],
  ["\x1b[\xc3\xa9.", "\xc3\xa9."],
  ["\x1b]0;a\xc2\x9cb", "\x1b]0;a\x1b\\b"],
  ["\x1b]0;a\x1b\xc2\x9b6n.", "\x1b]0;a\x1b\\."],
];

for (const [output, left] of CASES) {
  Deno.test(`OutputFilter leaves of ${JSON.stringify(output)} what draws, wherever it is cut`, () => {
    const bytes = bytesOf(output);
    const undone = output.endsWith("c") && left === "";
    for (let cut = 0; cut <= bytes.length; cut++) {
      const out = filtered(bytes.subarray(0, cut), bytes.subarray(cut));
      if (undone) equal(forbiddenIn(out), null);
      else equal(out, left, `cut at ${cut}`);
    }
  });
}

/** Numbers below `end`, always the same ones. */
function randomFrom(seed: number): (end: number) => number {
  let state = seed;
  return (end) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * end);
  };
}

const PIECES = [
  "\x1b",
  "\xc2",
  "\x9b",
  "\x9d",
  "\x9c",
  "[",
  "]",
  "P",
  "\\",
  "\x07",
  "\x05",
  "\x18",
  "?",
  ";",
];
const MORE = [
  "0",
  "6",
  "52;c;?",
  "8;;",
  "c",
  "n",
  "q",
  "h",
  "$",
  " ",
  "(",
  "\xe2",
  "\x82",
  "\xf0\x9f",
  "\x7f",
];

Deno.test("OutputFilter lets nothing forbidden through in any byte behind any beginning", () => {
  const beginnings = [
    "",
    "\xc2",
    "\xe2",
    "\xe2\x82",
    "\xf0\x9f\x98",
    "\x1b",
    "\x1b(",
    "\x1b[",
    "\x1b[1",
    "\x1b[?",
  ];
  beginnings.push("\x1b[ ", "\x1b]", "\x1b]0;", "\x1b]52;c;", "\x1bP", "\x1b_", "\xc2\x9b", "\x1b]0;\xc2");
  for (const beginning of beginnings) {
    for (let one = 0; one < 256; one++) {
      for (const end of ["", "\x9b6n", "\x1b[6n", "[6n", "]11;?\x07", "6n", "\x05", "\xc2\x9b6n"]) {
        const out = filtered(bytesOf(beginning + String.fromCharCode(one) + end));
        equal(forbiddenIn(out), null, JSON.stringify([beginning, one, end, out]));
      }
    }
  }
});

Deno.test("OutputFilter lets nothing forbidden through of random bytes, and the same wherever they are cut", () => {
  const random = randomFrom(6);
  const parts = [...PIECES, ...PIECES, ...MORE];
  for (let round = 0; round < 3000; round++) {
    let output = "";
    for (let at = 0; at < 24; at++) {
      output += random(4) === 0 ? String.fromCharCode(random(256)) : parts[random(parts.length)];
    }
    const bytes = bytesOf(output);
    const whole = filtered(bytes);
    equal(forbiddenIn(whole), null, JSON.stringify([output, whole]));
    const cut = random(bytes.length);
    deepEqual(filtered(bytes.subarray(0, cut), bytes.subarray(cut)), whole, JSON.stringify([output, cut]));
    deepEqual(filtered(...Array.from(bytes, (byte) => Uint8Array.of(byte))), whole, JSON.stringify(output));
  }
});
