import { deepStrictEqual, equal, throws } from "node:assert/strict";
import { verifies } from "../../tests/verifies.ts";
import type { KmError } from "./error.ts";
import { parseSize } from "./size.ts";

const SIZES: readonly (readonly [string, number])[] = [
  ["512KB", 512_000],
  ["2MB", 2_000_000],
  ["1MiB", 1_048_576],
  ["1.5GB", 1_500_000_000],
  ["4096", 4096],
  ["0", 0],
  ["64 kib", 65_536],
  ["3k", 3000],
  ["7b", 7],
];

for (const [text, bytes] of SIZES) {
  Deno.test(`parseSize() reads ${text}`, () => {
    verifies("monitor-sizes");
    equal(parseSize(text), bytes);
  });
}

for (const text of ["", "MB", "-1", "2X", "1e3", "0x10", "2 M B", "99999999TB", "1,5MB", "NaN"]) {
  Deno.test(`parseSize() refuses "${text}" and says what a size looks like`, () => {
    throws(() => parseSize(text), (error: KmError) => {
      deepStrictEqual([error.code, error.message], ["usage", `Cannot read "${text}" as a size`]);
      return error.hint?.includes("512KB") === true;
    });
  });
}
