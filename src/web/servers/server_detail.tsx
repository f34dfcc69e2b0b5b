/** One server: what it is, who uses it, how its calls go. @module */
import type { JSX } from "preact";
import { printable } from "../../core/printable.ts";
import { formatBytes, formatPercent, plural } from "../../core/quantity.ts";
import { shellWords } from "../../core/shell_words.ts";
import { DetailPanel, DetailPart, Facts } from "../detail/detail_panel.tsx";
import { LatencyPart } from "../detail/latency_part.tsx";
import { TrendPart } from "../detail/trend_part.tsx";
import type { Server } from "../shell/contract.ts";
import { liveHref } from "../shell/links.ts";
import type { Range } from "../shell/range.ts";
import { CopyLine } from "../ui/copy_line.tsx";
import { Name } from "../ui/name.tsx";
import { Ago } from "../ui/time.tsx";
import { formatCount } from "../ui/figures.ts";

export function ServerDetail(
  { server, range, onClose }: { readonly server: Server; readonly range: Range; onClose(): void },
): JSX.Element {
  const name = server.server;
  return (
    <DetailPanel
      title={name}
      subtitle={server.title === null ? undefined : <Name text={server.title} />}
      onClose={onClose}
    >
      <p class="detail-links">
        <a class="button small" href={liveHref({ server: name })}>Watch live</a>
        <a class="button small" href={`/tools?${new URLSearchParams({ server: name })}`}>
          Its tools
        </a>
      </p>
      <DetailPart title="What it is">
        <Facts
          facts={[
            ["Version", server.version && printable(server.version)],
            ["Protocol", server.protocolVersion && printable(server.protocolVersion)],
            ["Runs", `${server.runs}${server.running > 0 ? `, ${server.running} running` : ""}`],
            ["First seen", <Ago iso={server.firstSeen} key="first" />],
            ["Last seen", <Ago iso={server.lastSeen} key="last" />],
            ["Definitions", server.tools === 0 ? "none listed in this range" : definitionWords(server)],
            ["Unused tools", server.unusedTools === 0 ? null : formatCount(server.unusedTools)],
            [
              "Errors",
              `${formatCount(server.errors)} of ${plural(server.calls, "call")}, ${
                formatPercent(server.errorRate)
              }`,
            ],
            ["Answers", `≈ ${formatCount(server.tokens)} tokens`],
          ]}
        />
      </DetailPart>
      {server.command.length > 0 && (
        <DetailPart title="Command line">
          <CopyLine text={shellWords(server.command)} label="Copy the command line" />
        </DetailPart>
      )}
      {server.clients.length > 0 && (
        <DetailPart title="Clients">
          <Facts
            facts={server.clients.map(({ name, version, lastSeen }) =>
              [`${name} ${version ?? ""}`.trim(), <Ago iso={lastSeen} key={name} />] as const
            )}
          />
        </DetailPart>
      )}
      <LatencyPart since={range.value} server={name} />
      <TrendPart range={range} server={name} />
    </DetailPanel>
  );
}

function definitionWords({ tools, definitionBytes, definitionTokens }: Server): string {
  return `${plural(tools, "tool")}, ${formatBytes(definitionBytes)}, ≈ ${
    formatCount(definitionTokens)
  } tokens`;
}
