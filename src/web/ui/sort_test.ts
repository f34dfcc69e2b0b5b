import { deepEqual, equal } from "node:assert/strict";
import { formatSort, parseSort, sortRows } from "./sort.ts";

const CALLS = { key: "calls", descending: true };

Deno.test("parseSort() reads what formatSort() writes", () => {
  for (const sort of [CALLS, { key: "name", descending: false }]) {
    deepEqual(parseSort(formatSort(sort), { key: "other", descending: false }), sort);
  }
  equal(parseSort(null, CALLS), CALLS);
});

Deno.test("sortRows() orders numbers by value, names as people do, and null last either way", () => {
  const by = (row: number | string | null) => row;
  deepEqual(sortRows([2, null, 10, 1], by, false), [1, 2, 10, null]);
  deepEqual(sortRows([2, null, 10, 1], by, true), [10, 2, 1, null]);
  deepEqual(sortRows(["tool10", "tool2", "Tool1"], by, false), ["Tool1", "tool2", "tool10"]);
});

Deno.test("sortRows() keeps the order of equal rows and the rows that it was given", () => {
  const rows = [{ name: "b", calls: 1 }, { name: "a", calls: 1 }];
  deepEqual(sortRows(rows, ({ calls }) => calls, true), rows);
});
