/**
 * What was recorded lately, in order, as somebody who follows the store reads it: each event once, for filters that are matched in memory
 * and mean the same as in a list (`events.ts`).
 * @module
 */
import type { Event } from "../core/event.ts";
import type { EventFilter } from "../core/filter.ts";
import type { Database } from "./database.ts";
import type { SeqRange } from "./event_filter.ts";
import { EventReader } from "./event_rows.ts";
import { lastSeq } from "./last_seq.ts";
import { searchableText, textMatcher } from "./search_text.ts";
import { scanRows } from "./seq_scan.ts";

/** An event with its place in the recording order. */
export interface PlacedEvent {
  readonly seq: number;
  readonly event: Event;
}

/** An event as a matcher sees it. */
export interface TailEvent extends PlacedEvent {
  readonly timeUs: number;
  /** The text in which a search looks; null when nothing is stored of the message. */
  readonly text: string | null;
}

/** All events of the range, oldest first, read as they are taken. Belongs into a snapshot when the range must be complete. */
export function* readTail(db: Database, range: SeqRange): Generator<TailEvent> {
  const reader = new EventReader(db);
  for (const seq of scanRows(db, range, null, "oldest")) {
    const row = reader.row(seq);
    if (!row) continue;
    let text: string | null | undefined;
    yield {
      seq,
      event: reader.event(row),
      timeUs: row.time_us,
      get text() {
        if (text === undefined) {
          const payload = reader.payload(row);
          text = payload === null ? null : searchableText(payload, row.flags);
        }
        return text;
      },
    };
  }
}

/** The same decision as a list with this filter makes. */
export function eventMatcher(filter: EventFilter): (candidate: TailEvent) => boolean {
  const { server, method, tool, kind, direction, correlationId } = filter;
  const { sinceUs = -Infinity, untilUs = Infinity } = filter;
  const search = filter.search?.trim() || null;
  const found = search === null ? null : textMatcher(search);
  return (candidate) => {
    const { event, timeUs } = candidate;
    return (server === undefined || event.server === server) &&
      (method === undefined || event.method === method) &&
      (tool === undefined || event.tool === tool) &&
      (kind === undefined || event.kind === kind) &&
      (direction === undefined || event.direction === direction) &&
      (correlationId === undefined || event.correlationId === correlationId) &&
      timeUs >= sinceUs && timeUs < untilUs &&
      (found === null || (candidate.text !== null && found(candidate.text)));
  };
}

/** Seq of the oldest event that is kept; one more than the last one when none is. */
export function firstSeq(db: Database): number {
  return db.get<{ seq: number | null }>("SELECT min(seq) AS seq FROM events")?.seq ?? lastSeq(db) + 1;
}
