/** Forgets the statistics that outlive their events, for a user who deletes everything. @module */
import type { Database } from "./database.ts";

/**
 * Removes what was counted about calls and tools. Names of servers and methods stay, because a recording process remembers
 * their numbers; so does the traffic of events that are still there, by which they are found.
 */
export function eraseStatistics(db: Database): void {
  db.transaction(() => {
    db.exec("DELETE FROM rollups");
    db.exec("DELETE FROM tools");
    db.exec(
      "DELETE FROM traffic WHERE NOT EXISTS (SELECT 1 FROM events WHERE seq BETWEEN first_seq AND last_seq)",
    );
  });
}
