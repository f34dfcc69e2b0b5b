/** How much a prune would remove, without removing it. @module */
import type { Database } from "./database.ts";
import type { PruneLimits } from "./prune.ts";
import { usedBytes } from "./retention.ts";
import { countEndedSessions } from "./session_retention.ts";

/** Estimates how many events `pruneStore` would remove in all: whole blocks by age, in proportion by size. Reads one row for each block. */
export function countPrunable(db: Database, { erase, olderThanUs, maxBytes }: PruneLimits): number {
  if (erase) return countBlocks(db, "");
  const old = olderThanUs === undefined ? 0 : countBlocks(db, "WHERE last_us < ?", olderThanUs);
  const used = maxBytes === undefined || maxBytes === null ? 0 : usedBytes(db);
  const excess = maxBytes && used > maxBytes ? Math.round(countBlocks(db, "") * (1 - maxBytes / used)) : 0;
  return Math.max(old, excess);
}

/** How many sessions that ended it would remove by their age; those that would go by size are not counted. */
export function countPrunableSessions(db: Database, { erase, olderThanUs }: PruneLimits): number {
  if (olderThanUs === undefined) return 0;
  return countEndedSessions(db, erase ? Number.MAX_SAFE_INTEGER : olderThanUs);
}

function countBlocks(db: Database, where: string, ...values: number[]): number {
  const row = db.get<{ events: number }>(
    `SELECT coalesce(sum(events), 0) AS events FROM blocks ${where}`,
    ...values,
  );
  return row?.events ?? 0;
}
