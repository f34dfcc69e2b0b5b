import { deepStrictEqual, equal } from "node:assert/strict";
import { childrenOf, memberOf, stringOf, valueAt } from "./json_text.ts";

function children(text: string): [string | null, string, string][] {
  return childrenOf(text, valueAt(text, 0)).map(({ key, kind, start, end }) => [
    key,
    kind,
    text.slice(start, end),
  ]);
}

Deno.test("childrenOf() gives numbers as they came", () => {
  deepStrictEqual(children('{"a": 12345678901234567890, "b":1.0,"c":-0}'), [
    ['"a"', "number", "12345678901234567890"],
    ['"b"', "number", "1.0"],
    ['"c"', "number", "-0"],
  ]);
});

Deno.test("childrenOf() keeps equal keys, in order", () => {
  deepStrictEqual(children('{"a":1,"a":2}').map(([, , value]) => value), ["1", "2"]);
});

Deno.test("childrenOf() is not misled by brackets and quotes inside strings", () => {
  deepStrictEqual(children(String.raw`["}]\"{", {"k\"]": "\\"}, [[]], true]`), [
    [null, "string", String.raw`"}]\"{"`],
    [null, "object", String.raw`{"k\"]": "\\"}`],
    [null, "array", "[[]]"],
    [null, "word", "true"],
  ]);
});

Deno.test("childrenOf() of an empty container is empty, also with spaces", () => {
  deepStrictEqual([children("{}"), children("[ \n ]")], [[], []]);
});

Deno.test("childrenOf() stops at its limit", () => {
  const text = "[1,2,3,4]";
  equal(childrenOf(text, valueAt(text, 0), 2).length, 2);
});

for (const cut of ['{"a":[1,2,{"b":"tex', '{"a"', '{"a":', '{"a":1,', '["x\\', "[tru", "{", ""]) {
  Deno.test(`childrenOf() ends where the text was cut: ${cut}`, () => {
    const seen = children(cut);
    equal(seen.every(([, , text]) => cut.includes(text)), true);
  });
}

Deno.test("childrenOf() gets through what is no JSON at all", () => {
  for (const text of ["{]", "{,,}", "[:::]", '{"a" "b" "c"}', "[}]{", "{{{{", "[1 2 3]"]) children(text);
});

Deno.test("valueAt() takes nesting of a million levels", () => {
  const text = "[".repeat(1_000_000) + "]".repeat(1_000_000);
  equal(valueAt(text, 0).end, text.length);
});

Deno.test("memberOf() takes the last of two equal keys, and escaped ones", () => {
  const text = String.raw`{"a":1,"\u0061":2,"b":3}`;
  const found = memberOf(text, valueAt(text, 0), "a");
  equal(found && text.slice(found.start, found.end), "2");
});

Deno.test("stringOf() reads what is left of a string that was cut", () => {
  deepStrictEqual([stringOf('"ab'), stringOf('"ab\\u00'), stringOf('"ab\\'), stringOf('"a\\nb"')], [
    "ab",
    "ab",
    "ab",
    "a\nb",
  ]);
});
