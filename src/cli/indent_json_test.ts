import { equal } from "node:assert/strict";
import { indentJson } from "./indent_json.ts";

const VALUES: readonly unknown[] = [
  { a: [1, 2.5, { b: null }], "k:,{": 'quoted "\\" {[', c: [], d: {}, e: true },
  [],
  "text",
  -12,
  { nested: [[[]], [{}]] },
];
for (const value of VALUES) {
  const json = JSON.stringify(value);
  Deno.test(`indentJson() lays out ${json} as JSON.stringify does, whatever its white space`, () => {
    equal(indentJson(json), JSON.stringify(value, null, 2));
    equal(indentJson(JSON.stringify(value, null, "\t ")), JSON.stringify(value, null, 2));
  });
}

Deno.test("indentJson() changes no number and drops no key", () =>
  equal(
    indentJson('{"n":9007199254740993,"n":1.0}'),
    '{\n  "n": 9007199254740993,\n  "n": 1.0\n}',
  ));

Deno.test("indentJson() refuses what is nested too deeply to be read", () =>
  equal(indentJson("[".repeat(8000) + "]".repeat(8000)), null));
