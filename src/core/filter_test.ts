import assert from "node:assert/strict";
import { callFilter, checkRange, eventFilter } from "./filter.ts";

const refuse = (message: string) => new RangeError(message);

Deno.test("checkRange() refuses a range that nothing can lie in, with the error of who asks", () => {
  for (const [since, until] of [[2, 1], [1, 1]]) {
    assert.throws(() => checkRange({ since, until }, refuse), {
      name: "RangeError",
      message: /^Cannot look from 1970\S+Z until 1970\S+Z: nothing lies between$/,
    });
  }
});

Deno.test("checkRange() takes a range with one end, or none, or something between", () => {
  for (const range of [{}, { since: 5 }, { until: 5 }, { since: 5, until: 6 }]) checkRange(range, refuse);
});

Deno.test("eventFilter() and callFilter() say in the store's words what was asked in the user's", () => {
  const subject = { since: 1, until: 2, server: "s", method: "m", tool: "t", correlation: "c" };
  const stored = { sinceUs: 1, untilUs: 2, server: "s", method: "m", tool: "t", correlationId: "c" };
  const words = { kind: "log", direction: "server_to_client", search: "x" } as const;
  assert.deepEqual(eventFilter({ ...subject, ...words }, refuse), { ...stored, ...words });
  assert.deepEqual(callFilter({ ...subject, outcome: "late" }, refuse), { ...stored, outcome: "late" });
  assert.throws(() => eventFilter({ since: 2, until: 1 }, refuse), RangeError);
});
