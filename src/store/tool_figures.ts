/** Tools with what they weigh and how they do: those listed, and those called without ever being listed. @module */
import { formatTimeUs } from "../core/clock.ts";
import type { Database } from "./database.ts";
import { NO_SERIES, readStats, type StatsRow, type TimeRange } from "./stats.ts";
import { type ListedTool, listedTools } from "./tools.ts";

/** Field names and order are a stable contract (`GET /api/tools`). */
export interface ToolInfo extends
  Pick<
    StatsRow,
    | "calls"
    | "errors"
    | "errorRate"
    | "p50Ms"
    | "p95Ms"
    | "p99Ms"
    | "requestBytes"
    | "responseBytes"
    | "tokens"
    | "series"
  > {
  readonly server: string;
  readonly tool: string;
  /** Null for a tool that was never listed. */
  readonly definitionBytes: number | null;
  readonly definitionTokens: number | null;
  /** ISO 8601. */
  readonly firstListed: string | null;
  readonly lastListed: string | null;
  readonly changedAt: string | null;
  readonly lastCalled: string | null;
  /** Listed in the range and not called in it. */
  readonly unused: boolean;
}

export interface ToolsInfoQuery extends TimeRange {
  readonly server?: string | undefined;
}

/** Tools, most calls first, then heaviest; figures are those of the range. */
export function listTools(db: Database, query: ToolsInfoQuery): ToolInfo[] {
  const rows = readStats(db, { ...query, by: "tool", method: "tools/call" });
  const called = new Map(rows.map((row) => [nameOf(row.server ?? "", row.key), row]));
  const listed = listedTools(db).filter((tool) => query.server === undefined || tool.server === query.server);
  const known = new Set(listed.map((tool) => nameOf(tool.server, tool.tool)));
  const tools = [
    ...listed.map((tool) => describe(tool, called.get(nameOf(tool.server, tool.tool)), query)),
    ...rows.filter((row) => !known.has(nameOf(row.server ?? "", row.key)))
      .map((row) => ({
        ...NEVER_LISTED,
        server: row.server ?? "",
        tool: row.key,
        lastCalled: row.lastUsed,
        ...figures(row),
      })),
  ];
  return tools.sort((a, b) =>
    b.calls - a.calls || (b.definitionTokens ?? 0) - (a.definitionTokens ?? 0) ||
    a.server.localeCompare(b.server) || a.tool.localeCompare(b.tool)
  );
}

function describe(tool: ListedTool, row: StatsRow | undefined, { sinceUs }: TimeRange): ToolInfo {
  const time = (us: number | null) => us === null ? null : formatTimeUs(us);
  const calledUs = tool.lastCalledUs;
  return {
    server: tool.server,
    tool: tool.tool,
    definitionBytes: tool.definitionBytes,
    definitionTokens: tool.definitionTokens,
    firstListed: time(tool.firstListedUs),
    lastListed: time(tool.lastListedUs),
    changedAt: time(tool.changedUs),
    lastCalled: time(calledUs) ?? row?.lastUsed ?? null,
    unused: tool.lastListedUs >= sinceUs && row === undefined && (calledUs === null || calledUs < sinceUs),
    ...figures(row),
  };
}

const NEVER_LISTED = {
  server: "",
  tool: "",
  definitionBytes: null,
  definitionTokens: null,
  firstListed: null,
  lastListed: null,
  changedAt: null,
  lastCalled: null,
  unused: false,
};

function figures(row: StatsRow | undefined) {
  return {
    calls: row?.calls ?? 0,
    errors: row?.errors ?? 0,
    errorRate: row?.errorRate ?? 0,
    p50Ms: row?.p50Ms ?? null,
    p95Ms: row?.p95Ms ?? null,
    p99Ms: row?.p99Ms ?? null,
    requestBytes: row?.requestBytes ?? 0,
    responseBytes: row?.responseBytes ?? 0,
    tokens: row?.tokens ?? 0,
    series: row?.series ?? NO_SERIES,
  };
}

function nameOf(server: string, tool: string): string {
  return JSON.stringify([server, tool]);
}
