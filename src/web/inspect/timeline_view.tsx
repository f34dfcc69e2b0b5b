/** The moments of a call, drawn: request, progress, cancellation, answer. @module */
import type { JSX } from "preact";
import type { Call } from "../../core/event.ts";
import { printable } from "../../core/printable.ts";
import { formatDuration, plural } from "../../core/quantity.ts";
import { arrowOf } from "../message/direction.ts";
import type { Row } from "../message/row.ts";
import type { Moment } from "./detail.ts";
import { layoutTimeline } from "./timeline.ts";

export function TimelineView(
  { call, moments, currentId, onOpen }: {
    readonly call: Call;
    readonly moments: readonly Moment[];
    readonly currentId: string;
    onOpen(id: string): void;
  },
): JSX.Element {
  return (
    <ol class="timeline">
      {layoutTimeline(moments, call.durationMs).map((line) =>
        line.kind === "folded"
          ? <li key="folded" class="timeline-folded">{plural(line.count, "more message")}</li>
          : (
            <li key={line.moment.row.id} class={line.moment.row.failed ? "failed" : ""}>
              <button
                type="button"
                class="timeline-name"
                aria-current={line.moment.row.id === currentId}
                onClick={() => onOpen(line.moment.row.id)}
              >
                <span aria-hidden="true">{arrowOf(line.moment.row)}</span> {nameOf(line.moment.row)}
              </button>
              <span class="timeline-track" aria-hidden="true">
                <span
                  class="timeline-bar"
                  style={{ left: `${line.leftPercent}%`, width: `${line.widthPercent}%` }}
                />
                <span class="timeline-dot" style={{ left: `${line.leftPercent + line.widthPercent}%` }} />
              </span>
              <span class="timeline-offset" title={`${formatDuration(line.gapMs)} after the one before`}>
                {line.moment.offsetMs === 0 ? "0" : `+${formatDuration(line.moment.offsetMs)}`}
              </span>
            </li>
          )
      )}
      {call.outcome === "open" && <li class="timeline-folded">not answered yet</li>}
      {call.outcome === "hung" && <li class="timeline-folded">never answered: the run ended</li>}
    </ol>
  );
}

function nameOf({ kind, method }: Row): string {
  if (kind === "response") return "answer";
  if (kind === "error") return "error";
  if (method === "notifications/progress") return "progress";
  if (method === "notifications/cancelled") return "cancelled";
  return kind === "request" ? "request" : printable(method ?? kind);
}
