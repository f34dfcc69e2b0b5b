/** Servers: what each is, how heavy, how much used, how well it works. @module */
import type { JSX } from "preact";
import { formatDuration, plural } from "../../core/quantity.ts";
import { useQuery } from "../shell/api.ts";
import type { Server } from "../shell/contract.ts";
import { askServers } from "../shell/questions.ts";
import { RANGES, useRange } from "../shell/range.ts";
import { changedQuery, setParams, usePlace } from "../shell/router.ts";
import { Card } from "../ui/card.tsx";
import { Choice } from "../ui/choice.tsx";
import { Empty, MONITOR_COMMAND } from "../ui/empty.tsx";
import { ErrorNote } from "../ui/error_note.tsx";
import { Name } from "../ui/name.tsx";
import { NotInRange } from "../ui/not_in_range.tsx";
import { PageHead } from "../ui/page_head.tsx";
import { Rate } from "../ui/rate.tsx";
import { RowsSkeleton } from "../ui/skeleton.tsx";
import { formatSort, parseSort } from "../ui/sort.ts";
import { Sparkline } from "../ui/sparkline.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { Ago } from "../ui/time.tsx";
import { ServerDetail } from "./server_detail.tsx";
import { formatCount } from "../ui/figures.ts";

const EVERY_MS = 15_000;

export function ServersPage(): JSX.Element {
  const { params } = usePlace();
  const [range, setRange] = useRange("7d");
  const { data, error, loading, refresh } = useQuery(
    `servers ${range.value}`,
    (signal) => askServers(range.value, signal),
    { refreshMs: EVERY_MS },
  );
  const name = params.get("server");
  const chosen = data?.find(({ server }) => server === name);
  return (
    <>
      <PageHead title="Servers" {...(data && { note: plural(data.length, "server") })}>
        <Choice label="Range of the figures" options={RANGES} value={range.value} onChoose={setRange} />
      </PageHead>
      {error && <ErrorNote error={error} retry={refresh} />}
      {data && name !== null && !chosen && <NotInRange name={name} range={range} />}
      <div class={chosen ? "with-detail" : ""}>
        <Card title="All servers" note={range.words} class="plain" busy={loading}>
          {data === null ? <RowsSkeleton rows={5} /> : data.length === 0 ? <NoServers /> : (
            <Table
              label="Servers"
              rows={data}
              rowKey={({ server }) => server}
              href={hrefOf}
              isSelected={({ server }) => server === name}
              sort={parseSort(params.get("sort"), { key: "calls", descending: true })}
              onSort={(sort) => setParams({ sort: formatSort(sort) })}
              columns={COLUMNS}
            />
          )}
        </Card>
        {chosen && (
          <ServerDetail
            server={chosen}
            range={range}
            onClose={() => setParams({ server: null }, { push: true })}
          />
        )}
      </div>
    </>
  );
}

function NoServers(): JSX.Element {
  return (
    <Empty
      title="No server is monitored yet"
      command={MONITOR_COMMAND}
    >
      Put <code>km monitor --</code> before the command of a server, in the configuration of your AI tool.
    </Empty>
  );
}

function hrefOf({ server }: Server): string {
  return `/servers${changedQuery(location.search, { server })}`;
}

const COLUMNS: readonly Column<Server>[] = [
  {
    key: "name",
    label: "Server",
    value: ({ server }) => server,
    cell: (row) => (
      <>
        <a href={hrefOf(row)}>
          <Name text={row.server} />
        </a>{" "}
        <span class="sub wide-only">
          <Name text={row.version ?? ""} />
        </span>{" "}
        {row.running > 0 && <span class="tag good">running</span>}
      </>
    ),
  },
  {
    key: "tokens",
    label: "Tokens",
    title: "Estimated tokens of its tools' definitions: what every conversation pays before the first call",
    numeric: true,
    value: ({ definitionTokens }) => definitionTokens,
    cell: ({ definitionTokens }) => formatCount(definitionTokens),
  },
  {
    key: "tools",
    label: "Tools",
    title: "Tools that it listed, and how many of them were never called in the range",
    numeric: true,
    wideOnly: true,
    value: ({ tools }) => tools,
    cell: ({ tools, unusedTools }) => (
      <>
        {tools}
        {unusedTools > 0 && <span class="sub">, {unusedTools} unused</span>}
      </>
    ),
  },
  {
    key: "trend",
    label: "Trend",
    wideOnly: true,
    cell: ({ series, calls }) => (
      <Sparkline values={series} label={`${plural(calls, "call")} over the range`} />
    ),
  },
  {
    key: "calls",
    label: "Calls",
    numeric: true,
    value: ({ calls }) => calls,
    cell: ({ calls }) => formatCount(calls),
  },
  {
    key: "errors",
    label: "Errors",
    numeric: true,
    value: ({ errorRate }) => errorRate,
    cell: ({ errorRate, errors }) => <Rate ratio={errorRate} title={plural(errors, "error")} />,
  },
  {
    key: "p95",
    label: "p95",
    title: "95 of 100 calls took at most this long",
    numeric: true,
    value: ({ p95Ms }) => p95Ms,
    cell: ({ p95Ms }) => formatDuration(p95Ms) || <span class="none">–</span>,
  },
  {
    key: "seen",
    label: "Last seen",
    wideOnly: true,
    numeric: true,
    value: ({ lastSeen }) => lastSeen,
    cell: ({ lastSeen }) => <Ago iso={lastSeen} />,
  },
];
