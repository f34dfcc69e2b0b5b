/** Everything ever counted. @module */
import type { Database } from "../../store/database.ts";
import { readCounts } from "../../store/metrics.ts";

export function getMetrics(db: Database, _args: Record<string, never>): string {
  return JSON.stringify(readCounts(db));
}
