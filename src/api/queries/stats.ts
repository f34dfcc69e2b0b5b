/** Statistics of a range, with their course over time. @module */
import type { Database } from "../../store/database.ts";
import { readReport, type ReportQuery } from "../../store/stats_report.ts";
import { type Interval, readSeries } from "../../store/stats_series.ts";

export interface StatsArgs extends ReportQuery {
  readonly interval: Interval;
}

export function getStats(db: Database, args: StatsArgs): string {
  return JSON.stringify({ ...readReport(db, args), ...readSeries(db, args) });
}
