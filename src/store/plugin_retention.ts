/** How long what plugins gave back is kept: findings and annotations as long as events, metrics by day for good. @module */
import type { Database } from "./database.ts";
import { PLUGIN_TABLES } from "./plugin_emits.ts";

/** Rows removed in one step. */
const STEP_ROWS = 5000;

/** Removes annotations of events from `firstSeq` to `lastSeq` before `beforeUs`; to be called before the events go. */
export function removeAnnotations(
  db: Database,
  range: { readonly firstSeq: number; readonly lastSeq: number; readonly beforeUs: number },
): void {
  if (db.get("SELECT 1 FROM plugin_annotations LIMIT 1") === undefined) return;
  db.run(
    `DELETE FROM plugin_annotations WHERE event IN
       (SELECT id FROM events WHERE seq BETWEEN ? AND ? AND time_us < ?)`,
    range.firstSeq,
    range.lastSeq,
    range.beforeUs,
  );
}

/** Removes some findings that were last seen before `olderThanUs`, and annotations of events that were never recorded; true when it found any. */
export function removeOldEmits(db: Database, olderThanUs: number): boolean {
  const old = [
    ["plugin_findings", "plugin, key", "last_us"],
    ["plugin_annotations", "event, plugin, key", "time_us"],
  ] as const;
  return old.some(([table, key, time]) => {
    if (db.get(`SELECT 1 FROM ${table} WHERE ${time} < ? LIMIT 1`, olderThanUs) === undefined) return false;
    const removed = db.run(
      `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${time} < ? LIMIT ?)`,
      olderThanUs,
      STEP_ROWS,
    );
    return removed > 0;
  });
}

/** Forgets all that plugins ever gave back. */
export function eraseEmits(db: Database): void {
  for (const table of PLUGIN_TABLES) db.exec(`DELETE FROM ${table}`);
}
