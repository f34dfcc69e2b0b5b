import { deepEqual, equal } from "node:assert/strict";
import { formatInterval, isolated, timeLabels } from "./plot_data.ts";

/** Seconds since the Unix epoch of a local time. */
const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime() / 1000;

Deno.test("isolated() finds the values that no line would show", () => {
  deepEqual(isolated([1, null, 2, null, 3, 4, null, 5]), [0, 2, 7]);
  deepEqual(isolated([1, 2]), []);
  deepEqual(isolated([0]), [0]);
  deepEqual(isolated([null, undefined]), []);
});

Deno.test("timeLabels() writes times of day, and the date where a day begins", () => {
  deepEqual(timeLabels([at(20, 22), at(21, 0), at(21, 2)]), ["22:00", "21 Nov", "02:00"]);
  deepEqual(timeLabels([at(20, 0), at(21, 0)]), ["20 Nov", "21 Nov"]);
});

Deno.test("formatInterval() says as much as its length needs", () => {
  equal(formatInterval(at(21, 14, 5), 60), "14:05");
  equal(formatInterval(at(21, 14), 3600), "21 Nov 14:00–15:00");
  equal(formatInterval(at(21, 0), 86_400), "21 Nov");
});
