import { deepEqual } from "node:assert/strict";
import { readTypedKeys } from "./typed_keys.ts";

for (
  const [text, isTyped, submits, clears, isText] of [
    ["a", true, false, false, true],
    ["\r", true, true, false, false],
    ["yes\r", true, true, false, false],
    ["\x1b[A", true, false, false, true],
    ["\x1bOA", true, false, false, true],
    ["\x1b", true, false, true, false],
    ["\x03", true, false, true, false],
    ["\x1b[200~two\rlines\x1b[201~", true, false, false, true],
    ["\x1b[200~two\rlines\x1b[201~\r", true, true, false, false],
    ["\x1b[I", false, false, false, false],
    ["\x1b[O\x1b[I", false, false, false, false],
    ["\x1b[<0;10;5M\x1b[<0;10;5m", false, false, false, false],
    ["\x1b[M !!", false, false, false, false],
    ["\x1b[12;40R", false, false, false, false],
    ["\x1b[?62;22c", false, false, false, false],
    ["\x1b]11;rgb:0000/0000/0000\x1b\\", false, false, false, false],
    ["\x1b[Ia", true, false, false, true],
    ["", false, false, false, false],
    ["\x0c", true, false, false, false],
    ["\x01", true, false, false, false],
    ["\x1b[C", true, false, false, false],
    ["\x1bOD", true, false, false, false],
    ["\x1b[1;5C", true, false, false, false],
    ["\x1b[H", true, false, false, false],
    ["\x1b[1~", true, false, false, false],
    ["\t", true, false, false, true],
    ["\x7f", true, false, false, true],
    ["\x0cx", true, false, false, true],
    ["ü", true, false, false, true],
    ["\x16", true, false, false, true],
    ["\x1b[1;5A", true, false, false, true],
    ["\x10", true, false, false, true],
    ["\x12", true, false, false, true],
  ] as const
) {
  Deno.test(`readTypedKeys() of ${JSON.stringify(text)}`, () => {
    deepEqual(readTypedKeys(new TextEncoder().encode(text)), { isTyped, submits, clears, isText });
  });
}
