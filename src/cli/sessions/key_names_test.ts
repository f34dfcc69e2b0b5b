import { equal, throws } from "node:assert/strict";
import { keysOf } from "./key_names.ts";

Deno.test("keysOf() knows names, Ctrl, Alt and characters", () => {
  equal(keysOf("ctrl-c"), "\x03");
  equal(keysOf("Enter"), "\r");
  equal(keysOf("y enter"), "y\r");
  equal(keysOf("down  up page-down f5"), "\x1b[B\x1b[A\x1b[6~\x1b[15~");
  equal(keysOf("alt-b ctrl-\\ ^d C-a"), "\x1bb\x1c\x04\x01");
});

Deno.test("keysOf() refuses what is no key, and says what may be meant", () => {
  throws(() => keysOf("entr"), { code: "usage", hint: 'did you mean "enter"?' });
  throws(() => keysOf("  "), { code: "usage" });
});
