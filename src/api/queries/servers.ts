/** The servers that were recorded. @module */
import type { Database } from "../../store/database.ts";
import { listServers } from "../../store/servers.ts";
import type { TimeRange } from "../../store/stats.ts";

export function getServers(db: Database, range: TimeRange): string {
  return JSON.stringify({ servers: listServers(db, range) });
}
