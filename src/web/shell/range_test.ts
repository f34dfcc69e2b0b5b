import { equal } from "node:assert/strict";
import { intervalWords, rangeOf } from "./range.ts";

Deno.test("rangeOf() takes the named range, and the other one for what it does not know", () => {
  equal(rangeOf("7d", "24h").interval, "1h");
  equal(rangeOf("9y", "24h").value, "24h");
  equal(rangeOf(null, "1h").value, "1h");
});

Deno.test("intervalWords() names an interval by its length", () => {
  equal(intervalWords(60_000), "minute");
  equal(intervalWords(900_000), "15 minutes");
  equal(intervalWords(86_400_000), "day");
  equal(intervalWords(7_200_000), "120 minutes");
});
