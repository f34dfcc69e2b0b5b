/** The past of a stream that resumes from far back: found by the store's indexes, page by page. @module */
import type { EventFilter } from "../../core/filter.ts";
import type { Database } from "../../store/database.ts";
import { placedEvents } from "../../store/events.ts";
import type { StreamFormat } from "../stream/frames.ts";
import { collectPage } from "../stream/page.ts";

export interface StreamPageArgs {
  readonly filter: EventFilter;
  readonly format: StreamFormat;
  readonly after: number;
  readonly until: number;
}

export function readStreamPage(db: Database, { filter, format, after, until }: StreamPageArgs): string {
  return db.snapshot(() => {
    const events = placedEvents(db, filter, { first: after + 1, last: until });
    return JSON.stringify(collectPage(events, format, { after, until }));
  });
}
