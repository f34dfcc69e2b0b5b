/** What is stored, for the page of settings. @module */
import type { Database } from "../../store/database.ts";
import { readSummary } from "../../store/summary.ts";

export function storeSummary(db: Database): string {
  const { events, runs, oldest, newest, sizeBytes } = readSummary(db);
  return JSON.stringify({ events, runs, oldest, newest, sizeBytes });
}
