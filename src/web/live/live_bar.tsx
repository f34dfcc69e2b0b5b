/** The head of Live: is it connected, how much comes, pause, clear. @module */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { plural } from "../../core/quantity.ts";
import type { FeedState, LiveFeed } from "./live_feed.ts";
import { formatCount } from "../ui/figures.ts";

/** Often enough to see a flood begin and end. */
const RATE_MS = 500;

const STATES: Readonly<Record<FeedState, { readonly class: string; readonly text: string }>> = {
  loading: { class: "", text: "Loading" },
  connecting: { class: "", text: "Connecting" },
  live: { class: "good", text: "Connected" },
  reconnecting: { class: "warn", text: "Connection lost, trying again" },
  failed: { class: "bad", text: "Not connected" },
};

export interface LiveBarProps {
  readonly feed: LiveFeed;
  readonly turn: number;
  onClear(): void;
  onHelp(): void;
}

export function LiveBar({ feed, onClear, onHelp }: LiveBarProps): JSX.Element {
  const rate = useRate(feed);
  const state = feed.paused && feed.state === "live" ? { class: "warn", text: "Paused" } : STATES[feed.state];
  return (
    <header class="live-bar">
      <h1>Live</h1>
      {/* Its text changes seldom: what changes with every message stands outside of what is announced. */}
      <p class={`live-state ${state.class}`} role="status" aria-live="polite">
        <span class="live-dot" aria-hidden="true" />
        {state.text}
      </p>
      <p class="live-rate" title="Messages a second, over the last two seconds">
        {rate >= 9.95 ? formatCount(rate) : rate.toFixed(rate > 0 && rate < 9.95 ? 1 : 0)}/s
      </p>
      <p class="live-held" title="The table holds 100,000 messages at most">
        {plural(feed.rows.length, "message")}
        {feed.resyncs > 0 && (
          <span title="More came than could be sent, so the table was loaded again">, reloaded</span>
        )}
      </p>
      <div class="page-controls">
        <button
          type="button"
          class={`button small${feed.paused ? " primary" : ""}`}
          aria-pressed={feed.paused}
          title="Space"
          onClick={() => feed.setPaused(!feed.paused)}
        >
          {feed.paused ? `Go on${feed.waiting > 0 ? ` (${formatCount(feed.waiting)})` : ""}` : "Pause"}
        </button>
        <button type="button" class="button small" onClick={onClear}>Clear</button>
        <button
          type="button"
          class="button small quiet wide-only"
          aria-label="Keys"
          title="Keys (?)"
          onClick={onHelp}
        >
          ?
        </button>
      </div>
    </header>
  );
}

/** Messages a second; looked at by a timer, because it must fall when nothing comes. */
function useRate(feed: LiveFeed): number {
  const [rate, setRate] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setRate(feed.perSecond()), RATE_MS);
    return () => clearInterval(timer);
  }, [feed]);
  return rate;
}
