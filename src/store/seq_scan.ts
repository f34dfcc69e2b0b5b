/**
 * Walks the seqs of a selection, newest or oldest first, at a cost that depends on how many are taken and not on how many there are.
 * Events that are not indexed yet are read. In the rest it looks through windows of seqs: by reading the rows when many shapes may match, by
 * the index of which shapes a block has when few may; it jumps over stretches where none occurs and widens the window while it finds little.
 * @module
 */
import type { Database, SqlValue } from "./database.ts";
import type { Selection, SeqRange } from "./event_filter.ts";
import { indexedSeq } from "./last_seq.ts";

export type Order = "newest" | "oldest";

/** Seqs of the first window; wider than any block. */
const FIRST_WINDOW = 4096;
/** A window that gave fewer than this is followed by one four times as wide. */
const FEW = 256;
/** At most this many seqs are held at once. */
const PAGE = 256;
/** One seek in the index costs about as much as reading this many neighbouring rows. */
const ROWS_PER_SEEK = 16;
/** With more shapes than this, a row is sooner compared here than the list of them given to each query (measured 2026-11-21). */
const COMMON_SHAPES = 1000;
const NOTHING: SeqRange = { first: 1, last: 0 };

/** Seqs in the selection's range whose shape matches; their time is for the caller to check. */
export function* scanSeqs(db: Database, selection: Selection, order: Order): Generator<number> {
  const { range, shapes } = selection;
  if (shapes === null) return yield* scanRows(db, range, null, order);
  if (shapes.size > COMMON_SHAPES) return yield* scanCommon(db, range, shapes, order);
  yield* scanRare(db, range, shapes, order);
}

function* scanRare(
  db: Database,
  range: SeqRange,
  shapes: ReadonlySet<number>,
  order: Order,
): Generator<number> {
  const indexed = indexedSeq(db);
  const list = JSON.stringify([...shapes]);
  const parts = [
    scanRows(db, { first: Math.max(range.first, indexed + 1), last: range.last }, list, order),
    scanIndexed(db, { first: range.first, last: Math.min(range.last, indexed) }, list, shapes.size, order),
  ];
  for (const part of order === "newest" ? parts : parts.reverse()) yield* part;
}

/** First seq of the block that holds `seq`; `seq` itself when none does. */
export function startOfBlock(db: Database, seq: number): number {
  const row = db.get<{ seq: number | null }>(
    "SELECT max(first_seq) AS seq FROM blocks WHERE first_seq <= ?",
    seq,
  );
  return row?.seq ?? seq;
}

/** Reads row by row, in pages. `shapes` is a JSON array of those that match, null for all. */
export function* scanRows(
  db: Database,
  all: SeqRange,
  shapes: string | null,
  order: Order,
): Generator<number> {
  const condition = shapes === null ? "" : "AND shape IN (SELECT value FROM json_each(?))";
  const sql = `SELECT seq FROM events NOT INDEXED WHERE seq BETWEEN ? AND ? ${condition} ${
    by("seq", order)
  } LIMIT ${PAGE}`;
  const more: SqlValue[] = shapes === null ? [] : [shapes];
  for (let range = all; range.first <= range.last;) {
    const seqs = db.all<{ seq: number }>(sql, range.first, range.last, ...more).map((row) => row.seq);
    yield* seqs;
    const end = seqs[PAGE - 1];
    if (end === undefined) return;
    range = beyond(range, end, order);
  }
}

/** For a choice so wide that most blocks have some of it; where a stretch has none, the indexes are asked. */
function* scanCommon(
  db: Database,
  all: SeqRange,
  shapes: ReadonlySet<number>,
  order: Order,
): Generator<number> {
  let misses = 0;
  for (let range = all; range.first <= range.last;) {
    const rows = db.all<{ seq: number; shape: number }>(
      `SELECT seq, shape FROM events NOT INDEXED WHERE seq BETWEEN ? AND ? ${by("seq", order)} LIMIT ${PAGE}`,
      range.first,
      range.last,
    );
    for (const { seq, shape } of rows) {
      misses++;
      if (!shapes.has(shape)) continue;
      misses = 0;
      yield seq;
    }
    const end = rows[PAGE - 1];
    if (end === undefined) return;
    range = beyond(range, end.seq, order);
    if (misses > FIRST_WINDOW) return yield* scanRare(db, range, shapes, order);
  }
}

function* scanIndexed(
  db: Database,
  all: SeqRange,
  shapes: string,
  count: number,
  order: Order,
): Generator<number> {
  let width = FIRST_WINDOW;
  for (let range = jump(db, all, shapes, order); range.first <= range.last;) {
    const window = alignToBlocks(db, near(range, width, order), order);
    const readRows = count * ROWS_PER_SEEK > width;
    let found = 0;
    for (const part of readRows ? [window] : blocksOf(db, window, shapes, order)) {
      for (const seq of scanRows(db, intersect(part, range), shapes, order)) {
        found++;
        yield seq;
      }
    }
    range = beyond(range, order === "newest" ? window.first : window.last, order);
    if (found === 0) range = jump(db, range, shapes, order);
    width = found < FEW ? width * 4 : FIRST_WINDOW;
  }
}

/** Leaves out what lies before the first block that has any of the shapes. */
function jump(db: Database, range: SeqRange, shapes: string, order: Order): SeqRange {
  if (range.first > range.last) return NOTHING;
  const end = order === "newest" ? "max" : "min";
  const block = db.get<{ block: number | null }>(
    `SELECT ${end}((SELECT ${end}(block) FROM shape_blocks WHERE shape = value AND block BETWEEN ? AND ?)) AS block
     FROM json_each(?)`,
    startOfBlock(db, range.first),
    range.last,
    shapes,
  )?.block;
  if (block === null || block === undefined) return NOTHING;
  return intersect(
    range,
    order === "newest" ? { first: 0, last: endOfBlock(db, block) } : { first: block, last: Infinity },
  );
}

/** Blocks that start in the window and have any of the shapes. */
function* blocksOf(db: Database, window: SeqRange, shapes: string, order: Order): Generator<SeqRange> {
  const rows = db.all<{ block: number }>(
    `SELECT DISTINCT block FROM shape_blocks WHERE shape IN (SELECT value FROM json_each(?)) AND block BETWEEN ? AND ?
     ${by("block", order)}`,
    shapes,
    window.first,
    window.last,
  );
  for (const { block } of rows) yield { first: block, last: endOfBlock(db, block) };
}

/** Last seq of the block that starts at `firstSeq`. */
export function endOfBlock(db: Database, firstSeq: number): number {
  return db.get<{ last_seq: number }>("SELECT last_seq FROM blocks WHERE first_seq = ?", firstSeq)
    ?.last_seq ?? firstSeq;
}

/** Moves the window's ends to ends of blocks, so that each block is in one window. */
function alignToBlocks(db: Database, window: SeqRange, order: Order): SeqRange {
  const first = startOfBlock(db, window.first);
  return { first, last: order === "newest" ? window.last : endOfBlock(db, startOfBlock(db, window.last)) };
}

/** What is in both. */
export function intersect(a: SeqRange, b: SeqRange): SeqRange {
  return { first: Math.max(a.first, b.first), last: Math.min(a.last, b.last) };
}

function by(column: string, order: Order): string {
  return `ORDER BY ${column} ${order === "newest" ? "DESC" : "ASC"}`;
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
