/** Numbers as people read them in a table: few digits, with the unit. @module */

/** `0`, `812`, `12.3k`, `4.5M`. */
export function formatCount(count: number): string {
  if (count < 10_000) return String(Math.round(count));
  return scaled(count, ["k", "M", "G", "T"]);
}

/** `0 B`, `812 B`, `12.3 kB`, `4.5 MB`; a kB is 1000 bytes, as in the sizes that flags take. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  return scaled(bytes, [" kB", " MB", " GB", " TB"]);
}

function scaled(value: number, units: readonly string[]): string {
  let at = -1;
  let rest = value;
  while (rest >= 999.5 && at < units.length - 1) {
    rest /= 1000;
    at++;
  }
  return `${rest < 99.95 ? rest.toFixed(1) : rest.toFixed(0)}${units[at] ?? ""}`;
}

/** `<0.1 ms`, `0.3 ms`, `84 ms`, `1.20 s`, `3m 05s`, `2h 10m`; empty for null. */
export function formatDuration(ms: number | null): string {
  if (ms === null) return "";
  if (ms < 0.05) return "<0.1 ms";
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${ms.toFixed(0)} ms`;
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${pad(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h ${pad(Math.floor(seconds / 60) % 60)}m`;
}

/** `0 %`, `3.4 %`, `100 %`; `<0.1 %` where rounding would hide that there are some. */
export function formatPercent(ratio: number): string {
  const percent = ratio * 100;
  if (percent === 0) return "0 %";
  if (percent < 0.1) return "<0.1 %";
  return percent < 9.95 ? `${percent.toFixed(1)} %` : `${percent.toFixed(0)} %`;
}

/** Local time of day with ms, preceded by the date when it is not `now`'s: `14:03:07.120`, `11-20 14:03:07.120`. */
export function formatClock(iso: string, now: Date): string {
  const time = new Date(iso);
  const clock = formatTimeOfDay(time);
  if (time.toDateString() === now.toDateString()) return clock;
  const day = `${pad(time.getMonth() + 1)}-${pad(time.getDate())} ${clock}`;
  return time.getFullYear() === now.getFullYear() ? day : `${time.getFullYear()}-${day}`;
}

/** Local time of day with ms: `14:03:07.120`. */
export function formatTimeOfDay(time: Date): string {
  const ms = String(time.getMilliseconds()).padStart(3, "0");
  return `${pad(time.getHours())}:${pad(time.getMinutes())}:${pad(time.getSeconds())}.${ms}`;
}

/** How long ago: `just now`, `12 s ago`, `5 min ago`, `3 h ago`, `12 d ago`; empty for null. */
export function formatAgo(iso: string | null, now: Date): string {
  if (iso === null) return "";
  const seconds = Math.max(0, (now.getTime() - Date.parse(iso)) / 1000);
  if (seconds < 2) return "just now";
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  if (seconds < 172_800) return `${Math.round(seconds / 3600)} h ago`;
  return `${Math.round(seconds / 86_400)} d ago`;
}

const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/** One bar per value, the highest value being full; an empty place where there was nothing. */
export function sparkline(values: readonly number[]): string {
  const highest = Math.max(...values, 0);
  if (highest === 0) return " ".repeat(values.length);
  return values.map((value) => value <= 0 ? " " : BARS[Math.ceil(value / highest * BARS.length) - 1] ?? "█")
    .join("");
}

/** `1 event`, `2 events`. */
export function plural(count: number, noun: string): string {
  return `${count === 1 ? 1 : new Intl.NumberFormat("en").format(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}
