/** A feed of this browser: the page's own API, EventSource, animation frames. @module */
import { fetchActivity } from "./activity_page.ts";
import { type FeedDeps, LiveFeed } from "./live_feed.ts";
import type { LiveFilters } from "./live_filters.ts";
import { StreamReader } from "./stream_reader.ts";

const BROWSER: FeedDeps = {
  fetchPage: fetchActivity,
  openStream: (cursor, urlAfter, handlers) => new StreamReader(cursor, urlAfter, handlers),
  onFrame(callback) {
    const frame = requestAnimationFrame(callback);
    return () => cancelAnimationFrame(frame);
  },
  nowMs: () => performance.now(),
};

/** Begins to load what `filters` leave. */
export function openFeed(filters: LiveFilters, onChange: () => void): LiveFeed {
  return new LiveFeed(filters, onChange, { deps: BROWSER });
}
