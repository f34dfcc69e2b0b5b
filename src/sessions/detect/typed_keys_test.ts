import { deepEqual } from "node:assert/strict";
import { readTypedKeys } from "./typed_keys.ts";

for (
  const [text, isTyped, submits, clears] of [
    ["a", true, false, false],
    ["\r", true, true, false],
    ["yes\r", true, true, false],
    ["\x1b[A", true, false, false],
    ["\x1bOA", true, false, false],
    ["\x1b", true, false, true],
    ["\x03", true, false, true],
    ["\x1b[200~two\rlines\x1b[201~", true, false, false],
    ["\x1b[200~two\rlines\x1b[201~\r", true, true, false],
    ["\x1b[I", false, false, false],
    ["\x1b[O\x1b[I", false, false, false],
    ["\x1b[<0;10;5M\x1b[<0;10;5m", false, false, false],
    ["\x1b[M !!", false, false, false],
    ["\x1b[12;40R", false, false, false],
    ["\x1b[?62;22c", false, false, false],
    ["\x1b]11;rgb:0000/0000/0000\x1b\\", false, false, false],
    ["\x1b[Ia", true, false, false],
    ["", false, false, false],
  ] as const
) {
  Deno.test(`readTypedKeys() of ${JSON.stringify(text)}`, () => {
    deepEqual(readTypedKeys(new TextEncoder().encode(text)), { isTyped, submits, clears });
  });
}
