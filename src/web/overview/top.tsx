/** The servers and tools that are used most. @module */
import type { JSX } from "preact";
import { formatDuration, formatPercent, plural } from "../../core/quantity.ts";
import type { Server, Tool } from "../shell/contract.ts";
import { liveHref, serverHref, toolHref } from "../shell/links.ts";
import { Card } from "../ui/card.tsx";
import { Empty, MONITOR_COMMAND } from "../ui/empty.tsx";
import { Name } from "../ui/name.tsx";
import { Rate } from "../ui/rate.tsx";
import { RowsSkeleton } from "../ui/skeleton.tsx";
import { Sparkline } from "../ui/sparkline.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { formatCount } from "../ui/figures.ts";

/** As many as are seen at a glance. */
const SHOWN = 6;

interface Used {
  readonly server: string;
  readonly tool?: string;
  readonly calls: number;
  readonly errors: number;
  readonly errorRate: number;
  readonly p95Ms: number | null;
  readonly series: readonly number[];
}

function figureColumns(words: string): readonly Column<Used>[] {
  return [
    {
      key: "trend",
      label: "Trend",
      wideOnly: true,
      cell: ({ series, calls }) => (
        <Sparkline values={series} label={`${plural(calls, "call")} in ${words}, over time`} />
      ),
    },
    { key: "calls", label: "Calls", numeric: true, cell: ({ calls }) => formatCount(calls) },
    {
      key: "errors",
      label: "Errors",
      numeric: true,
      cell: ({ server, tool, errors, errorRate }) => {
        const title = `${plural(errors, "error")}, ${formatPercent(errorRate)}`;
        const rate = <Rate ratio={errorRate} title={title} />;
        if (errors === 0) return rate;
        return (
          <a href={liveHref({ server, tool: tool ?? null, outcome: "errors" })} aria-label={title}>{rate}</a>
        );
      },
    },
    {
      key: "p95",
      label: "p95",
      title: "95 of 100 calls took at most this long",
      numeric: true,
      cell: ({ p95Ms }) => p95Ms === null ? <span class="none">–</span> : formatDuration(p95Ms),
    },
  ];
}

export function TopTools(
  { tools, words, range }: {
    readonly tools: readonly Tool[] | null;
    readonly words: string;
    readonly range: string;
  },
): JSX.Element {
  const top = tools?.filter(({ calls }) => calls > 0).toSorted((a, b) => b.calls - a.calls).slice(0, SHOWN);
  return (
    <Card title="Top tools" aside={<a href={`/tools?range=${range}`}>All tools</a>}>
      {top === undefined
        ? <RowsSkeleton rows={SHOWN} />
        : top.length === 0
        ? <Empty title={`No tool was called in ${words}`}>Choose a longer range, or look at all tools.</Empty>
        : (
          <Table
            label="Top tools"
            rows={top}
            rowKey={({ server, tool }) => `${server} ${tool}`}
            href={(row) => toolHref(row)}
            columns={[
              {
                key: "name",
                label: "Tool",
                cell: (row) => (
                  <>
                    <a href={toolHref(row)}>
                      <Name text={row.tool} />
                    </a>{" "}
                    <span class="sub">
                      <Name text={row.server} />
                    </span>
                  </>
                ),
              },
              ...figureColumns(words),
            ]}
          />
        )}
    </Card>
  );
}

export function TopServers(
  { servers, words, range }: {
    readonly servers: readonly Server[] | null;
    readonly words: string;
    readonly range: string;
  },
): JSX.Element {
  const top = servers?.toSorted((a, b) => b.calls - a.calls).slice(0, SHOWN);
  return (
    <Card title="Top servers" aside={<a href={`/servers?range=${range}`}>All servers</a>}>
      {top === undefined ? <RowsSkeleton rows={SHOWN} /> : top.length === 0
        ? (
          <Empty
            title="No server is monitored yet"
            command={MONITOR_COMMAND}
          >
            Put <code>km monitor --</code>{" "}
            before the command of a server, in the configuration of your AI tool.
          </Empty>
        )
        : (
          <Table
            label="Top servers"
            rows={top}
            rowKey={({ server }) => server}
            href={({ server }) => serverHref(server)}
            columns={[
              {
                key: "name",
                label: "Server",
                cell: ({ server, running }) => (
                  <>
                    <a href={serverHref(server)}>
                      <Name text={server} />
                    </a>{" "}
                    {running > 0 && <span class="tag good">running</span>}
                  </>
                ),
              },
              ...figureColumns(words),
            ]}
          />
        )}
    </Card>
  );
}
