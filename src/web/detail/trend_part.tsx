/** The calls of a server or tool over time. @module */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import { callsSummary, seriesColumns } from "../overview/series.ts";
import { useQuery } from "../shell/api.ts";
import { askStats } from "../shell/questions.ts";
import { intervalWords, type Range } from "../shell/range.ts";
import { Plot } from "../ui/plot.tsx";
import { DetailPart } from "./detail_panel.tsx";
import { formatCount } from "../ui/figures.ts";

export function TrendPart(
  { range, server, tool }: { readonly range: Range; readonly server: string; readonly tool?: string },
): JSX.Element {
  const query = {
    since: range.value,
    by: "day" as const,
    interval: range.interval,
    server,
    ...(tool !== undefined && { tool }),
  };
  const { data, loading } = useQuery(
    `trend ${JSON.stringify(query)}`,
    (signal) => askStats(query, signal),
  );
  const plot = useMemo(() => {
    if (data === null) return null;
    const { startsS, calls, errors } = seriesColumns(data.series);
    return {
      startsS,
      lines: [
        {
          label: "Calls",
          values: calls,
          color: "plot-1",
          kind: "bars",
          rest: formatCount(data.totals.calls),
        },
        {
          label: "Errors",
          values: errors,
          color: "plot-bad",
          kind: "bars",
          rest: formatCount(data.totals.errors),
        },
      ] as const,
    };
  }, [data]);
  return (
    <DetailPart title={`Calls per ${data === null ? range.intervalWords : intervalWords(data.intervalMs)}`}>
      <div class="trend" aria-busy={loading}>
        {data === null || plot === null || loading ? <span class="skeleton trend-skeleton" /> : (
          <Plot
            {...plot}
            summary={callsSummary(data, range.words)}
            intervalS={data.intervalMs / 1000}
            format={formatCount}
          />
        )}
      </div>
    </DetailPart>
  );
}
