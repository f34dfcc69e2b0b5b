/** Overview: today at a glance, and how it came to be. @module */
import type { JSX } from "preact";
import { parseDuration } from "../../core/duration.ts";
import { useQuery } from "../shell/api.ts";
import { askOverview, askServers, askStats, askTools } from "../shell/questions.ts";
import { RANGES, useRange } from "../shell/range.ts";
import { Choice } from "../ui/choice.tsx";
import { ErrorNote } from "../ui/error_note.tsx";
import { PageHead } from "../ui/page_head.tsx";
import { Changes, Findings } from "./findings.tsx";
import { Odometer } from "./odometer.tsx";
import { CallsPlot, LatencyPlot } from "./plots.tsx";
import { TopServers, TopTools } from "./top.tsx";

/** Figures move while one looks; lists less so. */
const FIGURES_EVERY_MS = 5000;
const LISTS_EVERY_MS = 15_000;

export function OverviewPage(): JSX.Element {
  const [range, setRange] = useRange("24h");
  const since = range.value;
  const overview = useQuery("overview", askOverview, { refreshMs: FIGURES_EVERY_MS });
  const stats = useQuery(
    `stats ${since}`,
    (signal) => askStats({ since, by: "server", interval: range.interval }, signal),
    { refreshMs: FIGURES_EVERY_MS },
  );
  const servers = useQuery(`servers ${since}`, (signal) => askServers(since, signal), {
    refreshMs: LISTS_EVERY_MS,
  });
  const tools = useQuery(`tools ${since}`, (signal) => askTools(since, signal), {
    refreshMs: LISTS_EVERY_MS,
  });
  const failed = [overview, stats, servers, tools].find(({ error }) => error !== null);
  const plot = {
    stats: stats.data,
    words: range.words,
    intervalMs: parseDuration(range.interval),
    busy: stats.loading,
  };
  return (
    <div class="overview">
      <PageHead title="Overview">
        <Choice label="Range of the plots and lists" options={RANGES} value={since} onChoose={setRange} />
      </PageHead>
      {failed?.error && (
        <ErrorNote
          error={failed.error}
          retry={() => {
            for (const query of [overview, stats, servers, tools]) query.refresh();
          }}
        />
      )}
      <Odometer overview={overview.data} />
      <div class="pair">
        <CallsPlot {...plot} />
        <LatencyPlot {...plot} />
      </div>
      <div class="pair">
        <TopTools tools={tools.data} words={range.words} range={since} />
        <TopServers servers={servers.data} words={range.words} range={since} />
      </div>
      <div class="pair">
        <Findings findings={overview.data?.findings ?? null} />
        <Changes changes={overview.data?.changes ?? null} />
      </div>
    </div>
  );
}
