import { deepStrictEqual, throws } from "node:assert/strict";
import { parseJsonc } from "./jsonc.ts";

const TEXTS: readonly (readonly [string, string, unknown])[] = [
  ["comments", '{\n // one\n "a": 1, /* two\n */ "b": 2\n}', { a: 1, b: 2 }],
  ["trailing commas", '{"a": [1, 2,], "b": {"c": 3, /* end */ },}', { a: [1, 2], b: { c: 3 } }],
  ["what looks like a comment inside a string", '{"url": "http://x//y", "t": "/* no */", "q": "\\",}"}', {
    url: "http://x//y",
    t: "/* no */",
    q: '",}',
  }],
  ["an empty file", " \n// nothing\n", {}],
  ["a byte order mark", "\ufeff{}", {}],
];

for (const [what, text, value] of TEXTS) {
  Deno.test(`parseJsonc() reads ${what}`, () => deepStrictEqual(parseJsonc(text), value));
}

Deno.test("parseJsonc() refuses what is no JSON", () => {
  throws(() => parseJsonc('{"a": }'), SyntaxError);
  throws(() => parseJsonc('{"a": 1 /* open'), SyntaxError);
});
