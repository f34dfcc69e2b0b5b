/** How the durations of calls are spread. @module */
import type { Database } from "../../store/database.ts";
import { readLatency } from "../../store/latency.ts";
import type { Subject, TimeRange } from "../../store/stats.ts";

export function getLatency(db: Database, args: TimeRange & Subject): string {
  return JSON.stringify(readLatency(db, args));
}
