import { equal } from "node:assert/strict";
import { codeOf, withoutCode } from "./one_time_code.ts";

for (
  const [hash, code] of [
    ["#token=abc-_123", "abc-_123"],
    ["#token=a%2Bb", "a+b"],
    ["#token=", null],
    ["#main", null],
    ["", null],
  ] as const
) {
  Deno.test(`codeOf("${hash}") is ${code}`, () => equal(codeOf(hash), code));
}

Deno.test("withoutCode() keeps where one wanted to go, and nothing of the fragment", () => {
  equal(withoutCode(new URL("http://127.0.0.1:4242/live?server=a#token=secret")), "/live?server=a");
});
