/** How the durations of a server's or tool's calls are spread. @module */
import type { JSX } from "preact";
import { formatDuration, plural } from "../../core/quantity.ts";
import { useQuery } from "../shell/api.ts";
import type { Latency } from "../shell/contract.ts";
import { askLatency } from "../shell/questions.ts";
import { ErrorNote } from "../ui/error_note.tsx";
import { DetailPart } from "./detail_panel.tsx";
import { barWords, histogramBars } from "./histogram.ts";

const WIDTH = 400;
const HEIGHT = 96;

export function LatencyPart(
  { since, server, tool }: { readonly since: string; readonly server: string; readonly tool?: string },
): JSX.Element {
  const query = { since, server, ...(tool !== undefined && { tool }) };
  const latency = useQuery(`latency ${JSON.stringify(query)}`, (signal) => askLatency(query, signal));
  const shown = latency.loading ? null : latency.data;
  return (
    <DetailPart title="Latency">
      {latency.error && <ErrorNote error={latency.error} retry={latency.refresh} />}
      <div class="histogram" aria-busy={latency.loading}>
        {shown === null
          ? !latency.error && <span class="skeleton histogram-skeleton" />
          : shown.calls === 0
          ? <p class="none">No call took a measurable time in this range.</p>
          : <Histogram latency={shown} />}
      </div>
    </DetailPart>
  );
}

function Histogram({ latency }: { readonly latency: Latency }): JSX.Element {
  const bars = histogramBars(latency);
  const step = WIDTH / bars.length;
  const wide = Math.min(step - 1.5, 28);
  const [first, last] = [bars[0], bars.at(-1)];
  return (
    <>
      <p class="percentiles">
        p50 <b>{formatDuration(latency.p50Ms)}</b> · p95 <b>{formatDuration(latency.p95Ms)}</b> · p99{" "}
        <b>{formatDuration(latency.p99Ms)}</b>
      </p>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Durations of ${plural(latency.calls, "call")}: ${
          bars.filter(({ calls }) => calls > 0).map((bar) => barWords(bar, latency.calls)).join("; ")
        }`}
      >
        {bars.map((bar, at) => {
          const tall = bar.calls === 0 ? 0 : Math.max(2, bar.share * (HEIGHT - 2));
          return (
            <g key={bar.fromMs}>
              <title>{barWords(bar, latency.calls)}</title>
              <rect class="histogram-place" x={at * step} y={0} width={step} height={HEIGHT} />
              <rect
                class={`histogram-bar ${toneOf(bar.fromMs, latency)}`}
                x={at * step}
                y={HEIGHT - tall}
                width={wide}
                height={tall}
              />
            </g>
          );
        })}
      </svg>
      <p class="histogram-ends sub">
        <span>{formatDuration(first?.fromMs ?? null)}</span>
        <span>{formatDuration(last?.toMs ?? null)}</span>
      </p>
    </>
  );
}

/** Same colours as the percentiles of the plots. */
function toneOf(fromMs: number, { p95Ms, p99Ms }: Latency): string {
  if (p99Ms !== null && fromMs >= p99Ms) return "plot-3";
  return p95Ms !== null && fromMs >= p95Ms ? "plot-2" : "plot-1";
}
