/** How a call is drawn over time: one line for each moment, with a bar from the one before. Pure. @module */
import type { Moment } from "./detail.ts";

/** More moments than that are folded in the middle: a long job may send thousands of progress notifications. */
const MAX_LINES = 24;

export type TimelineLine =
  | {
    readonly kind: "moment";
    readonly moment: Moment;
    /** Since the moment before. */
    readonly gapMs: number;
    /** Where the bar begins and how long it is, of the whole width. */
    readonly leftPercent: number;
    readonly widthPercent: number;
  }
  | { readonly kind: "folded"; readonly count: number };

/** Lays moments out in their order. `totalMs` is what the whole width stands for; the last moment when it is null. */
export function layoutTimeline(moments: readonly Moment[], totalMs: number | null): readonly TimelineLine[] {
  const spanMs = Math.max(totalMs ?? 0, ...moments.map(({ offsetMs }) => offsetMs));
  const percent = (ms: number) => spanMs === 0 ? 0 : Math.max(0, Math.min(100, 100 * ms / spanMs));
  const lines = moments.map((moment, at): TimelineLine => {
    const beforeMs = moments[at - 1]?.offsetMs ?? 0;
    // A clock that was set back leaves no bar of negative length.
    const gapMs = Math.max(0, moment.offsetMs - beforeMs);
    const leftPercent = percent(Math.min(beforeMs, moment.offsetMs));
    return {
      kind: "moment",
      moment,
      gapMs,
      leftPercent,
      widthPercent: percent(moment.offsetMs) - leftPercent,
    };
  });
  if (lines.length <= MAX_LINES) return lines;
  const half = MAX_LINES / 2;
  return [
    ...lines.slice(0, half),
    { kind: "folded", count: lines.length - MAX_LINES },
    ...lines.slice(-half),
  ];
}
