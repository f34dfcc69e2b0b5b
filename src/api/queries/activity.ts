/** Recent events, newest first, page by page. @module */
import type { Database } from "../../store/database.ts";
import { eventJson } from "../../store/event_json.ts";
import { type EventFilter, lastSeq, listEvents } from "../../store/events.ts";

export interface ActivityArgs {
  readonly filter: EventFilter;
  readonly limit: number;
}

export function listActivity(db: Database, { filter, limit }: ActivityArgs): string {
  const head = lastSeq(db);
  const events = listEvents(db, filter, limit);
  return `{"events":[${events.map(eventJson).join(",")}],"nextCursor":null,"streamCursor":"${head}"}`;
}
