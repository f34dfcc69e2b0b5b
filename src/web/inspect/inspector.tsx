/** One message: what it says, what answers it, the call they make, and the way to its neighbours. @module */
import "./inspect.css";
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { printable } from "../../core/printable.ts";
import { formatBytes, formatDuration } from "../../core/quantity.ts";
import { arrowOf, wayOf } from "../message/direction.ts";
import { useQuery } from "../shell/api.ts";
import { liveHref } from "../shell/links.ts";
import { useSubjectTitle } from "../shell/title.ts";
import { CopyButton } from "../ui/copy_line.tsx";
import { curlCommand } from "../ui/curl.ts";
import { ErrorNote } from "../ui/error_note.tsx";
import { Clock } from "../ui/time.tsx";
import { fetchDetail, fetchTimeline, listRun } from "./ask_events.ts";
import type { Detail, Message } from "./detail.ts";
import { Annotations } from "./annotations.tsx";
import { Facts } from "./facts.tsx";
import { nextInRun, previousInRun } from "./neighbours.ts";
import { PayloadView } from "./payload_view.tsx";
import { TimelineView } from "./timeline_view.tsx";

/** An answer may still come, so that an open call is asked for again. */
const OPEN_CALL_MS = 2000;

export interface InspectorProps {
  readonly id: string;
  /** Beside Live: closes it. */
  readonly onClose?: () => void;
  /** Shows another message. */
  onOpen(id: string): void;
}

export function Inspector({ id, onClose, onOpen }: InspectorProps): JSX.Element {
  const [waiting, setWaiting] = useState(false);
  const { data, error, refresh } = useQuery(
    `event ${id}`,
    (signal) => fetchDetail(id, signal),
    waiting ? { refreshMs: OPEN_CALL_MS } : {},
  );
  useEffect(() => setWaiting(data?.call?.outcome === "open"), [data]);
  useSubjectTitle(data && nameOf(data.event));
  if (error && !data) {
    return (
      <div class="inspector">
        <InspectorHead onClose={onClose} />
        <ErrorNote error={error} retry={refresh} />
      </div>
    );
  }
  if (!data) {
    return (
      <div class="inspector" aria-busy="true">
        <InspectorHead onClose={onClose} />
        <span class="skeleton inspector-skeleton" />
      </div>
    );
  }
  return <Shown detail={data} onClose={onClose} onOpen={onOpen} />;
}

function Shown(
  { detail, onClose, onOpen }: {
    readonly detail: Detail;
    readonly onClose: (() => void) | undefined;
    onOpen(id: string): void;
  },
): JSX.Element {
  const { event, counterpart, call, sha256 } = detail;
  return (
    <div class="inspector">
      <InspectorHead event={event} onClose={onClose}>
        <Neighbours event={event} onOpen={onOpen} />
      </InspectorHead>
      <div class="inspector-actions">
        <a class="button small" href={similarHref(event)}>Find similar</a>
        <CopyButton text={eventCurl(event.id)} label="Copy curl: a request to km's own API">
          Copy curl
        </CopyButton>
        <CopyButton text={event.id} label="Copy id">Copy id</CopyButton>
        {onClose && <a class="button small quiet" href={`/inspect/${event.id}`}>Whole page</a>}
      </div>
      <Facts detail={detail} />
      {detail.annotations.length > 0 && <Annotations annotations={detail.annotations} />}
      {call && <CallPart detail={detail} onOpen={onOpen} />}
      <div class="inspector-messages">
        <section aria-label={headingOf(event)}>
          <h3>{headingOf(event)}</h3>
          <PayloadView key={event.id} message={event} sha256={sha256} />
        </section>
        {counterpart && (
          <section aria-label={headingOf(counterpart)}>
            <h3>
              {headingOf(counterpart)}
              <button type="button" class="button small quiet" onClick={() => onOpen(counterpart.id)}>
                Go to it
              </button>
            </h3>
            <PayloadView key={counterpart.id} message={counterpart} sha256={null} />
          </section>
        )}
      </div>
    </div>
  );
}

function InspectorHead(
  { event, onClose, children }: {
    readonly event?: Message;
    readonly onClose: (() => void) | undefined;
    readonly children?: JSX.Element;
  },
): JSX.Element {
  return (
    <header class="inspector-head">
      {event
        ? (
          <div class="inspector-title">
            <h2>
              <span class={`c-way ${event.direction ?? ""}`} title={wayOf(event)} aria-hidden="true">
                {arrowOf(event)}
              </span>{" "}
              {nameOf(event)}
            </h2>
            <p>
              <span class={`c-kind kind-${event.kind}`}>{event.kind}</span>
              {` ${event.tool !== null && event.method !== null ? `of ${printable(event.method)} ` : ""}${
                wayOf(event)
              } · `}
              <Clock iso={event.time} />
              {event.durationMs !== null && ` · ${formatDuration(event.durationMs)}`}
              {` · ${formatBytes(event.sizeBytes)}`}
            </p>
          </div>
        )
        : <h2>Message</h2>}
      <div class="inspector-buttons">
        {children}
        {onClose && (
          <button
            type="button"
            class="button small quiet"
            aria-label="Close the inspector"
            title="Esc"
            onClick={onClose}
          >
            ✕
          </button>
        )}
      </div>
    </header>
  );
}

/** The way to the message before and after in the run. Whether there is one is known when it was asked for. */
function Neighbours({ event, onOpen }: { readonly event: Message; onOpen(id: string): void }): JSX.Element {
  const [told, setTold] = useState("");
  const go = (find: typeof nextInRun, none: string) => {
    find(event, listRun).then((id) => {
      setTold(id === null ? none : "");
      if (id !== null) onOpen(id);
    }, (cause: unknown) => setTold(cause instanceof Error ? cause.message : String(cause)));
  };
  return (
    <>
      <span class="inspector-told" role="status">{told}</span>
      <button
        type="button"
        class="button small"
        aria-label="Message before, in this run"
        title="Message before, in this run"
        onClick={() => go(previousInRun, "the run's first")}
      >
        ↑
      </button>
      <button
        type="button"
        class="button small"
        aria-label="Message after, in this run"
        title="Message after, in this run"
        onClick={() => go(nextInRun, "the run's last")}
      >
        ↓
      </button>
    </>
  );
}

function CallPart(
  { detail, onOpen }: { readonly detail: Detail; onOpen(id: string): void },
): JSX.Element | null {
  const { call, event } = detail;
  const { data } = useQuery(
    // With the outcome: when the answer comes there is more to draw.
    call && `call ${call.id} ${call.outcome}`,
    (signal) => fetchTimeline(call?.id ?? "", signal),
  );
  if (!call) return null;
  return (
    <section class="inspector-call" aria-label="The call over time">
      <h3>The call over time</h3>
      {data
        ? <TimelineView call={call} moments={data} currentId={event.id} onOpen={onOpen} />
        : <span class="skeleton timeline-skeleton" />}
    </section>
  );
}

/** A request to km's own API: what was recorded is never replayed against a server. */
function eventCurl(id: string): string {
  // The id comes from whoever sent the event; encoded and quoted, nothing of it means anything to a shell.
  return curlCommand(`${location.origin}/api/events/${encodeURIComponent(id)}`, { authorized: true });
}

/** The same server, method and tool in Live. */
function similarHref({ server, method, tool }: Message): string {
  return liveHref({ server, method, tool });
}

function nameOf({ tool, method, kind }: Message): string {
  return printable(tool ?? method ?? kind);
}

function headingOf({ kind, method }: Message): string {
  switch (kind) {
    case "request":
      return "Request";
    case "response":
      return "Answer";
    case "error":
      return "Answer: error";
    case "notification":
      return "Notification";
    case "log":
      return "Line of the server's log";
    case "invalid":
      return "Not a JSON-RPC message";
    case "gap":
      return "Not recorded";
    case "lifecycle":
      return method === null
        ? "What km saw of the server"
        : `What km saw of the server: ${printable(method)}`;
  }
}
