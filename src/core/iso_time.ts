/** Times as ISO 8601 says them, read to the µs. @module */

/** With an offset or `Z`, and up to nanoseconds, of which the last three digits are dropped. */
export const ISO_TIME =
  /^(\d{4}-\d\d-\d\dT\d\d:\d\d):([0-5]\d)(?:\.(\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
/** A later one would not fit in µs into the whole numbers of JSON (it ends in 2255). */
const MAX_MS = Date.UTC(2200, 0);

/** Events come by the thousand within a minute: the last one is remembered. */
let lastMinute = "";
let lastMinuteMs = 0;

/** µs since the Unix epoch; null when `text` is no time, or not from 1970 to 2199. */
export function parseTimeUs(text: string): number | null {
  const match = ISO_TIME.exec(text);
  if (match === null) return null;
  const [, minute = "", second = "", fraction = "", zone = ""] = match;
  const minuteMs = minute === lastMinute ? lastMinuteMs : readMinute(minute);
  if (minuteMs === null) return null;
  lastMinute = minute;
  lastMinuteMs = minuteMs;
  const ms = minuteMs + Number(second) * 1000 - offsetMs(zone);
  if (ms < 0 || ms >= MAX_MS) return null;
  return ms * 1000 + (fraction === "" ? 0 : Number(fraction.slice(0, 6).padEnd(6, "0")));
}

/** The 31st of February is no day, although Date.parse would take it. */
function readMinute(minute: string): number | null {
  const ms = Date.parse(minute + "Z");
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 16) !== minute ? null : ms;
}

function offsetMs(zone: string): number {
  if (zone === "Z") return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith("-") ? -minutes : minutes) * 60_000;
}
