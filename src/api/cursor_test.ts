import { deepEqual, equal } from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { formatPosition, parseCursor, parsePosition } from "./cursor.ts";

Deno.test("parsePosition() reads what formatPosition() wrote", () => {
  verifies("api-activity-cursor");
  for (const at of ["word", "anywhere"] as const) {
    for (const found of [false, true]) {
      const position = { beforeSeq: 4_999_951, at, found };
      deepEqual(parsePosition(formatPosition(position) ?? ""), position);
    }
  }
  equal(formatPosition(null), null);
});

Deno.test.each(["", "x", "-1", "1.5", "0x10", "1 ", "9".repeat(17), "9".repeat(400), "5_", "5aa", "５"])(
  'parsePosition() and parseCursor() refuse "%s"',
  (text) => {
    equal(parsePosition(text), null);
    equal(parseCursor(text), null);
  },
);
