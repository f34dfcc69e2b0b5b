/** One tool: what its definition costs, how its calls go. @module */
import type { JSX } from "preact";
import { formatBytes, formatPercent, plural } from "../../core/quantity.ts";
import { DetailPanel, DetailPart, Facts } from "../detail/detail_panel.tsx";
import { LatencyPart } from "../detail/latency_part.tsx";
import { SlowestPart } from "../detail/slowest_part.tsx";
import { TrendPart } from "../detail/trend_part.tsx";
import type { Tool } from "../shell/contract.ts";
import { liveHref, serverHref } from "../shell/links.ts";
import type { Range } from "../shell/range.ts";
import { Name } from "../ui/name.tsx";
import { Ago } from "../ui/time.tsx";
import { formatCount } from "../ui/figures.ts";

export function ToolDetail(
  { tool: row, range, onClose }: { readonly tool: Tool; readonly range: Range; onClose(): void },
): JSX.Element {
  const { server, tool, calls } = row;
  return (
    <DetailPanel
      title={tool}
      subtitle={
        <>
          of{" "}
          <a href={serverHref(server)}>
            <Name text={server} />
          </a>
        </>
      }
      onClose={onClose}
    >
      <p class="detail-links">
        <a class="button small" href={liveHref({ server, tool })}>Watch live</a>
        {row.errors > 0 && (
          <a class="button small" href={liveHref({ server, tool, outcome: "errors" })}>See failures</a>
        )}
        {row.unused && <span class="tag warn">unused in {range.words}</span>}
      </p>
      <DetailPart title="What it costs">
        <Facts
          facts={[
            ["Definition", row.definitionBytes === null ? "never listed" : definitionWords(row)],
            [
              "Answers",
              calls === 0
                ? null
                : `≈ ${formatCount(row.tokens)} tokens, ${perCall(row.tokens, calls)} a call`,
            ],
            ["Sent", calls === 0 ? null : formatBytes(row.requestBytes)],
            ["Received", calls === 0 ? null : formatBytes(row.responseBytes)],
            [
              "Errors",
              calls === 0
                ? null
                : `${formatCount(row.errors)} of ${plural(calls, "call")}, ${formatPercent(row.errorRate)}`,
            ],
          ]}
        />
      </DetailPart>
      <DetailPart title="When">
        <Facts
          facts={[
            ["Last used", row.lastCalled === null ? "never" : <Ago iso={row.lastCalled} key="used" />],
            [
              "Description changed",
              row.changedAt === null ? "never since first seen" : <Ago iso={row.changedAt} key="changed" />,
            ],
            ["First listed", <Ago iso={row.firstListed} key="first" />],
            ["Last listed", <Ago iso={row.lastListed} key="last" />],
          ]}
        />
      </DetailPart>
      <LatencyPart since={range.value} server={server} tool={tool} />
      {calls > 0 && <SlowestPart since={range.value} server={server} tool={tool} />}
      <TrendPart range={range} server={server} tool={tool} />
    </DetailPanel>
  );
}

function definitionWords({ definitionBytes, definitionTokens }: Tool): string {
  return `${formatBytes(definitionBytes ?? 0)}, ≈ ${
    formatCount(definitionTokens ?? 0)
  } tokens in every conversation`;
}

function perCall(tokens: number, calls: number): string {
  return formatCount(tokens / Math.max(1, calls));
}
