import assert from "node:assert/strict";
import { highlight } from "./highlight.ts";

/** What is marked, in brackets. */
function marked(text: string, search: string, at: "word" | "anywhere" = "word"): string[] {
  return highlight(text, search, at).map(({ text, ranges }) => {
    let shown = "";
    let from = 0;
    for (const [start, end] of ranges) {
      shown += `${text.slice(from, start)}[${text.slice(start, end)}]`;
      from = end;
    }
    return shown + text.slice(from);
  });
}

Deno.test.each(
  [
    ["a fox, Fox and firefox", "fox", ["a [fox], [Fox] and firefox"]],
    ["rate limit", "rate limit", ["[rate limit]"]],
    ["🦊🦊 fox 🦊", "fox", ["🦊🦊 [fox] 🦊"]],
    ["(a+b)", "(a+b)", ["[(a+b)]"]],
    ["naïve-té", "naïve-té", ["[naïve-té]"]],
    ["nothing", "fox", []],
  ] as const,
)("highlight() of %s marks %s", (text, search, expected) => {
  assert.deepEqual(marked(text, search), expected);
});

Deno.test("highlight() marks anywhere when that is how it was found", () => {
  assert.deepEqual(marked("firefox", "fox", "anywhere"), ["fire[fox]"]);
});

Deno.test("highlight() shows what stands around, in few pieces, and cuts no character", () => {
  const filler = "🦊".repeat(100);
  const pieces = highlight(`${filler} fox ${filler} fox ${filler} fox ${filler} fox`, "fox", "word");
  assert.equal(pieces.length, 3);
  for (const { text, ranges } of pieces) {
    assert.equal(text.isWellFormed(), true);
    assert.ok(text.length < 130);
    assert.deepEqual(ranges.map(([start, end]) => text.slice(start, end)), ["fox"]);
  }
});
