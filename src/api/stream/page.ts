/** A piece of a stream, made from the store: as many events as fit, and where it ends. Loaded by threads too, so without packages. @module */
import type { PlacedEvent } from "../../store/event_tail.ts";
import { eventFrame, type StreamFormat } from "./frames.ts";

/** An SSE event with more characters is sent in slices, so that a client that does not read does not hold the whole of it in memory. */
export const LARGE_FRAME = 128 * 1024;
/** A page ends when it has this many characters… */
const MAX_PAGE_LENGTH = 128 * 1024;
/** …or events. */
const MAX_PAGE_EVENTS = 1000;

export interface StreamPage {
  readonly frames: readonly string[];
  /** Seq up to which it is complete. */
  readonly cursor: number;
  /** Seq of a large event that comes next; null when none does. */
  readonly large: number | null;
  /** False when there is more up to where it should go. */
  readonly complete: boolean;
}

/** Takes events until the page is full. They are what the filter finds in `after < seq <= until`. */
export function collectPage(
  events: Iterable<PlacedEvent>,
  format: StreamFormat,
  range: { readonly after: number; readonly until: number },
): StreamPage {
  const frames: string[] = [];
  let cursor = range.after;
  let length = 0;
  for (const placed of events) {
    const frame = eventFrame(format, placed);
    if (format === "sse" && frame.length > LARGE_FRAME) {
      return { frames, cursor, large: placed.seq, complete: false };
    }
    frames.push(frame);
    cursor = placed.seq;
    length += frame.length;
    if (length >= MAX_PAGE_LENGTH || frames.length >= MAX_PAGE_EVENTS) {
      return { frames, cursor, large: null, complete: cursor >= range.until };
    }
  }
  return { frames, cursor: Math.max(range.after, range.until), large: null, complete: true };
}
