/** How far the database has come. @module */
import type { Database } from "./database.ts";

/** Seq of the event recorded last, also when it was removed since; 0 when nothing was ever recorded. A seq is never used again. */
export function lastSeq(db: Database): number {
  const row = db.get<{ seq: number | null }>("SELECT max(seq) AS seq FROM events");
  if (row?.seq) return row.seq;
  return db.get<{ value: number }>("SELECT value FROM meta WHERE key = 'removed_seq'")?.value ?? 0;
}

/** Remembers that events up to `seq` were removed. To be called in the transaction that removes them. */
export function saveRemovedSeq(db: Database, seq: number): void {
  db.run("UPDATE meta SET value = max(value, ?) WHERE key = 'removed_seq'", seq);
}

/** A number that changes when another connection has written. */
export function dataVersion(db: Database): number {
  return Number(db.get<{ data_version: number }>("PRAGMA data_version")?.data_version);
}

/** Up to here, blocks are merged and indexed (see search.ts); they end exactly here. */
export function indexedSeq(db: Database): number {
  return db.get<{ value: number }>("SELECT value FROM meta WHERE key = 'indexed_seq'")?.value ?? 0;
}
