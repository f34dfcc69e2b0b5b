/** Durations and points in time as people write them. @module */

import { KmError } from "./error.ts";

const UNITS_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Returns the ms that `text` names: `250ms`, `2s`, `10m`, `24h`, `7d`, `1h30m`. @throws {KmError} usage when it names none */
export function parseDuration(text: string): number {
  const ms = durationMs(text);
  if (ms === undefined) {
    throw new KmError("usage", `Cannot read "${text}" as a duration`, {
      hint: "write a number with its unit: 250ms, 30s, 10m, 24h, 7d, 2w",
    });
  }
  return ms;
}

const WORDS: readonly (readonly [unit: string, ms: number])[] = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1000],
  ["ms", 1],
];

/** A duration that somebody chose, to the ms: `300 ms`, `2 s`, `1 min 30 s`, `7 d`. */
export function durationWords(ms: number): string {
  let rest = Math.round(ms);
  const words: string[] = [];
  for (const [unit, unitMs] of WORDS) {
    const count = Math.floor(rest / unitMs);
    rest -= count * unitMs;
    if (count > 0) words.push(`${count} ${unit}`);
  }
  return words.length === 0 ? "0 ms" : words.join(" ");
}

/**
 * Returns the point in time that `text` names, in µs since the Unix epoch: a duration ago (`10m`, `7d`), `now`, `today`,
 * `yesterday` (local midnight), an ISO date (local midnight) or an ISO time (local when it has no zone).
 * @throws {KmError} usage when it names none
 */
export function parseTime(text: string, nowUs: number): number {
  const ms = timeMs(text.trim(), Math.floor(nowUs / 1000));
  if (ms === undefined || Number.isNaN(ms)) {
    throw new KmError("usage", `Cannot read "${text}" as a time`, {
      hint: "write how long ago (10m, 24h, 7d), today, yesterday, 2026-11-21 or 2026-11-21T09:30",
    });
  }
  return Math.round(ms * 1000);
}

function durationMs(text: string): number | undefined {
  const parts = text.trim().toLowerCase();
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d|w))+$/.test(parts)) return undefined;
  let ms = 0;
  for (const [, number, unit] of parts.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d|w)/g)) {
    ms += Number(number) * (UNITS_MS[unit as string] as number);
  }
  return Number.isSafeInteger(Math.round(ms)) ? Math.round(ms) : undefined;
}

function timeMs(text: string, nowMs: number): number | undefined {
  const ago = durationMs(text.replace(/^-/, "").replace(/\s+ago$/i, ""));
  if (ago !== undefined) return nowMs - ago;
  switch (text.toLowerCase()) {
    case "now":
      return nowMs;
    case "today":
      return localMidnight(nowMs, 0);
    case "yesterday":
      return localMidnight(nowMs, -1);
  }
  const date = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (date) return midnightOf(Number(date[1]), Number(date[2]), Number(date[3]));
  const iso = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2})?)([.]\d+)?\s*(Z|[+-]\d{2}:?\d{2})?$/i.exec(
    text,
  );
  if (!iso) return undefined;
  const whole = Date.parse(`${iso[1]}T${iso[2]}${(iso[4] ?? "").toUpperCase()}`);
  // Date knows ms only; what `time` of an event shows is µs.
  return whole + Number(`0${iso[3] ?? ""}`) * 1000;
}

function localMidnight(nowMs: number, days: number): number {
  const now = new Date(nowMs);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days).getTime();
}

/** Local midnight of a date; undefined for one that no calendar has (2026-02-30). */
function midnightOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day ? date.getTime() : undefined;
}
