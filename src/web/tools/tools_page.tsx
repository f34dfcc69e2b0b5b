/** Tools: which are heavy, which are used, which fail, which are slow. @module */
import type { JSX } from "preact";
import { printable } from "../../core/printable.ts";
import { formatDuration, plural } from "../../core/quantity.ts";
import { useQuery } from "../shell/api.ts";
import type { Tool } from "../shell/contract.ts";
import { askTools } from "../shell/questions.ts";
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
import { ToolDetail } from "./tool_detail.tsx";
import { chooseTools } from "./tool_filter.ts";
import { formatCount } from "../ui/figures.ts";

const EVERY_MS = 15_000;

export function ToolsPage(): JSX.Element {
  const { params } = usePlace();
  const [range, setRange] = useRange("7d");
  const { data, error, loading, refresh } = useQuery(
    `tools ${range.value}`,
    (signal) => askTools(range.value, signal),
    { refreshMs: EVERY_MS },
  );
  const [of, tool] = [params.get("of"), params.get("tool")];
  const isChosen = (row: Tool) => row.server === of && row.tool === tool;
  const chosen = data?.find(isChosen);
  const shown = data && chooseTools(data, {
    server: params.get("server"),
    words: params.get("q") ?? "",
    unused: params.get("unused") !== null,
  });
  return (
    <>
      <PageHead title="Tools" {...(data && shown && { note: countWords(shown.length, data.length) })}>
        <Choice label="Range of the figures" options={RANGES} value={range.value} onChoose={setRange} />
      </PageHead>
      {error && <ErrorNote error={error} retry={refresh} />}
      <Filters tools={data ?? []} params={params} />
      {data && of !== null && tool !== null && !chosen && (
        <NotInRange name={`${of} / ${tool}`} range={range} />
      )}
      <div class={chosen ? "with-detail" : ""}>
        <Card title="All tools" note={range.words} class="plain" busy={loading}>
          {data === null || shown === null
            ? <RowsSkeleton rows={10} />
            : data.length === 0
            ? <NoTools />
            : shown.length === 0
            ? (
              <Empty title="No tool matches">
                <a href="/tools">Show all {data.length}</a>
              </Empty>
            )
            : (
              <Table
                label="Tools"
                rows={shown}
                rowKey={({ server, tool }) => `${server} ${tool}`}
                href={hrefOf}
                isSelected={isChosen}
                sort={parseSort(params.get("sort"), { key: "calls", descending: true })}
                onSort={(sort) => setParams({ sort: formatSort(sort) })}
                columns={COLUMNS}
              />
            )}
        </Card>
        {chosen && (
          <ToolDetail
            tool={chosen}
            range={range}
            onClose={() => setParams({ of: null, tool: null }, { push: true })}
          />
        )}
      </div>
    </>
  );
}

function Filters(
  { tools, params }: { readonly tools: readonly Tool[]; readonly params: URLSearchParams },
): JSX.Element {
  const servers = [...new Set(tools.map(({ server }) => server))].sort();
  const chosen = params.get("server") ?? "";
  if (chosen !== "" && !servers.includes(chosen)) servers.push(chosen);
  return (
    <search class="filters">
      <input
        class="input"
        type="search"
        aria-label="Search tools"
        placeholder="Search tools"
        value={params.get("q") ?? ""}
        onInput={({ currentTarget }) => setParams({ q: currentTarget.value })}
      />
      <select
        class="input"
        aria-label="Server"
        value={chosen}
        onChange={({ currentTarget }) => setParams({ server: currentTarget.value })}
      >
        <option value="">All servers</option>
        {servers.map((server) => <option key={server} value={server}>{printable(server)}</option>)}
      </select>
      <label class="check">
        <input
          type="checkbox"
          checked={params.get("unused") !== null}
          onChange={({ currentTarget }) => setParams({ unused: currentTarget.checked ? "1" : null })}
        />
        Unused only
      </label>
    </search>
  );
}

function NoTools(): JSX.Element {
  return (
    <Empty title="No tools are known yet" command={MONITOR_COMMAND}>
      A tool appears when a monitored server lists it or when it is called. Put <code>km monitor --</code>
      {" "}
      before the command of a server, in the configuration of your AI tool.
    </Empty>
  );
}

function countWords(shown: number, all: number): string {
  return shown === all ? plural(all, "tool") : `${shown} of ${plural(all, "tool")}`;
}

function hrefOf({ server, tool }: Tool): string {
  return `/tools${changedQuery(location.search, { of: server, tool })}`;
}

const COLUMNS: readonly Column<Tool>[] = [
  {
    key: "name",
    label: "Tool",
    value: ({ tool }) => tool,
    cell: (row) => (
      <>
        <a href={hrefOf(row)}>
          <Name text={row.tool} />
        </a>{" "}
        <span class="sub narrow-only">
          <Name text={row.server} />
        </span>{" "}
        {row.unused && <span class="tag warn">unused</span>}
      </>
    ),
  },
  {
    key: "server",
    label: "Server",
    wideOnly: true,
    value: ({ server }) => server,
    cell: ({ server }) => (
      <span class="sub">
        <Name text={server} />
      </span>
    ),
  },
  {
    key: "tokens",
    label: "Tokens",
    title: "Estimated tokens of its definition: what every conversation pays before the first call",
    numeric: true,
    value: ({ definitionTokens }) => definitionTokens,
    cell: ({ definitionTokens }) =>
      definitionTokens === null ? <span class="none">–</span> : formatCount(definitionTokens),
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
    value: ({ errorRate, calls }) => calls === 0 ? null : errorRate,
    cell: ({ errorRate, errors, calls }) =>
      calls === 0 ? <span class="none">–</span> : <Rate ratio={errorRate} title={plural(errors, "error")} />,
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
    key: "used",
    label: "Last used",
    wideOnly: true,
    numeric: true,
    value: ({ lastCalled }) => lastCalled,
    cell: ({ lastCalled }) => <Ago iso={lastCalled} />,
  },
  {
    key: "changed",
    label: "Changed",
    title: "When its definition last differed from the one before",
    wideOnly: true,
    numeric: true,
    value: ({ changedAt }) => changedAt,
    cell: ({ changedAt }) => <Ago iso={changedAt} />,
  },
];
