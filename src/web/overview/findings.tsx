/** What km found that somebody should look at, and what changed since yesterday. @module */
import type { JSX } from "preact";
import { printable, printableLines } from "../../core/printable.ts";
import type { Change, Finding } from "../shell/contract.ts";
import { eventHref, serverHref, toolHref } from "../shell/links.ts";
import { Card } from "../ui/card.tsx";
import { Empty } from "../ui/empty.tsx";
import { Name } from "../ui/name.tsx";
import { RowsSkeleton } from "../ui/skeleton.tsx";
import { Ago } from "../ui/time.tsx";

const TONES = { critical: "bad", warning: "warn", info: "info" } as const;
const ORDER = ["critical", "warning", "info"] as const;

export function Findings({ findings }: { readonly findings: readonly Finding[] | null }): JSX.Element {
  const ordered = findings?.toSorted((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity));
  return (
    <Card title="Open findings" {...(ordered && ordered.length > 0 && { note: String(ordered.length) })}>
      {ordered === undefined
        ? <RowsSkeleton rows={3} />
        : ordered.length === 0
        ? <NoFindings />
        : (
          <ul class="notes" tabIndex={0} aria-label="Open findings">
            {ordered.map((finding) => <FindingItem key={finding.id} finding={finding} />)}
          </ul>
        )}
    </Card>
  );
}

/** What was looked for, exactly: no finding does not mean that nothing went wrong. */
function NoFindings(): JSX.Element {
  return (
    <Empty title="No findings">
      Looked for in the last 24 hours: tools that fail in at least half of 5 or more calls, calls that the
      server left without an answer, tools that became twice as slow, messages that were not recorded. In the
      last 7 days: definitions of tools that changed, unused tools of a server that cost 2,000 tokens or more,
      findings of plugins.
    </Empty>
  );
}

function FindingItem({ finding }: { readonly finding: Finding }): JSX.Element {
  return (
    <li>
      <div class="note-head">
        <span class={`tag ${TONES[finding.severity]}`}>{finding.severity}</span>
        {finding.plugin !== null && (
          <span class="tag plugin" title="A plugin says this, in its own words">
            plugin <Name text={finding.plugin} />
          </span>
        )}
        <strong>{printable(finding.title)}</strong>
        <span class="sub">
          <Ago iso={finding.time} />
        </span>
      </div>
      <p>{printableLines(finding.detail)}</p>
      <p class="note-links">
        <Subject {...finding} />
        {finding.eventId !== null && <a href={eventHref(finding.eventId)}>Look at the message</a>}
      </p>
    </li>
  );
}

export function Changes({ changes }: { readonly changes: readonly Change[] | null }): JSX.Element {
  return (
    <Card title="Changed since yesterday">
      {changes === null
        ? <RowsSkeleton rows={3} />
        : changes.length === 0
        ? <Empty title="Nothing changed">Same servers, same tools, same descriptions as yesterday.</Empty>
        : (
          <ul class="notes changes" tabIndex={0} aria-label="Changes since yesterday">
            {changes.map((change) => (
              <li key={`${change.kind} ${change.server} ${change.tool} ${change.text}`}>
                <p>{printable(change.text)}</p>
                <p class="note-links">
                  <Subject {...change} />
                </p>
              </li>
            ))}
          </ul>
        )}
    </Card>
  );
}

/** The tool or server that something is about, as a link. */
function Subject(
  { server, tool }: { readonly server: string | null; readonly tool: string | null },
): JSX.Element | null {
  if (server === null) return null;
  return tool === null
    ? (
      <a href={serverHref(server)}>
        <Name text={server} />
      </a>
    )
    : (
      <a href={toolHref({ server, tool })}>
        <Name text={server} /> / <Name text={tool} />
      </a>
    );
}
