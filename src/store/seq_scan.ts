/**
 * Walks the seqs of a selection, newest or oldest first, at a cost that depends on how many are taken and not on how many there are.
 * It looks through windows of seqs: by reading the rows when many shapes may match, by the index when few may; it jumps over stretches
 * where none of the shapes occurs and widens the window while it finds little.
 * @module
 */
import type { Database, SqlValue } from "./database.ts";
import type { Selection, SeqRange } from "./event_filter.ts";

export type Order = "newest" | "oldest";

/** Seqs of the first window. */
const FIRST_WINDOW = 4096;
/** A window that gave fewer than this is followed by one four times as wide. */
const FEW = 256;
/** At most this many seqs are held at once. */
const PAGE = 1024;
/** One seek in the index costs about as much as reading this many neighbouring rows. */
const ROWS_PER_SEEK = 16;

/** Seqs in the selection's range whose shape matches; their time is for the caller to check. */
export function* scanSeqs(db: Database, selection: Selection, order: Order): Generator<number> {
  const { shapes } = selection;
  if (shapes === null) return yield* scanAll(db, selection.range, order);
  const list = JSON.stringify([...shapes]);
  let range = jump(db, list, selection.range, order);
  let width = FIRST_WINDOW;
  while (range.first <= range.last) {
    const window = near(range, width, order);
    const byRows = shapes.size * ROWS_PER_SEEK > window.last - window.first;
    const seqs = page(db, byRows ? "NOT INDEXED" : "INDEXED BY events_by_shape", list, window, order);
    yield* seqs;
    range = seqs.length === PAGE
      ? beyond(range, seqs[PAGE - 1] as number, order)
      : beyondWindow(range, window, order);
    if (seqs.length === 0) range = jump(db, list, range, order);
    if (seqs.length < FEW) width *= 4;
    else if (seqs.length === PAGE) width = FIRST_WINDOW;
  }
}

function* scanAll(db: Database, all: SeqRange, order: Order): Generator<number> {
  for (let range = all; range.first <= range.last;) {
    const seqs = seqsOf(
      db,
      `SELECT seq FROM events WHERE seq BETWEEN ? AND ? ${by(order)} LIMIT ${FEW}`,
      range,
    );
    yield* seqs;
    if (seqs.length < FEW) return;
    range = beyond(range, seqs[FEW - 1] as number, order);
  }
}

function page(db: Database, how: string, shapes: string, window: SeqRange, order: Order): number[] {
  const sql =
    `SELECT seq FROM events ${how} WHERE shape IN (SELECT value FROM json_each(?)) AND seq BETWEEN ? AND ?
               ${by(order)} LIMIT ${PAGE}`;
  return seqsOf(db, sql, window, shapes);
}

/** Leaves out what lies before the first event of any of the shapes. */
function jump(db: Database, shapes: string, range: SeqRange, order: Order): SeqRange {
  const end = order === "newest" ? "max" : "min";
  const row = db.get<{ seq: number | null }>(
    `SELECT ${end}((SELECT ${end}(seq) FROM events INDEXED BY events_by_shape WHERE shape = value AND seq BETWEEN ? AND ?))
       AS seq FROM json_each(?)`,
    range.first,
    range.last,
    shapes,
  );
  if (!row || row.seq === null) return { first: 1, last: 0 };
  return order === "newest" ? { first: range.first, last: row.seq } : { first: row.seq, last: range.last };
}

function seqsOf(db: Database, sql: string, range: SeqRange, ...before: SqlValue[]): number[] {
  return db.all<{ seq: number }>(sql, ...before, range.first, range.last).map((row) => row.seq);
}

function by(order: Order): string {
  return order === "newest" ? "ORDER BY seq DESC" : "ORDER BY seq";
}

/** The part of `range` that is looked at first. */
function near(range: SeqRange, width: number, order: Order): SeqRange {
  return order === "newest"
    ? { first: Math.max(range.first, range.last - width + 1), last: range.last }
    : { first: range.first, last: Math.min(range.last, range.first + width - 1) };
}

/** What is left after `seq`. */
function beyond(range: SeqRange, seq: number, order: Order): SeqRange {
  return order === "newest" ? { first: range.first, last: seq - 1 } : { first: seq + 1, last: range.last };
}

function beyondWindow(range: SeqRange, window: SeqRange, order: Order): SeqRange {
  return beyond(range, order === "newest" ? window.first : window.last, order);
}
