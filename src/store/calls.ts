/** Reading calls: requests with their answers. @module */
import { type Call, type Event, OUTCOMES } from "../core/event.ts";
import type { CallFilter } from "../core/filter.ts";
import { outcomeCode } from "./codes.ts";
import type { Database } from "./database.ts";
import { isSelected, selectEvents, type Selection } from "./event_filter.ts";
import { EventReader, type EventRow } from "./event_rows.ts";
import { type Order, scanSeqs } from "./seq_scan.ts";

/** Which calls to take. Everything given must hold. */
const PAGE = 256;

/** The newest `limit` calls, newest first. */
export function listCalls(db: Database, filter: CallFilter, limit: number): Call[] {
  // As in `listEvents`.
  return [...pageCalls(db, filter, { limit }).calls].sort((a, b) =>
    a.time < b.time ? 1 : a.time > b.time ? -1 : 0
  );
}

/** Calls with where the next page begins: below this seq; null when there is none. */
export interface CallPage {
  readonly calls: readonly Call[];
  readonly nextSeq: number | null;
}

/** The newest `limit` calls whose requests have a seq below `beforeSeq`, the one recorded last first. Paging as in `pageEvents`. */
export function pageCalls(
  db: Database,
  filter: CallFilter,
  { limit, beforeSeq = Infinity }: { readonly limit: number; readonly beforeSeq?: number | undefined },
): CallPage {
  return db.snapshot(() => {
    const reader = new EventReader(db);
    const rows: EventRow[] = [];
    let nextSeq: number | null = null;
    for (const row of limit > 0 ? selectRows(db, reader, filter, "newest", beforeSeq) : []) {
      const last = rows[limit - 1];
      if (last) {
        nextSeq = last.seq;
        break;
      }
      rows.push(row);
    }
    return { calls: rows.flatMap((row) => reader.call(row) ?? []), nextSeq };
  });
}

/** All calls, in the order their requests were recorded. */
export function* iterateCalls(db: Database, filter: CallFilter): Generator<Call> {
  const reader = new EventReader(db);
  for (const row of selectRows(db, reader, filter, "oldest")) {
    const call = reader.call(row);
    if (call) yield call;
  }
}

/** A call with both its messages. */
export interface Exchange {
  readonly call: Call;
  readonly request: Event;
  /** Null while there is no answer. */
  readonly response: Event | null;
}

/** All calls with their messages, in the order their requests were recorded. One reader for all, so that a block is unpacked once. */
export function* iterateExchanges(db: Database, filter: CallFilter): Generator<Exchange> {
  const reader = new EventReader(db);
  for (const row of selectRows(db, reader, filter, "oldest")) {
    const call = reader.call(row);
    const answer = row.counterpart === null ? undefined : reader.row(row.counterpart);
    if (call) yield { call, request: reader.event(row), response: answer ? reader.event(answer) : null };
  }
}

function* selectRows(
  db: Database,
  reader: EventReader,
  filter: CallFilter,
  order: Order,
  beforeSeq = Infinity,
): Generator<EventRow> {
  const all = selectEvents(db, { ...filter, kind: "request" });
  const selection = {
    ...all,
    range: { first: all.range.first, last: Math.min(all.range.last, beforeSeq - 1) },
  };
  const wanted = filter.outcome === undefined ? null : outcomeCode(filter.outcome);
  for (const seq of candidates(db, selection, wanted, order)) {
    const row = reader.row(seq);
    if (!row || row.outcome === null || !isSelected(selection, row)) continue;
    if (wanted === null || row.outcome === wanted) yield row;
  }
}

/** Most calls end well; all other outcomes have an index of their own. */
function candidates(
  db: Database,
  selection: Selection,
  outcome: number | null,
  order: Order,
): Generator<number> {
  if (outcome === null || outcome === OUTCOMES.indexOf("ok")) return scanSeqs(db, selection, order);
  return scanOutcome(db, selection, outcome, order);
}

function* scanOutcome(db: Database, selection: Selection, outcome: number, order: Order): Generator<number> {
  let { first, last } = selection.range;
  while (first <= last) {
    const seqs = db.all<{ seq: number }>(
      `SELECT seq FROM events INDEXED BY calls_not_ok WHERE outcome = ? AND outcome <> 1 AND seq BETWEEN ? AND ?
       ORDER BY seq ${order === "newest" ? "DESC" : "ASC"} LIMIT ${PAGE}`,
      outcome,
      first,
      last,
    ).map((row) => row.seq);
    yield* seqs;
    const end = seqs[PAGE - 1];
    if (end === undefined) return;
    if (order === "newest") last = end - 1;
    else first = end + 1;
  }
}
