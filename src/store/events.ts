/** Reading events: lists, exports, following, one by its id. @module */
import type { Call, Event } from "../core/event.ts";
import { KmError } from "../core/error.ts";
import type { EventFilter } from "../core/filter.ts";
import { bytesToHex, formatId } from "./codes.ts";
import type { Database } from "./database.ts";
import { isSelected, selectEvents, type Selection, type SeqRange } from "./event_filter.ts";
import { eventJson } from "./event_json.ts";
import { pageEvents } from "./event_pages.ts";
import { EventReader, type EventRow } from "./event_rows.ts";
import type { PlacedEvent } from "./event_tail.ts";
import { readAnnotations, type StoredAnnotation } from "./plugin_emits_reader.ts";
import { lastSeq } from "./last_seq.ts";
import { scanForText, searchSeqs } from "./search.ts";
import { searchableText, textMatcher } from "./search_text.ts";
import { type Order, scanSeqs } from "./seq_scan.ts";

export { dataVersion, lastSeq } from "./last_seq.ts";

/** One event with what belongs to it. */
export interface EventDetail {
  readonly event: Event;
  /** Lower-case hex SHA-256 of the whole message, when only a part was kept. */
  readonly sha256: string | null;
  /** The response of a request, the request of a response. */
  readonly counterpart: Event | null;
  /** The call that it belongs to. */
  readonly call: Call | null;
  /** What plugins noted on it. */
  readonly annotations: readonly StoredAnnotation[];
}

/** How long the newest events are looked through for a part of a word, which no index knows, in ms. */
const PART_OF_WORD_MS = 1500;
/** How many ids an error about an ambiguous prefix lists. */
const LISTED_CANDIDATES = 5;
const ID_DIGITS = 32;

/** The newest `limit` events, newest first. A search that finds nothing at the beginning of words is repeated for parts of words. */
export function listEvents(db: Database, filter: EventFilter, limit: number): Event[] {
  const anywhereDeadlineMs = performance.now() + PART_OF_WORD_MS;
  const events = pageEvents(db, filter, { limit, anywhereDeadlineMs }).entries.map(({ event }) => event);
  // Processes write in turns, so that recording order can differ from time by a moment.
  return events.sort((a, b) => a.time < b.time ? 1 : a.time > b.time ? -1 : 0);
}

/** All events, in the order they were recorded. Writers may go on meanwhile; what they add is not included. A search is as in `listEvents`. */
export function* iterateEvents(db: Database, filter: EventFilter): Generator<Event> {
  const reader = new EventReader(db);
  let found = false;
  for (const row of selectRows(db, reader, filter, "oldest")) {
    found = true;
    yield reader.event(row);
  }
  if (found) return;
  for (const row of partOfWordRows(db, reader, filter, Infinity).reverse()) yield reader.event(row);
}

/** Events in a range of seqs, oldest first, each read as it is taken. Belongs into a snapshot when the range must be complete. */
export function* placedEvents(db: Database, filter: EventFilter, range: SeqRange): Generator<PlacedEvent> {
  const reader = new EventReader(db);
  for (const row of selectRows(db, reader, filter, "oldest", range.first)) {
    if (row.seq > range.last) return;
    yield { seq: row.seq, event: reader.event(row) };
  }
}

/** Up to `limit` events recorded after `seq`, in order, and the seq to go on from. */
export function eventsAfter(
  db: Database,
  seq: number,
  filter: EventFilter,
  limit: number,
): { readonly events: Event[]; readonly lastSeq: number } {
  return db.snapshot(() => {
    const reader = new EventReader(db);
    const events: Event[] = [];
    for (const row of selectRows(db, reader, filter, "oldest", seq + 1)) {
      events.push(reader.event(row));
      if (events.length >= limit) return { events, lastSeq: row.seq };
    }
    return { events, lastSeq: Math.max(seq, lastSeq(db)) };
  });
}

/**
 * The event whose id begins with `idPrefix`.
 * @throws {KmError} not_found; ambiguous when several do (the hint lists some)
 */
export function findEvent(db: Database, idPrefix: string): EventDetail {
  const reader = new EventReader(db);
  const row = reader.row(findSeqByPrefix(db, idPrefix));
  if (!row) throw noSuchEvent(idPrefix);
  const other = row.counterpart === null ? undefined : reader.row(row.counterpart);
  return {
    event: reader.event(row),
    sha256: row.sha256 === null ? null : bytesToHex(row.sha256),
    counterpart: other ? reader.event(other) : null,
    call: reader.call(row) ?? (other ? reader.call(other) : null),
    annotations: readAnnotations(db, formatId(row.id)),
  };
}

function* selectRows(
  db: Database,
  reader: EventReader,
  filter: EventFilter,
  order: Order,
  fromSeq = 1,
): Generator<EventRow> {
  const found = selectEvents(db, filter);
  const range = { first: Math.max(found.range.first, fromSeq), last: found.range.last };
  const selection: Selection = { ...found, range };
  const search = filter.search?.trim() || null;
  const matches = search === null ? null : textMatcher(search);
  const seqs = search === null ? scanSeqs(db, selection, order) : searchSeqs(db, search, selection, order);
  for (const seq of seqs) {
    const row = reader.row(seq);
    if (!row || !isSelected(selection, row)) continue;
    if (matches === null || contains(reader.payload(row), row.flags, matches)) yield row;
  }
}

/** The newest events that hold the search anywhere, as far back as can be looked through in a moment; newest first. */
function partOfWordRows(db: Database, reader: EventReader, filter: EventFilter, limit: number): EventRow[] {
  const rows: EventRow[] = [];
  const search = filter.search?.trim() || null;
  if (search === null || limit <= 0) return rows;
  const selection = selectEvents(db, filter);
  const matches = textMatcher(search, "anywhere");
  const end = performance.now() + PART_OF_WORD_MS;
  for (const seq of scanForText(db, search, selection.range, "newest", end)) {
    const row = reader.row(seq);
    if (row && isSelected(selection, row) && contains(reader.payload(row), row.flags, matches)) {
      rows.push(row);
    }
    if (rows.length >= limit || performance.now() > end) break;
  }
  return rows;
}

function contains(payload: Uint8Array | null, flags: number, matches: (text: string) => boolean): boolean {
  return payload !== null && matches(searchableText(payload, flags));
}

/** Seq of the event whose id begins with `idPrefix`. @throws {KmError} not_found, ambiguous */
export function findSeqByPrefix(db: Database, idPrefix: string): number {
  const digits = idPrefix.trim().toLowerCase().replaceAll("-", "");
  if (!/^[0-9a-f]{1,32}$/.test(digits)) throw noSuchEvent(idPrefix);
  const rows = db.all<{ seq: number; id: Uint8Array }>(
    "SELECT seq, id FROM events WHERE id BETWEEN ? AND ? ORDER BY id LIMIT ?",
    Uint8Array.fromHex(digits.padEnd(ID_DIGITS, "0")),
    Uint8Array.fromHex(digits.padEnd(ID_DIGITS, "f")),
    LISTED_CANDIDATES + 1,
  );
  const [first, second] = rows;
  if (!first) throw noSuchEvent(idPrefix);
  if (second) throw ambiguous(idPrefix, rows.map((row) => formatId(row.id)));
  return first.seq;
}

/** The event as one line of JSON: what `km show --json` prints. */
export function detailJson({ event, sha256, counterpart, call, annotations }: EventDetail): string {
  const other = counterpart === null ? "null" : eventJson(counterpart);
  return `{"event":${eventJson(event)},"sha256":${JSON.stringify(sha256)},"counterpart":${other},"call":${
    JSON.stringify(call)
  },"annotations":${JSON.stringify(annotations)}}`;
}

function noSuchEvent(idPrefix: string): KmError {
  return new KmError("not_found", `Cannot find event "${idPrefix}": no id begins so`, {
    hint: 'list ids with "km events"; events older than the retention are removed',
  });
}

function ambiguous(idPrefix: string, ids: readonly string[]): KmError {
  const listed = ids.slice(0, LISTED_CANDIDATES).join(", ");
  const more = ids.length > LISTED_CANDIDATES ? ", …" : "";
  return new KmError("ambiguous", `Cannot choose an event by "${idPrefix}": several ids begin so`, {
    hint: `give more digits: ${listed}${more}`,
  });
}
