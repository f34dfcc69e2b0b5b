/** A feed of this browser: the page's own API, EventSource, animation frames. @module */
import { fetchActivity } from "./activity_page.ts";
import { type FeedDeps, LiveFeed } from "./live_feed.ts";
import type { LiveFilters } from "./live_filters.ts";
import { StreamReader } from "./stream_reader.ts";

/** A second has twenty of these. */
const DRAW_EVERY_MS = 50;

const BROWSER: FeedDeps = {
  fetchPage: fetchActivity,
  openStream: (cursor, urlAfter, handlers) => new StreamReader(cursor, urlAfter, handlers),
  onFrame: spacedFrames(),
  nowMs: () => performance.now(),
};

/**
 * Calls back before a frame is drawn, and in a flood only before every third or so: nobody reads faster, and scrolling, which draws by
 * itself, stays smooth.
 */
function spacedFrames(): FeedDeps["onFrame"] {
  let lastMs = -Infinity;
  return (callback) => {
    let frame = 0;
    const draw = () => {
      frame = requestAnimationFrame(() => {
        lastMs = performance.now();
        callback();
      });
    };
    const waitMs = lastMs + DRAW_EVERY_MS - performance.now();
    const timer = waitMs > 0 ? setTimeout(draw, waitMs) : void draw();
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
    };
  };
}

/** Begins to load what `filters` leave. */
export function openFeed(filters: LiveFilters, onChange: () => void): LiveFeed {
  return new LiveFeed(filters, onChange, { deps: BROWSER });
}
