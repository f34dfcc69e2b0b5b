import { deepStrictEqual, equal } from "node:assert/strict";
import { anchoredScrollTop, isAtEnd, rowWindow, scrollTopShowing } from "./row_window.ts";

const view = (scrollTopPx: number) => ({ scrollTopPx, heightPx: 280, rowHeightPx: 28 });

Deno.test("rowWindow() covers what is visible, with spare rows on both sides", () => {
  deepStrictEqual(rowWindow(view(2800), 1000), { first: 92, end: 119, offsetPx: 92 * 28 });
});

Deno.test("rowWindow() stays within the rows", () => {
  deepStrictEqual(rowWindow(view(0), 5), { first: 0, end: 5, offsetPx: 0 });
  equal(rowWindow(view(1e9), 1000).end, 1000);
  equal(rowWindow(view(-50), 1000).first, 0);
  deepStrictEqual(rowWindow(view(0), 0), { first: 0, end: 0, offsetPx: 0 });
});

Deno.test("rowWindow() is of one size wherever one is among 100,000 rows", () => {
  const sizes = new Set(Array.from({ length: 50 }, (_, at) => {
    const { first, end } = rowWindow(view(at * 55_555), 100_000);
    return end - first;
  }));
  deepStrictEqual([...sizes], [27]);
});

Deno.test("isAtEnd() forgives half a row", () => {
  deepStrictEqual([28 * 90, 28 * 90 - 13, 28 * 90 - 15].map((top) => isAtEnd(view(top), 100)), [
    true,
    true,
    false,
  ]);
});

Deno.test("anchoredScrollTop() follows the row in sight when rows come and go before it", () => {
  deepStrictEqual([
    anchoredScrollTop(view(1000), 0, -50),
    anchoredScrollTop(view(1000), 0, 10),
    anchoredScrollTop(view(100), 0, 10),
  ], [1000 + 50 * 28, 1000 - 280, 0]);
});

Deno.test("scrollTopShowing() moves as little as needed", () => {
  deepStrictEqual([
    scrollTopShowing(view(280), 5),
    scrollTopShowing(view(280), 12),
    scrollTopShowing(view(280), 20),
  ], [
    140,
    280,
    28 * 11,
  ]);
});
