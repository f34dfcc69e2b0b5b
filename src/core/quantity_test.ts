import { equal } from "node:assert/strict";
import {
  formatAgo,
  formatBytes,
  formatClock,
  formatCount,
  formatDuration,
  formatPercent,
  plural,
  sparkline,
} from "./quantity.ts";

function table<T>(
  name: string,
  format: (value: T) => string,
  cases: readonly (readonly [T, string])[],
): void {
  for (const [value, text] of cases) {
    Deno.test(`${name}(${value}) is "${text}"`, () => equal(format(value), text));
  }
}

table("formatBytes", formatBytes, [
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [99_949, "99.9 kB"],
  [
    99_960,
    "100 kB",
  ],
  [999_499, "999 kB"],
  [999_500, "1.0 MB"],
  [2e9, "2.0 GB"],
]);
table("formatCount", formatCount, [[0, "0"], [9999, "9999"], [10_000, "10.0k"], [1_234_567, "1.2M"]]);
table("formatDuration", formatDuration, [
  [null, ""],
  [0.001, "<0.1 ms"],
  [0.34, "0.3 ms"],
  [9.94, "9.9 ms"],
  [
    9.96,
    "10 ms",
  ],
  [999.6, "1.00 s"],
  [59_990, "59.99 s"],
  [59_999, "1m 00s"],
  [7_260_000, "2h 01m"],
]);
table("formatPercent", formatPercent, [[0, "0 %"], [0.0001, "<0.1 %"], [0.034, "3.4 %"], [1, "100 %"]]);
table("sparkline", sparkline, [[[], ""], [[0, 0], "  "], [[1, 0, 8, 4], "▁ █▄"]]);

Deno.test("formatClock() adds the date when it is not today", () => {
  const now = new Date(2026, 10, 21, 18, 0);
  equal(formatClock(new Date(2026, 10, 21, 9, 3, 7, 12).toISOString(), now), "09:03:07.012");
  equal(formatClock(new Date(2026, 10, 20, 9, 3, 7, 12).toISOString(), now), "11-20 09:03:07.012");
  equal(formatClock(new Date(2025, 10, 20, 9, 3, 7, 12).toISOString(), now), "2025-11-20 09:03:07.012");
});

Deno.test("formatAgo() uses the unit that fits", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  const ago = (seconds: number) => formatAgo(new Date(now.getTime() - seconds * 1000).toISOString(), now);
  equal([0, 30, 300, 7200, 400_000].map(ago).join(), "just now,30 s ago,5 min ago,2 h ago,5 d ago");
  equal(ago(-60), "just now");
  equal(formatAgo(null, now), "");
});

Deno.test("plural() counts", () =>
  equal([0, 1, 1234].map((n) => plural(n, "event")).join(), "0 events,1 event,1,234 events"));
