/**
 * Removing old events, in steps short enough that no writer waits long. Whole blocks go, oldest first, with their events, their share of
 * large payloads and their place in the search index; then minutes of statistics; then sessions that ended and tasks that are over; then pages are given back to the file system.
 * Statistics by day stay for good, by hour for `KEEP_HOURS_US`.
 * @module
 */
import { type Removed, removedOf } from "../core/removed.ts";
import { BlockBuilder, decodeBlock, MAX_BLOCK_EVENTS, MAX_BLOCK_US, unpack } from "./block.ts";
import type { Database } from "./database.ts";
import { saveRemovedSeq } from "./last_seq.ts";
import { removeAnnotations, removeOldEmits } from "./plugin_retention.ts";
import {
  isNothing,
  oldestOutput,
  type OldOutput,
  type PrunedSessions,
  removeEndedStep,
  removeOldOutput,
} from "./session_retention.ts";
import { floorTo, HOUR_S, MINUTE_S } from "./rollup_writer.ts";
import { addShapes, isIndexed, removeShapes } from "./shape_index.ts";

export interface PruneOptions {
  /** Remove events before this time, in µs since the Unix epoch. */
  readonly olderThanUs?: number | undefined;
  /** Remove the oldest events until the data takes no more than this. */
  readonly maxBytes?: number | null | undefined;
  /** Remove everything that was recorded up to this seq, whatever its time. */
  readonly untilSeq?: number | undefined;
  /** At most about this many events in this step (1,000 take about 10 ms). */
  readonly maxEvents: number;
}

/** What went in this step. */
export interface PruneResult extends Removed {
  /** True when nothing is left to remove. */
  readonly done: boolean;
}

/** A range shorter than 24 days is drawn from hours (24 slots of less than a day), so they are kept a little longer. */
const KEEP_HOURS_US = 35 * 86_400 * 1e6;
/** Rows of statistics, or names, removed in one step. */
const STATISTICS_ROWS = 5000;
/** Pages given back to the file system in one step: 8 MB. */
const VACUUM_PAGES = 2048;
/** Free pages are given back when they are more than this share of the file; fewer are soon used again. */
const FREE_SHARE = 0.1;

/** No event has the shape, neither an indexed one nor one that waits. */
export const UNUSED_SHAPE = `id NOT IN (SELECT shape FROM shape_blocks WHERE shape = shapes.id)
  AND id NOT IN (SELECT shape FROM events WHERE seq > (SELECT value FROM meta WHERE key = 'indexed_seq'))`;

interface OldBlock {
  readonly first_seq: number;
  readonly last_seq: number;
  readonly events: number;
  readonly bytes: number;
}

const OLD_BLOCK = "first_seq, last_seq, events, size + large AS bytes";

/** Removes some of what is too old or too much. Call it until it is `done`, and let writers in between. */
export function pruneStep(db: Database, options: PruneOptions): PruneResult {
  const { olderThanUs } = options;
  const blocks = findOldBlocks(db, options);
  const output = findOlderOutput(db, options, blocks[0]);
  if (output) return resultOf(removeOldOutput(db, output, excessBytes(db, options)));
  if (blocks.length > 0) {
    const deleted = db.transaction(() => blocks.reduce((sum, block) => sum + removeBlock(db, block), 0));
    return { deleted, done: false };
  }
  if (olderThanUs !== undefined) {
    const deleted = trimBlocks(db, olderThanUs, options.maxEvents);
    if (deleted > 0) return { deleted, done: false };
    const removers = [removeOldStatistics, removeOldNames, removeOldEmits];
    if (removers.some((remove) => remove(db, olderThanUs))) return { deleted: 0, done: false };
    const ended = removeEndedStep(db, olderThanUs);
    if (!isNothing(ended)) return resultOf(ended);
  }
  return { deleted: 0, done: shrinkFile(db) };
}

/** Bytes of the file that hold data. */
export function usedBytes(db: Database): number {
  const row = db.get<{ bytes: number }>(
    `SELECT (page_count - freelist_count) * page_size AS bytes
     FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
  );
  return row?.bytes ?? 0;
}

/** Output of sessions that must go for the size, and is older than the events that must. */
function findOlderOutput(
  db: Database,
  options: PruneOptions,
  block: OldBlock | undefined,
): OldOutput | undefined {
  if (options.untilSeq !== undefined || excessBytes(db, options) <= 0) return undefined;
  const output = oldestOutput(db);
  if (output === undefined || block === undefined) return output;
  const { last_us } =
    db.get<{ last_us: number }>("SELECT last_us FROM blocks WHERE first_seq = ?", block.first_seq) ??
      { last_us: 0 };
  return output.first_us < last_us ? output : undefined;
}

function resultOf({ sessions, tasks }: PrunedSessions): PruneResult {
  return { ...removedOf(0, sessions, tasks), done: false };
}

function excessBytes(db: Database, { maxBytes }: PruneOptions): number {
  return typeof maxBytes === "number" ? usedBytes(db) - maxBytes : 0;
}

/** Whole blocks that may go, oldest first, of about `maxEvents` events. */
function findOldBlocks(db: Database, options: PruneOptions): OldBlock[] {
  const { olderThanUs, untilSeq, maxEvents } = options;
  if (untilSeq !== undefined) {
    const blocks = db.all<OldBlock>(
      `SELECT ${OLD_BLOCK} FROM blocks WHERE last_seq <= ? ORDER BY first_seq LIMIT ?`,
      untilSeq,
      maxEvents,
    );
    return firstBlocks(blocks, "events", maxEvents);
  }
  const excess = excessBytes(db, options);
  if (excess > 0) {
    const blocks = db.all<OldBlock>(`SELECT ${OLD_BLOCK} FROM blocks ORDER BY first_seq LIMIT ?`, maxEvents);
    // A block takes less than its size before compression, so this never removes more than it must.
    return firstBlocks(firstBlocks(blocks, "events", maxEvents), "bytes", excess);
  }
  if (olderThanUs === undefined) return [];
  const blocks = db.all<OldBlock>(
    `SELECT ${OLD_BLOCK} FROM blocks INDEXED BY blocks_by_time WHERE last_us < ? ORDER BY last_us LIMIT ?`,
    olderThanUs,
    maxEvents,
  );
  return firstBlocks(blocks, "events", maxEvents);
}

/** As many blocks as it takes to have `wanted` of `what`. */
function firstBlocks(blocks: readonly OldBlock[], what: "events" | "bytes", wanted: number): OldBlock[] {
  let sum = 0;
  return blocks.filter((block) => (sum += block[what]) - block[what] < wanted);
}

function removeBlock(db: Database, block: OldBlock): number {
  releasePayloads(db, block, Infinity);
  removeShapes(db, block);
  removeAnnotations(db, { firstSeq: block.first_seq, lastSeq: block.last_seq, beforeUs: Infinity });
  const deleted = db.run("DELETE FROM events WHERE seq BETWEEN ? AND ?", block.first_seq, block.last_seq);
  db.run("DELETE FROM search WHERE rowid = ?", block.first_seq);
  db.run("DELETE FROM blocks WHERE first_seq = ?", block.first_seq);
  saveRemovedSeq(db, block.last_seq);
  return deleted;
}

/** Takes the old events out of blocks that also hold newer ones. Their words stay in the index until the block goes. */
function trimBlocks(db: Database, olderThanUs: number, maxEvents: number): number {
  const blocks = db.all<OldBlock>(
    `SELECT ${OLD_BLOCK} FROM blocks INDEXED BY blocks_by_time
     WHERE last_us >= ?1 AND last_us <= ?1 + ?2 AND first_us < ?1 LIMIT ?3`,
    olderThanUs,
    MAX_BLOCK_US,
    Math.ceil(maxEvents / MAX_BLOCK_EVENTS),
  );
  if (blocks.length === 0) return 0;
  return db.transaction(() => blocks.reduce((sum, block) => sum + trimBlock(db, block, olderThanUs), 0));
}

function trimBlock(db: Database, block: OldBlock, olderThanUs: number): number {
  const range = [block.first_seq, block.last_seq] as const;
  releasePayloads(db, block, olderThanUs);
  removeShapes(db, block);
  removeAnnotations(db, { firstSeq: range[0], lastSeq: range[1], beforeUs: olderThanUs });
  const deleted = db.run(
    "DELETE FROM events WHERE seq BETWEEN ? AND ? AND time_us < ?",
    ...range,
    olderThanUs,
  );
  if (isIndexed(db, block)) addShapes(db, block);
  const kept = new Set(
    db.all<{ seq: number }>("SELECT seq FROM events WHERE seq BETWEEN ? AND ?", ...range).map((row) =>
      row.seq
    ),
  );
  const stored = db.get<{ compressed: number; data: Uint8Array }>(
    "SELECT compressed, data FROM blocks WHERE first_seq = ?",
    block.first_seq,
  );
  const builder = new BlockBuilder();
  builder.start(block.first_seq);
  for (const [seq, payload] of stored ? decodeBlock(block.first_seq, unpack(stored)) : []) {
    if (kept.has(seq)) builder.add(seq, payload);
  }
  const { data, compressed } = builder.finish();
  db.run(
    "UPDATE blocks SET first_us = ?, events = ?, size = ?, compressed = ?, data = ? WHERE first_seq = ?",
    olderThanUs,
    kept.size,
    builder.size,
    compressed,
    data,
    block.first_seq,
  );
  return deleted;
}

/** Gives up the uses of large payloads by the block's events before `beforeUs`, and the payloads that nobody uses any more. */
function releasePayloads(db: Database, block: OldBlock, beforeUs: number): void {
  const uses = db.all<{ payload: number; uses: number }>(
    `SELECT payload, count(*) AS uses FROM events
     WHERE seq BETWEEN ? AND ? AND time_us < ? AND payload IS NOT NULL GROUP BY payload`,
    block.first_seq,
    block.last_seq,
    beforeUs,
  );
  for (const { payload, uses: count } of uses) {
    db.run("UPDATE payloads SET refs = refs - ? WHERE id = ?", count, payload);
    db.run("DELETE FROM payloads WHERE id = ? AND refs <= 0", payload);
  }
}

/** Minutes (`MINUTE_S`) or hours (`HOUR_S`) before this time were removed, in s since the Unix epoch. */
export function keptFrom(db: Database, span: number): number {
  return db.get<{ value: number }>("SELECT value FROM meta WHERE key = ?", `kept_from_${span}`)?.value ?? 0;
}

/** Removes some minutes and hours that are too old; true when it found any. */
function removeOldStatistics(db: Database, olderThanUs: number): boolean {
  const old = [[MINUTE_S, olderThanUs], [HOUR_S, olderThanUs - KEEP_HOURS_US]] as const;
  return old.some(([span, beforeUs]) => {
    const beforeS = floorTo(beforeUs, span);
    return ["rollups", "traffic"].some((table) => {
      const first = db.get(`SELECT 1 FROM ${table} WHERE span = ? AND start < ? LIMIT 1`, span, beforeS);
      if (first) db.transaction(() => removeBuckets(db, table, span, beforeS));
      return first !== undefined;
    });
  });
}

function removeBuckets(db: Database, table: string, span: number, beforeS: number): void {
  db.run("UPDATE meta SET value = max(value, ?) WHERE key = ?", beforeS, `kept_from_${span}`);
  db.run(
    `DELETE FROM ${table} WHERE span = ?1 AND start < ?2 AND start <= coalesce(
       (SELECT start FROM ${table} WHERE span = ?1 ORDER BY start LIMIT 1 OFFSET ?3), ?2)`,
    span,
    beforeS,
    STATISTICS_ROWS,
  );
}

/** Removes some runs and shapes that no event uses any more; true when it found any. The last run of each server stays known. */
function removeOldNames(db: Database, olderThanUs: number): boolean {
  const unused = db.all<{ id: number }>(
    `SELECT id FROM shapes WHERE run IN (SELECT id FROM runs WHERE started_us < ?)
       AND ${UNUSED_SHAPE} LIMIT ?`,
    olderThanUs,
    STATISTICS_ROWS,
  );
  if (unused.length === 0) return false;
  db.transaction(() => {
    db.run(
      `DELETE FROM shapes WHERE id IN (SELECT value FROM json_each(?))
         AND ${UNUSED_SHAPE}`,
      JSON.stringify(unused.map((row) => row.id)),
    );
    db.run(
      `DELETE FROM runs WHERE started_us < ? AND id NOT IN (SELECT max(id) FROM runs GROUP BY server)
         AND NOT EXISTS (SELECT 1 FROM shapes WHERE run = runs.id)`,
      olderThanUs,
    );
    // Other processes remember numbers of shapes: this tells them to look again.
    db.run("UPDATE meta SET value = value + 1 WHERE key = 'dictionary'");
  });
  return true;
}

/** Gives some free pages back to the file system; true when few are left. */
function shrinkFile(db: Database): boolean {
  const free = () =>
    db.get<{ free: number; pages: number }>(
      "SELECT freelist_count AS free, page_count AS pages FROM pragma_freelist_count, pragma_page_count",
    ) ?? { free: 0, pages: 1 };
  const before = free();
  if (before.free <= before.pages * FREE_SHARE) return true;
  db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
  db.get("PRAGMA wal_checkpoint(PASSIVE)");
  const after = free();
  // A file that cannot shrink must not keep the caller waiting.
  return after.free <= after.pages * FREE_SHARE || after.free === before.free;
}
