/**
 * Events page by page, newest first. A page ends at a seq, and the next one takes what lies below it: a seq never changes and new ones are higher, so
 * nothing comes twice and nothing is left out, whatever is recorded meanwhile.
 *
 * A search looks for words that begin so; only when there are none in the whole store, for the text anywhere. It may be cut by time: then the
 * page says so, and the next one goes on where it stopped.
 * @module
 */
import type { Event } from "../core/event.ts";
import type { EventFilter } from "../core/filter.ts";
import { type FoundEvent, searchBlocks } from "./block_search.ts";
import type { Database } from "./database.ts";
import { isSelected, selectEvents, type Selection } from "./event_filter.ts";
import { payloadLength } from "./event_json.ts";
import { EventReader, type EventRow } from "./event_rows.ts";
import { lastSeq } from "./last_seq.ts";
import type { FoundAt } from "./search_text.ts";
import { scanSeqs } from "./seq_scan.ts";

/** Where a page goes on. */
export interface PagePosition {
  /** Only events below this seq are left. */
  readonly beforeSeq: number;
  /** How the search looks from here on. */
  readonly at: FoundAt;
  /** True when an earlier page had events: then the text is not looked for anywhere. */
  readonly found: boolean;
}

export interface PageOptions {
  readonly limit: number;
  /** Where the page before ended; without it, the newest. */
  readonly from?: PagePosition | undefined;
  /** A page ends when its messages have this many bytes, also when it has fewer events than asked for. */
  readonly maxBytes?: number | undefined;
  /** Until when a search may take, and until when it may look for the text anywhere; on the clock of `performance.now`. */
  readonly deadlineMs?: number | undefined;
  readonly anywhereDeadlineMs?: number | undefined;
}

/** An event of a page. */
export interface PageEntry {
  readonly event: Event;
  /** What it was found in; null where nothing was searched. */
  readonly text: string | null;
}

export interface EventPage {
  /** What was recorded last comes first, whatever its time: so the order is the same whatever the pages' length. */
  readonly entries: readonly PageEntry[];
  /** Where the next page begins; null when there is none. */
  readonly next: PagePosition | null;
  /** False when time ended the search, so that there may be more than `entries` before the limit. */
  readonly complete: boolean;
  /** How the entries were found. */
  readonly at: FoundAt;
  /** Seq of the newest event when the page was made: everything recorded after it comes later. */
  readonly headSeq: number;
}

interface Entry extends PageEntry {
  readonly row: EventRow;
}

type Part = Pick<EventPage, "next" | "complete" | "at"> & { readonly entries: readonly Entry[] };

const NEWEST: PagePosition = { beforeSeq: Infinity, at: "word", found: false };

/** The newest `limit` events below where the page before ended. */
export function pageEvents(db: Database, filter: EventFilter, options: PageOptions): EventPage {
  return db.snapshot(() => {
    const { from = NEWEST } = options;
    const search = filter.search?.trim() || null;
    const headSeq = lastSeq(db);
    if (options.limit <= 0) return { entries: [], next: null, complete: true, at: from.at, headSeq };
    const part = search === null
      ? pageRows(db, filter, from, options)
      : pageSearch(db, { ...filter, search }, from, options);
    return { ...part, entries: part.entries.map(({ event, text }) => ({ event, text })), headSeq };
  });
}

/** What a search found, newest first, ended by time alone. `complete` afterwards says whether it was. */
export function* findEvents(
  db: Database,
  filter: EventFilter & { readonly search: string },
  options: { readonly at: FoundAt; readonly beforeSeq: number; readonly deadlineMs: number },
): Generator<FoundEvent, { readonly complete: boolean; readonly floorSeq: number }> {
  const selection = below(selectEvents(db, filter), options.beforeSeq);
  let floorSeq = options.beforeSeq;
  for (const result of searchBlocks(db, filter.search, selection, options.at)) {
    yield* result.found;
    ({ floorSeq } = result);
    if (performance.now() > options.deadlineMs) return { complete: false, floorSeq };
  }
  return { complete: true, floorSeq };
}

function pageRows(db: Database, filter: EventFilter, from: PagePosition, options: PageOptions): Part {
  const reader = new EventReader(db);
  const selection = below(selectEvents(db, filter), from.beforeSeq);
  const page = new PageBuilder(options);
  for (const seq of scanSeqs(db, selection, "newest")) {
    if (page.isFull) return { ...page.end(), at: from.at }; // there is one more
    const row = reader.row(seq);
    if (row && isSelected(selection, row)) page.add(row, reader.event(row), null);
  }
  return { entries: page.entries, next: null, complete: true, at: from.at };
}

function pageSearch(
  db: Database,
  filter: EventFilter & { readonly search: string },
  from: PagePosition,
  options: PageOptions,
): Part {
  const { deadlineMs = Infinity, anywhereDeadlineMs = deadlineMs } = options;
  if (from.at === "word") {
    const words = searchPart(db, filter, from, options, deadlineMs);
    const isNothing = words.next === null && words.entries.length === 0 && !from.found;
    if (!isNothing) return words;
  }
  const start = from.at === "anywhere"
    ? from
    : { beforeSeq: Infinity, at: "anywhere" as const, found: false };
  return searchPart(db, filter, start, options, anywhereDeadlineMs);
}

function searchPart(
  db: Database,
  filter: EventFilter & { readonly search: string },
  { beforeSeq, at, found }: PagePosition,
  options: PageOptions,
  deadlineMs: number,
): Part {
  const reader = new EventReader(db);
  const page = new PageBuilder(options);
  const search = findEvents(db, filter, { at, beforeSeq, deadlineMs });
  for (let step = search.next();; step = search.next()) {
    if (step.done) {
      const { complete, floorSeq } = step.value;
      const next = complete ? null : { beforeSeq: floorSeq, at, found: found || page.entries.length > 0 };
      return { entries: page.entries, next, complete, at };
    }
    const row = reader.row(step.value.seq);
    if (row) page.add(row, reader.event(row), step.value.text);
    // Looking for one more, to know whether there is any, could take as long as the whole search.
    if (page.isFull) return { ...page.end(at), at };
  }
}

function below(selection: Selection, beforeSeq: number): Selection {
  const { first, last } = selection.range;
  return { ...selection, range: { first, last: Math.min(last, beforeSeq - 1) } };
}

/** Collects entries until there are enough of them, or enough bytes. */
class PageBuilder {
  readonly entries: Entry[] = [];
  readonly #limit: number;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor({ limit, maxBytes = Infinity }: PageOptions) {
    this.#limit = limit;
    this.#maxBytes = maxBytes;
  }

  get isFull(): boolean {
    return this.entries.length >= this.#limit || this.#bytes >= this.#maxBytes;
  }

  add(row: EventRow, event: Event, text: string | null): void {
    this.entries.push({ row, event, text });
    this.#bytes += payloadLength(event);
  }

  end(at: FoundAt = "word"): Pick<Part, "entries" | "next" | "complete"> {
    const beforeSeq = this.entries.at(-1)?.row.seq ?? 0;
    return { entries: this.entries, next: { beforeSeq, at, found: true }, complete: true };
  }
}
