/** What `km stats --json` prints and `GET /api/stats` answers: made in one place, so that both always say the same. @module */
import { formatTimeUs } from "../core/clock.ts";
import type { Database } from "./database.ts";
import {
  type RangeTotals,
  readStats,
  readTotals,
  type StatsBy,
  type StatsRow,
  type Subject,
  type TimeRange,
} from "./stats.ts";
import { type DefinitionWeight, definitionWeights, type UnusedTool, unusedTools } from "./tools.ts";

export interface ReportQuery extends TimeRange, Pick<Subject, "server" | "tool"> {
  readonly by: StatsBy;
}

/** Field names and order are a stable contract. */
export interface StatsReport {
  /** ISO 8601. */
  readonly since: string;
  readonly until: string;
  readonly by: StatsBy;
  readonly rows: readonly StatsRow[];
  readonly totals: RangeTotals;
  readonly unusedTools: readonly UnusedTool[];
  readonly definitions: readonly DefinitionWeight[];
}

/** The report of a range. */
export function readReport(db: Database, query: ReportQuery): StatsReport {
  const isWanted = (of: { readonly server: string }) =>
    query.server === undefined || of.server === query.server;
  return {
    ...emptyReport(query),
    rows: readStats(db, query),
    totals: readTotals(db, query),
    unusedTools: unusedTools(db, query).filter((row) =>
      isWanted(row) && (query.tool === undefined || row.tool === query.tool)
    ),
    definitions: definitionWeights(db, query).filter(isWanted),
  };
}

/** The report of a home in which nothing was recorded yet. */
export function emptyReport({ sinceUs, untilUs, by }: ReportQuery): StatsReport {
  return {
    since: formatTimeUs(sinceUs),
    until: formatTimeUs(untilUs),
    by,
    rows: [],
    totals: NOTHING,
    unusedTools: [],
    definitions: [],
  };
}

const NOTHING: RangeTotals = {
  calls: 0,
  errors: 0,
  errorRate: 0,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
  requestBytes: 0,
  responseBytes: 0,
  tokens: 0,
  lastUsed: null,
  series: [],
  messages: 0,
  messageBytes: 0,
};
