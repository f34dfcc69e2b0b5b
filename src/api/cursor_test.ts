import { deepEqual, equal, throws } from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import { formatPosition, parsePosition } from "./cursor.ts";

Deno.test("parsePosition() reads what formatPosition() wrote", () => {
  verifies("api-activity-cursor");
  for (const at of ["word", "anywhere"] as const) {
    for (const found of [false, true]) {
      const position = { beforeSeq: 4_999_951, at, found };
      deepEqual(parsePosition(formatPosition(position) ?? ""), position);
    }
  }
  equal(formatPosition(null), null);
  equal(parsePosition(undefined), undefined);
});

Deno.test.each(["", "x", "-1", "1.5", "0x10", "1 ", "9".repeat(17), "9".repeat(400), "5_", "5aa", "５"])(
  'parsePosition() refuses "%s"',
  (text) => {
    throws(() => parsePosition(text), { name: "ApiError", status: 400, field: "cursor" });
  },
);
