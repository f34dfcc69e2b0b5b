/** The calls of a tool that took longest, among the newest. @module */
import type { JSX } from "preact";
import { formatDuration, plural } from "../../core/quantity.ts";
import { useQuery } from "../shell/api.ts";
import type { Calls } from "../shell/contract.ts";
import { eventHref } from "../shell/links.ts";
import { askCalls } from "../shell/questions.ts";
import { ErrorNote } from "../ui/error_note.tsx";
import { Ago } from "../ui/time.tsx";
import { DetailPart } from "./detail_panel.tsx";

const SHOWN = 5;

export function SlowestPart(
  query: { readonly since: string; readonly server: string; readonly tool: string },
): JSX.Element {
  const { data, error, refresh } = useQuery(
    `slowest ${JSON.stringify(query)}`,
    (signal) => askCalls(query, signal),
  );
  return (
    <DetailPart title={data === null ? "Slowest calls" : titleOf(data)}>
      {error && <ErrorNote error={error} retry={refresh} />}
      <ol class="slowest" aria-busy={data === null && error === null}>
        {data && slowestOf(data).map(({ id, time, durationMs, outcome }) => (
          <li key={id}>
            <a href={eventHref(id)}>{formatDuration(durationMs)}</a>
            {outcome !== "ok" && <span class="is-bad">{outcome.replace("_", " ")}</span>}
            <span class="sub">
              <Ago iso={time} />
            </span>
          </li>
        ))}
      </ol>
    </DetailPart>
  );
}

/** The API gives the newest first: when there are more, these are not the slowest of all. */
function titleOf({ calls, nextCursor }: Calls): string {
  return nextCursor === null ? "Slowest calls" : `Slowest of the newest ${plural(calls.length, "call")}`;
}

function slowestOf({ calls }: Calls): Calls["calls"] {
  return calls.filter(({ durationMs }) => durationMs !== null)
    .toSorted((a, b) => (b.durationMs ?? 0) - (a.durationMs ?? 0))
    .slice(0, SHOWN);
}
