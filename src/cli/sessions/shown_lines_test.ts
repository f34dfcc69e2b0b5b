import { deepEqual } from "node:assert/strict";
import { shownLines } from "./shown_lines.ts";

Deno.test("shownLines() shows a terminal what would steer it or hide, and keeps what it draws", () => {
  const hidden = "a\u202eb\u2066c\u200bd\x1b[2J\u009b";
  deepEqual(shownLines([hidden], true), ["a\\u{202e}b\\u{2066}c\\u{200b}d\\e[2J\\u{9b}"]);
  const drawn = ["é e\u0301 中 🎉 ❤\ufe0f 👍🏽 ─│╭ ⠋", "هذا नमस्ते"];
  deepEqual(shownLines(drawn, true), drawn);
  deepEqual(shownLines(["⣿\u2800⣿"], true), ["⣿ ⣿"], "an empty cell of a diagram");
});

Deno.test("shownLines() leaves to a program what was written", () => {
  deepEqual(shownLines(["a\u202eb"], false), ["a\u202eb"]);
});
