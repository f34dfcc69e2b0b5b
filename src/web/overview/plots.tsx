/** Calls and their latency over time. @module */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { formatDuration } from "../../core/quantity.ts";
import type { Stats } from "../shell/contract.ts";
import { intervalWords } from "../shell/range.ts";
import { Card } from "../ui/card.tsx";
import { Plot } from "../ui/plot.tsx";
import { callsSummary, latencySummary, seriesColumns } from "./series.ts";
import { formatCount } from "../ui/figures.ts";

interface PlotCardProps {
  readonly stats: Stats | null;
  /** The range in words: "the last hour". */
  readonly words: string;
  readonly intervalMs: number;
  readonly busy: boolean;
}

export function CallsPlot({ stats, words, intervalMs, busy }: PlotCardProps): JSX.Element {
  const lines = useMemo(() => {
    if (stats === null) return null;
    const { startsS, calls, errors } = seriesColumns(stats.series);
    const { totals } = stats;
    return {
      startsS,
      lines: [
        { label: "Calls", values: calls, color: "plot-1", kind: "bars", rest: formatCount(totals.calls) },
        {
          label: "Errors",
          values: errors,
          color: "plot-bad",
          kind: "bars",
          rest: formatCount(totals.errors),
        },
      ] as const,
    };
  }, [stats]);
  return (
    <Card title={`Calls per ${intervalWords(stats?.intervalMs ?? intervalMs)}`} busy={busy}>
      {stats === null || lines === null
        ? <NoPlot />
        : stats.totals.calls === 0
        ? <NoPlot words={`No calls in ${words}`} />
        : (
          <Plot
            {...lines}
            summary={callsSummary(stats, words)}
            intervalS={stats.intervalMs / 1000}
            format={formatCount}
            group="overview"
          />
        )}
    </Card>
  );
}

export function LatencyPlot({ stats, words, busy }: PlotCardProps): JSX.Element {
  const lines = useMemo(() => {
    if (stats === null) return null;
    const { startsS, p50Ms, p95Ms, p99Ms } = seriesColumns(stats.series);
    const rest = (ms: number | null) => ms === null ? "–" : formatDuration(ms);
    const { totals } = stats;
    return {
      startsS,
      lines: [
        { label: "p50", values: p50Ms, color: "plot-1", kind: "line", rest: rest(totals.p50Ms) },
        { label: "p95", values: p95Ms, color: "plot-2", kind: "line", rest: rest(totals.p95Ms) },
        { label: "p99", values: p99Ms, color: "plot-3", kind: "line", rest: rest(totals.p99Ms) },
      ] as const,
    };
  }, [stats]);
  return (
    <Card title="Latency" busy={busy}>
      {stats === null || lines === null
        ? <NoPlot />
        : stats.totals.p50Ms === null
        ? <NoPlot words={`No durations in ${words}`} />
        : (
          <Plot
            {...lines}
            summary={latencySummary(stats, words)}
            intervalS={stats.intervalMs / 1000}
            format={formatDuration}
            onTop="first"
            group="overview"
          />
        )}
    </Card>
  );
}

/** The place of a plot: while it is loading, or with `words` where there is nothing to draw. */
function NoPlot({ words }: { readonly words?: string }): JSX.Element {
  return (
    <div class="plot" aria-busy={words === undefined}>
      <div class="plot-legend" />
      <div class="plot-area">
        {words === undefined ? <span class="skeleton plot-skeleton" /> : <p class="plot-nothing">{words}</p>}
      </div>
    </div>
  );
}
