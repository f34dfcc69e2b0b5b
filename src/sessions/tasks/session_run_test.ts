import assert from "node:assert/strict";
import { textAfter } from "./session_run.ts";

Deno.test("textAfter() is what stands below the prompt, without the prompt of the program", () => {
  assert.equal(textAfter("echo hi", ["$"], ["$ echo hi", "hi", "$", ""]), "hi");
  assert.equal(textAfter("ls", ["old ls", "$"], ["old ls", "$ ls", "a", "", "b", "$"]), "a\n\nb");
  assert.equal(textAfter("two\nlines", [">"], ["> two", "  lines", "answer", "> x"]), "answer\n> x");
  const box = ["────", "❯", "────", "  ? for help"];
  const screen = ["Agent 1", "❯ say you", "  you", "⏺ You said: say you", "  you", "", ...box, ""];
  assert.equal(textAfter("say you\nyou", ["Agent 1", "", ...box], screen), "⏺ You said: say you\n  you");
});

Deno.test("textAfter() is all that is new when the prompt cannot be found there", () => {
  assert.equal(textAfter("gone", ["$"], ["", "something else", "$"]), "something else");
  assert.equal(textAfter("gone", ["top", "$"], ["top", "$"]), "");
});
