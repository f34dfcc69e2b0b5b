/** How far back a page looks: in its address, so that a link shows the same. @module */
import { setParams, usePlace } from "./router.ts";

export const RANGES = [
  { value: "1h", label: "1 h", words: "the last hour", interval: "1m", intervalWords: "minute" },
  { value: "24h", label: "24 h", words: "the last 24 hours", interval: "15m", intervalWords: "15 minutes" },
  { value: "7d", label: "7 d", words: "the last 7 days", interval: "1h", intervalWords: "hour" },
  { value: "30d", label: "30 d", words: "the last 30 days", interval: "1d", intervalWords: "day" },
] as const;

export type Range = typeof RANGES[number];
export type RangeValue = Range["value"];

/** The range that `text` names, or that of `otherwise`. */
export function rangeOf(text: string | null, otherwise: RangeValue): Range {
  return RANGES.find(({ value }) => value === text) ?? RANGES.find(({ value }) => value === otherwise) ??
    RANGES[0];
}

/** The range in the address, and how to change it. */
export function useRange(otherwise: RangeValue): readonly [Range, (value: RangeValue) => void] {
  const { params } = usePlace();
  return [
    rangeOf(params.get("range"), otherwise),
    (value) => setParams({ range: value === otherwise ? null : value }),
  ];
}

/** An interval in words, by its length: the store may give longer ones than asked for. */
export function intervalWords(intervalMs: number): string {
  const known: Readonly<Record<number, string>> = {
    60_000: "minute",
    300_000: "5 minutes",
    900_000: "15 minutes",
    3_600_000: "hour",
    86_400_000: "day",
  };
  return known[intervalMs] ?? `${Math.round(intervalMs / 60_000)} minutes`;
}
