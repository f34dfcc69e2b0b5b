import { deepStrictEqual, equal, throws } from "node:assert/strict";
import { RowBuffer } from "./row_buffer.ts";

function held(buffer: RowBuffer<number>): (number | undefined)[] {
  return Array.from({ length: buffer.length }, (_, offset) => buffer.at(buffer.firstNumber + offset));
}

function range(first: number, end: number): number[] {
  return Array.from({ length: end - first }, (_, at) => first + at);
}

Deno.test("RowBuffer keeps the newest when it is full, and their numbers", () => {
  const buffer = new RowBuffer<number>(100);
  buffer.append(range(0, 250));
  deepStrictEqual(held(buffer), range(150, 250));
  deepStrictEqual([buffer.firstNumber, buffer.endNumber, buffer.at(150), buffer.at(149)], [
    150,
    250,
    150,
    undefined,
  ]);
});

Deno.test("RowBuffer puts older rows before the others without renaming them", () => {
  const buffer = new RowBuffer<number>(1000);
  buffer.append([10, 11]);
  const before = buffer.at(0);
  equal(buffer.prepend([9, 8, 7]), 3);
  deepStrictEqual([held(buffer), buffer.at(0), buffer.firstNumber], [[7, 8, 9, 10, 11], before, -3]);
});

Deno.test("RowBuffer takes no older rows when it is full", () => {
  const buffer = new RowBuffer<number>(3);
  buffer.append([5, 6]);
  equal(buffer.prepend([4, 3, 2]), 1);
  deepStrictEqual(held(buffer), [4, 5, 6]);
});

Deno.test("RowBuffer stays in order through any sequence of both ends", () => {
  const buffer = new RowBuffer<number>(97);
  let first = 0;
  let end = 0;
  for (let step = 1; step < 60; step++) {
    const count = (step * 7) % 11;
    if (step % 3 === 0) {
      const taken = buffer.prepend(range(0, count).map((at) => buffer.firstNumber - 1 - at));
      first -= taken;
    } else {
      buffer.append(range(end, end + count));
      end += count;
      first = Math.max(first, end - 97);
    }
    deepStrictEqual(held(buffer), range(first, end));
  }
});

Deno.test("RowBuffer goes on counting after it was cleared", () => {
  const buffer = new RowBuffer<number>(10);
  buffer.append([1, 2, 3]);
  buffer.clear();
  buffer.append([4]);
  deepStrictEqual([buffer.length, buffer.firstNumber, buffer.at(3)], [1, 3, 4]);
});

Deno.test("RowBuffer of nothing is refused", () => {
  throws(() => new RowBuffer(0), RangeError);
});
