/** The spread of durations as bars, and in words: pure. @module */
import { formatDuration, formatPercent, plural } from "../../core/quantity.ts";
import type { Latency } from "../shell/contract.ts";

export interface Bar {
  readonly fromMs: number;
  readonly toMs: number;
  readonly calls: number;
  /** Height, 0 to 1: the highest bar has 1. */
  readonly share: number;
}

/** At most this many bars fit beside each other in a panel. */
const MAX_BARS = 40;

/** The bars from the fastest to the slowest call, neighbours joined when there are too many. */
export function histogramBars({ buckets }: Pick<Latency, "buckets">): Bar[] {
  const first = buckets.findIndex(({ calls }) => calls > 0);
  if (first === -1) return [];
  const used = buckets.slice(first, buckets.findLastIndex(({ calls }) => calls > 0) + 1);
  const joined = joinNeighbours(used, Math.ceil(used.length / MAX_BARS));
  const highest = Math.max(...joined.map(({ calls }) => calls));
  return joined.map((bucket) => ({ ...bucket, share: bucket.calls / highest }));
}

function joinNeighbours(buckets: Latency["buckets"], count: number): Latency["buckets"][number][] {
  const joined = [];
  for (let at = 0; at < buckets.length; at += count) {
    const part = buckets.slice(at, at + count);
    joined.push({
      fromMs: part[0]?.fromMs ?? 0,
      toMs: part.at(-1)?.toMs ?? 0,
      calls: part.reduce((sum, { calls }) => sum + calls, 0),
    });
  }
  return joined;
}

/** One bar in words. */
export function barWords({ fromMs, toMs, calls }: Bar, all: number): string {
  return `${formatDuration(fromMs)} to ${formatDuration(toMs)}: ${plural(calls, "call")}, ${
    formatPercent(calls / Math.max(1, all))
  }`;
}
