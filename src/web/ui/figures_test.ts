import { equal } from "node:assert/strict";
import { formatCount, formatMoney, formatOdometer } from "./figures.ts";
import { barsPath } from "./sparkline.tsx";

Deno.test("formatOdometer() shows every digit below a billion", () => {
  equal(formatOdometer(0), "0");
  equal(formatOdometer(1_904_221), "1,904,221");
  equal(formatOdometer(999_999_999), "999,999,999");
  equal(formatOdometer(1_234_567_890), "1.2G");
});

Deno.test("formatMoney() shows as many digits as matter", () => {
  const cases: [number, string][] = [[0, "$0"], [40, "<$0.0001"], [12_345, "$0.0123"], [5_712_663, "$5.71"], [
    1_239_600_000,
    "$1,240",
  ]];
  for (const [microUsd, text] of cases) equal(formatMoney(microUsd), text);
});

Deno.test("barsPath() draws nothing for nothing and makes a single call visible among thousands", () => {
  equal(barsPath([0, 0], 20, 10), "");
  equal(barsPath([], 20, 10), "");
  equal(barsPath([0, 1, 5000], 30, 10), "M10 10V8.5h9V10zM20 10V1h9V10z");
});

Deno.test("formatCount() groups digits as every other number of a page, and is short from ten thousand on", () => {
  for (
    const [count, text] of [[0, "0"], [812, "812"], [2232, "2,232"], [9999.6, "10.0k"], [
      12_345,
      "12.3k",
    ]] as const
  ) {
    equal(formatCount(count), text);
  }
});
