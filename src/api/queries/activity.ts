/** Recent events, newest first, page by page. @module */
import type { EventFilter } from "../../core/filter.ts";
import type { Database } from "../../store/database.ts";
import { eventJson } from "../../store/event_json.ts";
import { pageEvents, type PagePosition } from "../../store/event_pages.ts";
import { formatCursor, formatPosition } from "../cursor.ts";
import { type ListFormat, listText } from "../ndjson.ts";
import { MAX_PAGE_BYTES } from "./page_limits.ts";

/** A list is as patient with a search as `km events` is, in ms. */
const SEARCH_MS = 1500;

export interface ActivityArgs {
  readonly filter: EventFilter;
  readonly limit: number;
  readonly from: PagePosition | undefined;
  readonly format: ListFormat;
}

export function listActivity(db: Database, { filter, limit, from, format }: ActivityArgs): string {
  const deadlineMs = performance.now() + SEARCH_MS;
  const page = pageEvents(db, filter, { limit, from, deadlineMs, maxBytes: MAX_PAGE_BYTES });
  return listText(format, "events", {
    head: {
      nextCursor: formatPosition(page.next),
      streamCursor: formatCursor(page.headSeq),
      complete: page.complete,
    },
    entries: page.entries.map(({ event }) => eventJson(event)),
  });
}
