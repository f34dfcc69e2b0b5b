/**
 * Looks for a text block by block, newest first: a block is unpacked once and looked through as a whole, which takes a thirtieth of the time that
 * reading its events one by one takes; only where it holds the text are its events looked at.
 *
 * The newest blocks are simply looked through: what is searched most often is there. Only then is the index asked, because its answer costs
 * 10 to 60 ms on 5 million events however little of it is used (measured 2026-11-21: all blocks with a word that begins so are merged first).
 * @module
 */
import { decodeBlock, unpack } from "./block.ts";
import type { Database, SqlValue } from "./database.ts";
import { isSelected, type Selection, type SeqRange } from "./event_filter.ts";
import { indexedSeq } from "./last_seq.ts";
import { PayloadReader, type PayloadRow } from "./payload_store.ts";
import { type FoundAt, indexQuery, searchableText, textMatcher, unescapeJson } from "./search_text.ts";
import { intersect, startOfBlock } from "./seq_scan.ts";

/** An event that holds the text. */
export interface FoundEvent {
  readonly seq: number;
  /** The text in which it was found. */
  readonly text: string;
}

/** What one block gave. */
export interface BlockResult {
  /** Newest first. */
  readonly found: readonly FoundEvent[];
  /** Nothing from here on is left to be looked at. */
  readonly floorSeq: number;
}

/** Newest blocks that are looked through before the index is asked; 170 µs each. */
const FIRST_BLOCKS = 16;
/** Blocks read at once; packed, they are about 20 KB each. */
const BLOCKS_AT_ONCE = 16;
/** Blocks that the index is asked for at once: most of what an answer costs does not depend on it. */
const INDEX_PAGE = 4096;
const ALL = 1e9;
/** With more shapes than this, most blocks have one of them. */
const FEW_SHAPES = 64;

/** So few blocks are sooner looked through than the index of words is asked. */
const FEW_BLOCKS = 64;
/** Characters that JSON writes as an escape that is not \u. */
// deno-lint-ignore no-control-regex -- they are what is meant
const MAY_BE_ESCAPED = /["\\/\x00-\x1f]/;

interface StoredBlock {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly large: number;
  readonly compressed: number;
  readonly data: Uint8Array;
}

type LightRow = PayloadRow & { readonly shape: number; readonly time_us: number; readonly flags: number };

const BLOCK = "first_seq, last_seq, large, compressed, data";

/** Yields what each block that was looked at gave, newest first. Run it on one view of the data (`Database.snapshot`). */
export function* searchBlocks(
  db: Database,
  search: string,
  selection: Selection,
  at: FoundAt,
): Generator<BlockResult> {
  if (selection.shapes?.size === 0) return;
  const matchers = matchersOf(search, at);
  const reader = new PayloadReader(db);
  for (const block of candidates(db, search, selection, at)) {
    const found = searchBlock(db, reader, block, selection, matchers);
    yield { found, floorSeq: block.first_seq };
  }
}

function searchBlock(
  db: Database,
  reader: PayloadReader,
  block: StoredBlock,
  selection: Selection,
  { mayContain, matches }: Matchers,
): FoundEvent[] {
  const bytes = unpack(block);
  // Large payloads lie elsewhere: a block that has some is looked at row by row.
  if (block.large === 0 && !mayContain(bytes)) return [];
  const payloads = decodeBlock(block.first_seq, bytes);
  const { first, last } = intersect(selection.range, { first: block.first_seq, last: block.last_seq });
  const rows = db.all<LightRow>(
    `SELECT seq, time_us, shape, flags, rpc_id, payload, id_at FROM events NOT INDEXED
     WHERE seq BETWEEN ? AND ? ORDER BY seq DESC`,
    first,
    last,
  );
  const found: FoundEvent[] = [];
  for (const row of rows) {
    if (!isSelected(selection, row)) continue;
    const payload = row.payload === null ? payloads.get(row.seq) : reader.read(row);
    if (!payload) continue;
    const text = searchableText(payload, row.flags);
    if (matches(text)) found.push({ seq: row.seq, text });
  }
  return found;
}

interface Matchers {
  /** Of a block's bytes, unpacked: may one of its events match? */
  readonly mayContain: (bytes: Uint8Array) => boolean;
  readonly matches: (text: string) => boolean;
}

/**
 * A block is decoded as one text, numbers between its payloads and all: they end with a byte below 128, so that they spoil no character, but may look
 * like letters, so that the text is looked for anywhere. JSON's escapes are read only where they can matter.
 */
function matchersOf(search: string, at: FoundAt): Matchers {
  const contains = textMatcher(search, "anywhere");
  const hasEscapes = MAY_BE_ESCAPED.test(search);
  const mayContain = (bytes: Uint8Array) => {
    const text = new TextDecoder().decode(bytes);
    return contains(text) ||
      (text.includes(hasEscapes ? "\\" : "\\u") && contains(unescapeJson(text)));
  };
  return { mayContain, matches: textMatcher(search, at) };
}

function* candidates(
  db: Database,
  search: string,
  selection: Selection,
  at: FoundAt,
): Generator<StoredBlock> {
  const range = { first: startOfBlock(db, selection.range.first), last: selection.range.last };
  const query = at === "word" ? indexQuery(search) : null;
  const few = selection.shapes !== null && selection.shapes.size <= FEW_SHAPES ? selection.shapes : null;
  if (query === null && few === null) return yield* allBlocks(db, range);
  const indexed = indexedSeq(db);
  let next = range.last;
  let looked = 0;
  for (const block of allBlocks(db, range)) {
    if (block.first_seq <= indexed && looked++ >= FIRST_BLOCKS) break;
    yield block;
    next = block.first_seq - 1;
  }
  const rest = { first: range.first, last: Math.min(next, indexed) };
  for (const firstSeq of indexedBlocks(db, rest, query, few)) {
    const block = db.get<StoredBlock>(`SELECT ${BLOCK} FROM blocks WHERE first_seq = ?`, firstSeq);
    if (block) yield block;
  }
}

function* allBlocks(db: Database, { first, last }: SeqRange): Generator<StoredBlock> {
  while (first <= last) {
    const blocks = db.all<StoredBlock>(
      `SELECT ${BLOCK} FROM blocks WHERE first_seq BETWEEN ? AND ? ORDER BY first_seq DESC LIMIT ${BLOCKS_AT_ONCE}`,
      first,
      last,
    );
    yield* blocks;
    const end = blocks[BLOCKS_AT_ONCE - 1];
    if (end === undefined) return;
    last = end.first_seq - 1;
  }
}

/** First seqs of blocks that have the words and one of the shapes, as far as each is asked for; newest first. */
function* indexedBlocks(
  db: Database,
  range: SeqRange,
  query: string | null,
  shapes: ReadonlySet<number> | null,
): Generator<number> {
  const withShapes = shapes === null ? null : new Set(blocksWithShapes(db, range, shapes));
  if (query === null || (withShapes && withShapes.size <= FEW_BLOCKS)) return yield* withShapes ?? [];
  // Where most of a page may be thrown away, all is asked for at once.
  const page = withShapes === null ? INDEX_PAGE : ALL;
  for (let { first, last } = range; first <= last;) {
    const blocks = pageOf(
      db,
      `SELECT rowid AS block FROM search WHERE search MATCH ? AND rowid BETWEEN ? AND ?
       ORDER BY rowid DESC LIMIT ${page}`,
      query,
      first,
      last,
    );
    for (const block of blocks) if (withShapes === null || withShapes.has(block)) yield block;
    const end = blocks[page - 1];
    if (end === undefined) return;
    last = end - 1;
  }
}

function blocksWithShapes(db: Database, range: SeqRange, shapes: ReadonlySet<number>): number[] {
  return pageOf(
    db,
    `SELECT DISTINCT block FROM shape_blocks WHERE shape IN (SELECT value FROM json_each(?)) AND block BETWEEN ? AND ?
     ORDER BY block DESC`,
    JSON.stringify([...shapes]),
    range.first,
    range.last,
  );
}

function pageOf(db: Database, sql: string, ...values: SqlValue[]): number[] {
  return db.all<{ block: number }>(sql, ...values).map((row) => row.block);
}
