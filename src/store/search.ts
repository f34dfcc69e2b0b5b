/**
 * Full-text search, and the background work that fills it. The index names blocks, not events: words repeat within a block, so it stays small, and a block is unpacked anyway to
 * show what was found. Every candidate is checked against its payload, so the index may say too much but never decides.
 *
 * It is filled in the background: small blocks of slow traffic are merged into large ones first (which also compresses them), then each is indexed
 * once, its words and its shapes. What comes after `indexed_seq` is less than one block, or waits for the next idle moment, and is looked through.
 * @module
 */
import {
  BlockBuilder,
  decodeBlock,
  MAX_BLOCK_BYTES,
  MAX_BLOCK_EVENTS,
  MAX_BLOCK_US,
  unpack,
} from "./block.ts";
import type { Database } from "./database.ts";
import { indexedSeq } from "./last_seq.ts";
import type { Selection, SeqRange } from "./event_filter.ts";
import { PayloadReader, type PayloadRow } from "./payload_store.ts";
import { cutLongWords, indexQuery, searchableText, textMatcher, unescapeJson } from "./search_text.ts";
import { endOfBlock, intersect, type Order, scanRows, startOfBlock } from "./seq_scan.ts";
import { addShapes } from "./shape_index.ts";

export interface IndexOptions {
  /** At most about this many events are handled in this call (one transaction; 1,000 take about 20 ms). */
  readonly maxEvents: number;
}

/** A block that is at least this full (bytes before compression) is not merged any more. */
const FULL_BLOCK_BYTES = MAX_BLOCK_BYTES / 2;
/** A block with this many bytes of large payloads is closed too, so that a search need not read much to check it. */
const MAX_LARGE_BYTES = 512 * 1024;

/** …or this many events. */
const FULL_BLOCK_EVENTS = MAX_BLOCK_EVENTS / 2;
/** At most this many blocks are looked at in one call. */
const MAX_BLOCKS_READ = 20_000;
/** Candidates asked for at once. */
const PAGE = 64;
/** Blocks read at once where each is looked through; packed, they are about 20 KB each. */
const BLOCKS_AT_ONCE = 16;

interface BlockRow {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly first_us: number;
  readonly last_us: number;
  readonly events: number;
  readonly size: number;
  readonly large: number;
}

interface StoredBlock {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly large: number;
  readonly compressed: number;
  readonly data: Uint8Array;
}

/** Merges and indexes blocks that wait for it. Returns how many events still wait (0: nothing is left to do now). */
export function indexPending(db: Database, options: IndexOptions): number {
  if (readPending(db, options.maxEvents).groups.length === 0) return 0;
  return db.transaction(() => {
    // Read again under the lock: another process may have been faster.
    const { groups, more } = readPending(db, options.maxEvents);
    for (const group of groups) settleBlock(db, group);
    return more ? countWaiting(db) : 0;
  });
}

/** Seqs in the selection's range where `text` may occur. What is indexed meanwhile does not disturb it: it asks once how far the index goes. */
export function* searchSeqs(
  db: Database,
  text: string,
  selection: Selection,
  order: Order,
): Generator<number> {
  const { first, last } = selection.range;
  const indexed = indexedSeq(db);
  const parts = [
    scanRows(db, { first: Math.max(first, indexed + 1), last }, null, order),
    searchIndex(db, text, { first, last: Math.min(last, indexed) }, order),
  ];
  for (const part of order === "newest" ? parts : parts.reverse()) yield* part;
}

/** Groups of blocks to be settled, of about `maxEvents` events, and whether there are more after them. */
function readPending(
  db: Database,
  maxEvents: number,
): { readonly groups: BlockRow[][]; readonly more: boolean } {
  const wanted = Math.max(maxEvents, MAX_BLOCK_EVENTS);
  // A block has at least one event, so that this many blocks are enough.
  const blocks = db.all<BlockRow>(
    `SELECT first_seq, last_seq, first_us, last_us, events, size, large FROM blocks
     WHERE first_seq > (SELECT value FROM meta WHERE key = 'indexed_seq') ORDER BY first_seq LIMIT ?`,
    Math.min(wanted, MAX_BLOCKS_READ),
  );
  const groups: BlockRow[][] = [];
  let events = 0;
  for (const group of groupBlocks(blocks)) {
    if (events >= wanted) return { groups, more: true };
    events += group.reduce((sum, block) => sum + block.events, 0);
    groups.push(group);
  }
  return { groups, more: blocks.length === Math.min(wanted, MAX_BLOCKS_READ) };
}

function countWaiting(db: Database): number {
  const row = db.get<{ events: number }>(
    `SELECT coalesce(sum(events), 0) AS events FROM blocks
     WHERE first_seq > (SELECT value FROM meta WHERE key = 'indexed_seq')`,
  );
  return row?.events ?? 0;
}

/** Splits blocks into groups that become one block each. The last group is left out while it may still grow. */
function groupBlocks(blocks: readonly BlockRow[]): BlockRow[][] {
  const groups: BlockRow[][] = [];
  let group: BlockRow[] = [];
  let sum = { size: 0, large: 0, events: 0 };
  const close = () => {
    if (group.length > 0) groups.push(group);
    group = [];
    sum = { size: 0, large: 0, events: 0 };
  };
  for (const block of blocks) {
    const first = group[0];
    const tooLarge = sum.size + block.size > MAX_BLOCK_BYTES || sum.events + block.events > MAX_BLOCK_EVENTS;
    if (first && (tooLarge || timeSpan(first, block) > MAX_BLOCK_US)) close();
    group.push(block);
    sum = { size: sum.size + block.size, large: sum.large + block.large, events: sum.events + block.events };
    if (sum.size >= FULL_BLOCK_BYTES || sum.large >= MAX_LARGE_BYTES || sum.events >= FULL_BLOCK_EVENTS) {
      close();
    }
  }
  return groups;
}

function timeSpan(a: BlockRow, b: BlockRow): number {
  return Math.max(a.last_us, b.last_us) - Math.min(a.first_us, b.first_us);
}

/** Makes one indexed block of a group. */
function settleBlock(db: Database, group: readonly BlockRow[]): void {
  const first = group[0] as BlockRow;
  const last = group[group.length - 1] as BlockRow;
  const text = readText(db, first.first_seq, last.last_seq);
  if (group.length > 1) mergeBlocks(db, group, first, last);
  db.run("INSERT INTO search (rowid, words) VALUES (?, ?)", first.first_seq, text);
  addShapes(db, { first_seq: first.first_seq, last_seq: last.last_seq });
  db.run("UPDATE meta SET value = ? WHERE key = 'indexed_seq'", last.last_seq);
}

function mergeBlocks(db: Database, group: readonly BlockRow[], first: BlockRow, last: BlockRow): void {
  const builder = new BlockBuilder();
  builder.start(first.first_seq);
  for (
    const row of db.all<{ first_seq: number; compressed: number; data: Uint8Array }>(
      "SELECT first_seq, compressed, data FROM blocks WHERE first_seq BETWEEN ? AND ? ORDER BY first_seq",
      first.first_seq,
      last.first_seq,
    )
  ) {
    for (const [seq, payload] of decodeBlock(row.first_seq, unpack(row))) builder.add(seq, payload);
  }
  const { data, compressed } = builder.finish();
  db.run("DELETE FROM blocks WHERE first_seq > ? AND first_seq <= ?", first.first_seq, last.first_seq);
  db.run(
    "UPDATE blocks SET last_seq = ?, first_us = ?, last_us = ?, events = ?, size = ?, large = ?, compressed = ?, data = ? WHERE first_seq = ?",
    last.last_seq,
    Math.min(...group.map((block) => block.first_us)),
    Math.max(...group.map((block) => block.last_us)),
    group.reduce((sum, block) => sum + block.events, 0),
    builder.size,
    group.reduce((sum, block) => sum + block.large, 0),
    compressed,
    data,
    first.first_seq,
  );
}

/** What the index is to know of a block: the text of its events, each large payload once. */
function readText(db: Database, firstSeq: number, lastSeq: number): string {
  const reader = new PayloadReader(db);
  const large = new Set<number>();
  const texts: string[] = [];
  for (
    const row of db.all<PayloadRow & { flags: number }>(
      "SELECT seq, flags, rpc_id, payload, id_at FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq",
      firstSeq,
      lastSeq,
    )
  ) {
    if (row.payload !== null) {
      if (large.has(row.payload)) continue;
      large.add(row.payload);
    }
    const payload = reader.read(row);
    if (payload !== null) texts.push(searchableText(payload, row.flags));
  }
  return cutLongWords(texts.join("\n"));
}

/**
 * Seqs in the range whose block holds `text` anywhere, also within words: blocks are looked through as a whole, which takes 1.7 µs an event, where
 * reading them one by one takes 47 (measured 2026-11-21). Ends at `deadlineMs` (on the clock of `performance.now`), wherever it is.
 */
export function* scanForText(
  db: Database,
  text: string,
  range: SeqRange,
  order: Order,
  deadlineMs = Infinity,
): Generator<number> {
  const matches = textMatcher(text, "anywhere");
  let first = startOfBlock(db, range.first);
  let { last } = range;
  while (first <= last) {
    const blocks = db.all<StoredBlock>(
      `SELECT first_seq, last_seq, large, compressed, data FROM blocks WHERE first_seq BETWEEN ? AND ?
       ORDER BY first_seq ${order === "newest" ? "DESC" : "ASC"} LIMIT ${BLOCKS_AT_ONCE}`,
      first,
      last,
    );
    for (const block of blocks) {
      if (performance.now() > deadlineMs) return;
      if (!mayContain(block, matches)) continue;
      yield* scanRows(db, intersect(range, { first: block.first_seq, last: block.last_seq }), null, order);
    }
    const end = blocks[BLOCKS_AT_ONCE - 1];
    if (end === undefined) return;
    if (order === "newest") last = end.first_seq - 1;
    else first = end.last_seq + 1;
  }
}

/** Large payloads lie elsewhere: a block that has some is for its reader to check. */
function mayContain(block: StoredBlock, matches: (text: string) => boolean): boolean {
  if (block.large > 0) return true;
  const decoder = new TextDecoder();
  const payloads = [...decodeBlock(block.first_seq, unpack(block)).values()];
  const text = payloads.map((payload) => decoder.decode(payload)).join("\n");
  return matches(text) || (text.includes("\\") && matches(unescapeJson(text)));
}

/** Events of the blocks that have the words; of all blocks that hold the text when it has no word to look up. */
function* searchIndex(db: Database, text: string, range: SeqRange, order: Order): Generator<number> {
  const query = indexQuery(text);
  if (query === null) return yield* scanForText(db, text, range, order);
  const newest = order === "newest";
  let first = startOfBlock(db, range.first);
  let { last } = range;
  while (first <= last) {
    const blocks = db.all<{ block: number }>(
      `SELECT rowid AS block FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ?
       ORDER BY rowid ${newest ? "DESC" : "ASC"} LIMIT ${PAGE}`,
      query,
      first,
      last,
    ).map((row) => row.block);
    for (const block of blocks) {
      yield* scanRows(db, intersect(range, { first: block, last: endOfBlock(db, block) }), null, order);
    }
    const end = blocks[PAGE - 1];
    if (end === undefined) return;
    if (newest) last = end - 1;
    else first = end + 1;
  }
}
