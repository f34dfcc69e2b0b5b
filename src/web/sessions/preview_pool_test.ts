import { deepEqual } from "node:assert/strict";
import { type Candidate, PreviewPool } from "./preview_pool.ts";

Deno.test("PreviewPool draws no more than it may, and who waits follows who leaves", () => {
  const drawn: number[] = [];
  const pool = new PreviewPool(2);
  const [a, b, c, d] = [0, 1, 2, 3].map((number): Candidate => ({
    begin: () => void drawn.push(number),
    end: () => void drawn.splice(drawn.indexOf(number), 1),
  })) as [Candidate, Candidate, Candidate, Candidate]; // as: there are four numbers
  for (const candidate of [a, b, c, d]) pool.enter(candidate);
  deepEqual(drawn, [0, 1]);
  pool.leave(c);
  pool.leave(a);
  deepEqual(drawn, [1, 3], "the one that left while it waited is not drawn");
  pool.enter(b);
  deepEqual(drawn, [1, 3], "who is drawn already is not drawn twice");
  for (const candidate of [b, d]) pool.leave(candidate);
  deepEqual(drawn, []);
});
