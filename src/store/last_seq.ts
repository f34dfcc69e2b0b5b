/** The number of the newest event. @module */
import type { Database } from "./database.ts";

/** Seq of the event recorded last, also when it was removed since; 0 when nothing was ever recorded. A seq is never used again. */
export function lastSeq(db: Database): number {
  const row = db.get<{ seq: number | null }>("SELECT max(seq) AS seq FROM events");
  if (row?.seq) return row.seq;
  return db.get<{ seq: number | null }>("SELECT max(last_seq) AS seq FROM traffic")?.seq ?? 0;
}

/** A number that changes when another connection has written. */
export function dataVersion(db: Database): number {
  return Number(db.get<{ data_version: number }>("PRAGMA data_version")?.data_version);
}
