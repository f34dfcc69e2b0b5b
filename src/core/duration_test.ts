import { deepEqual, equal, throws } from "node:assert/strict";
import type { KmError } from "./error.ts";
import { durationWords, parseDuration, parseTime } from "./duration.ts";

const NOW_US = Date.UTC(2026, 10, 21, 12, 0, 0, 0) * 1000;
const HOUR_US = 3_600_000_000;

Deno.test("parseDuration() reads numbers with units", () => {
  const read = ["250ms", "2s", "10m", "24h", "7d", "2w", "1h30m", "1.5s", "0s"].map(parseDuration);
  const expected = [250, 2000, 600_000, 86_400_000, 604_800_000, 1_209_600_000, 5_400_000, 1500, 0];
  equal(read.join(), expected.join());
});

Deno.test("durationWords() says a duration to the ms", () => {
  const said = ["0s", "300ms", "2s", "1.5s", "90s", "2h", "2w"].map((text) =>
    durationWords(parseDuration(text))
  );
  deepEqual(said, ["0 ms", "300 ms", "2 s", "1 s 500 ms", "1 min 30 s", "2 h", "14 d"]);
});

for (const text of ["", "5", "s", "-3s", "3 parsecs", "1h 30m", "1y"]) {
  Deno.test(`parseDuration() refuses "${text}"`, () => {
    throws(() => parseDuration(text), (error: KmError) => error.code === "usage" && error.hint !== undefined);
  });
}

Deno.test("parseTime() counts a duration back from now", () => {
  equal(parseTime("2h", NOW_US), NOW_US - 2 * HOUR_US);
  equal(parseTime("2h ago", NOW_US), NOW_US - 2 * HOUR_US);
  equal(parseTime("now", NOW_US), NOW_US);
});

Deno.test("parseTime() reads the time of an event to the µs", () => {
  equal(
    parseTime("2026-11-21T11:50:36.123456Z", NOW_US),
    Date.UTC(2026, 10, 21, 11, 50, 36) * 1000 + 123_456,
  );
});

Deno.test("parseTime() reads a time without zone as local", () => {
  equal(parseTime("2026-11-21 09:30", NOW_US), new Date(2026, 10, 21, 9, 30).getTime() * 1000);
  equal(parseTime("2026-11-21T09:30+02:00", NOW_US), Date.UTC(2026, 10, 21, 7, 30) * 1000);
});

Deno.test("parseTime() takes today, yesterday and dates from local midnight", () => {
  const now = new Date(NOW_US / 1000);
  const midnight = (days: number) =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days).getTime() * 1000;
  equal(parseTime("today", NOW_US), midnight(0));
  equal(parseTime("Yesterday", NOW_US), midnight(-1));
  equal(parseTime("2026-03-01", NOW_US), new Date(2026, 2, 1).getTime() * 1000);
});

for (const text of ["", "yesterda", "2026-02-30", "2026-13-01", "11:30", "2026-11-21T25:00", "12"]) {
  Deno.test(`parseTime() refuses "${text}"`, () => {
    throws(
      () => parseTime(text, NOW_US),
      (error: KmError) => error.code === "usage" && error.hint !== undefined,
    );
  });
}
