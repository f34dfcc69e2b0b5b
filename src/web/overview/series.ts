/** A series of the API as plots take it, and in words. @module */
import { formatDuration, formatPercent, plural } from "../../core/quantity.ts";
import type { SeriesPoint, Stats } from "../shell/contract.ts";
import { intervalWords } from "../shell/range.ts";

/** Columns of a series. */
export interface SeriesColumns {
  readonly startsS: readonly number[];
  readonly calls: readonly number[];
  readonly errors: readonly number[];
  readonly p50Ms: readonly (number | null)[];
  readonly p95Ms: readonly (number | null)[];
  readonly p99Ms: readonly (number | null)[];
}

export function seriesColumns(series: readonly SeriesPoint[]): SeriesColumns {
  return {
    startsS: series.map(({ start }) => Date.parse(start) / 1000),
    calls: series.map(({ calls }) => calls),
    errors: series.map(({ errors }) => errors),
    p50Ms: series.map(({ p50Ms }) => p50Ms),
    p95Ms: series.map(({ p95Ms }) => p95Ms),
    p99Ms: series.map(({ p99Ms }) => p99Ms),
  };
}

/** The plot of calls in a sentence. */
export function callsSummary({ totals, series, intervalMs }: Stats, words: string): string {
  if (totals.calls === 0) return `No calls in ${words}.`;
  const peak = series.reduce((highest, { calls }) => Math.max(highest, calls), 0);
  return `${plural(totals.calls, "call")} in ${words}, ${plural(totals.errors, "error")} ` +
    `(${formatPercent(totals.errorRate)}); at most ${plural(peak, "call")} per ${intervalWords(intervalMs)}.`;
}

/** The plot of latency in a sentence. */
export function latencySummary({ totals }: Stats, words: string): string {
  if (totals.p50Ms === null) return `No durations in ${words}.`;
  return `In ${words}, half of the calls took at most ${formatDuration(totals.p50Ms)}, 95 of 100 at most ` +
    `${formatDuration(totals.p95Ms)}, 99 of 100 at most ${formatDuration(totals.p99Ms)}.`;
}
