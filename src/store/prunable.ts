/** How much a prune would remove, without removing it. @module */
import type { Database } from "./database.ts";
import type { PruneLimits } from "./prune.ts";
import { usedBytes } from "./retention.ts";
import { type Removed, removedOf } from "../core/removed.ts";
import { countEnded } from "./session_retention.ts";

/**
 * Estimates what `pruneStore` would remove in all. Events: whole blocks by age, in proportion by size; reads one row for each block.
 * Sessions and tasks: by age alone, those that would go by size are not counted.
 */
export function countPrunable(db: Database, limits: PruneLimits): Removed {
  const { erase, olderThanUs } = limits;
  const beforeUs = erase ? Number.MAX_SAFE_INTEGER : olderThanUs;
  const { sessions, tasks } = beforeUs === undefined ? { sessions: 0, tasks: 0 } : countEnded(db, beforeUs);
  return removedOf(countEvents(db, limits), sessions, tasks);
}

function countEvents(db: Database, { erase, olderThanUs, maxBytes }: PruneLimits): number {
  if (erase) return countBlocks(db, "");
  const old = olderThanUs === undefined ? 0 : countBlocks(db, "WHERE last_us < ?", olderThanUs);
  const used = maxBytes === undefined || maxBytes === null ? 0 : usedBytes(db);
  const excess = maxBytes && used > maxBytes ? Math.round(countBlocks(db, "") * (1 - maxBytes / used)) : 0;
  return Math.max(old, excess);
}

function countBlocks(db: Database, where: string, ...values: number[]): number {
  const row = db.get<{ events: number }>(
    `SELECT coalesce(sum(events), 0) AS events FROM blocks ${where}`,
    ...values,
  );
  return row?.events ?? 0;
}
