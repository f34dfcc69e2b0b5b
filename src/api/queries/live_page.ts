/** The past of a stream that resumes from far back: found by the store's indexes, page by page. @module */
import type { Database } from "../../store/database.ts";
import { type EventFilter, placedEvents } from "../../store/events.ts";
import type { LiveFormat } from "../live_frames.ts";
import { collectPage } from "../live_page.ts";

export interface LivePageArgs {
  readonly filter: EventFilter;
  readonly format: LiveFormat;
  readonly after: number;
  readonly until: number;
}

export function readLivePage(db: Database, { filter, format, after, until }: LivePageArgs): string {
  return db.snapshot(() => {
    const events = placedEvents(db, filter, { first: after + 1, last: until });
    return JSON.stringify(collectPage(events, format, { after, until }));
  });
}
