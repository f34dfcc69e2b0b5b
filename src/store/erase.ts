/** Forgets what outlives the events, for a user who deletes everything, and takes the bytes of it out of the file. @module */
import { KmError } from "../core/error.ts";
import type { Database } from "./database.ts";
import { eraseEmits } from "./plugin_retention.ts";
import { UNUSED_SHAPE } from "./retention.ts";
import { eraseSessions } from "./session_retention.ts";

/**
 * Removes what was counted, what plugins gave back, sessions and tasks that are over, and every name that no event uses any more: runs with their commands, tools, methods, clients.
 * To be called when the events have been pruned. What events are still there for (newer ones, of a km that records now) stays.
 */
export function eraseLeftovers(db: Database): void {
  db.transaction(() => {
    db.exec("DELETE FROM rollups");
    db.exec("DELETE FROM series");
    db.exec("DELETE FROM tools");
    eraseEmits(db);
    eraseSessions(db);
    db.exec(
      "DELETE FROM traffic WHERE NOT EXISTS (SELECT 1 FROM events WHERE seq BETWEEN first_seq AND last_seq)",
    );
    db.exec(`DELETE FROM shapes WHERE ${UNUSED_SHAPE}`);
    db.exec("DELETE FROM runs WHERE NOT EXISTS (SELECT 1 FROM shapes WHERE run = runs.id)");
    // Other processes remember numbers of what is gone: this tells them to look again.
    db.run("UPDATE meta SET value = value + 1 WHERE key = 'dictionary'");
    // The words of removed blocks stay in the index until it is merged.
    const isIndexEmpty = db.get("SELECT 1 FROM search LIMIT 1") === undefined;
    db.exec(`INSERT INTO search (search) VALUES ('${isIndexEmpty ? "delete-all" : "optimize"}')`);
  });
}

/**
 * Writes the file anew, so that nothing removed can be read in it or in its write-ahead log.
 * @returns false when another process used the file meanwhile, so that removed bytes may still be there
 */
export function wipeFreePages(db: Database): boolean {
  try {
    db.exec("VACUUM");
    return db.get<{ busy: number }>("PRAGMA wal_checkpoint(TRUNCATE)")?.busy === 0;
  } catch (error) {
    if (error instanceof KmError && (error.code === "store_locked" || error.code === "store_full")) {
      return false;
    }
    throw error;
  }
}
