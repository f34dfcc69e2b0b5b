/** Whether what is shown is what is: the connection's state, and how long a byte takes. @module */
import type { JSX } from "preact";
import type { SessionsFeed } from "./sessions_feed.ts";

export function Connection({ feed }: { readonly feed: SessionsFeed }): JSX.Element {
  const isOpen = feed.status === "open";
  return (
    <span class="connection">
      <span
        class={`live-state ${isOpen ? "good" : feed.status === "connecting" ? "warn" : "bad"}`}
        role="status"
      >
        <span class="connection-dot" aria-hidden="true" />
        {textOf(feed)}
      </span>
      {isOpen && feed.latencyMs !== null && (
        <span class="connection-latency" title="There and back, over the last ping">
          {feed.latencyMs < 10 ? feed.latencyMs.toFixed(1) : Math.round(feed.latencyMs)} ms
        </span>
      )}
    </span>
  );
}

function textOf({ status, isLoaded }: SessionsFeed): string {
  if (status === "open") return "Connected";
  if (status === "connecting") return isLoaded ? "Connection lost, trying again" : "Connecting";
  return "Not connected";
}
