/** The servers that were recorded: what they are, who uses them, when they were seen. @module */
import { formatTimeUs } from "../core/clock.ts";
import type { Database } from "./database.ts";
import { DAY_S, floorTo, HOUR_S, MINUTE_S } from "./rollup_writer.ts";
import { NO_SERIES, readStats, type StatsRow, type TimeRange } from "./stats.ts";
import { definitionWeights, unusedTools } from "./tools.ts";

/** A client that used a server. */
export interface ServerClient {
  readonly name: string;
  readonly version: string | null;
  /** ISO 8601: when its last run began. */
  readonly lastSeen: string;
}

type CallFigures = Pick<
  StatsRow,
  "calls" | "errors" | "errorRate" | "p50Ms" | "p95Ms" | "p99Ms" | "tokens" | "series"
>;

/** Field names and order are a stable contract (`GET /api/servers`). */
export interface ServerInfo extends CallFigures {
  readonly server: string;
  /** The last command line, redacted. */
  readonly command: readonly string[];
  readonly title: string | null;
  readonly version: string | null;
  readonly protocolVersion: string | null;
  readonly clients: readonly ServerClient[];
  readonly runs: number;
  readonly running: number;
  readonly firstSeen: string;
  readonly lastSeen: string;
  readonly tools: number;
  readonly unusedTools: number;
  readonly definitionBytes: number;
  readonly definitionTokens: number;
}

/** Every server, latest first; figures are those of the range. */
export function listServers(db: Database, range: TimeRange): ServerInfo[] {
  const rows = new Map(readStats(db, { ...range, by: "server" }).map((row) => [row.key, row]));
  const weights = new Map(definitionWeights(db, range).map((weight) => [weight.server, weight]));
  const unused = Map.groupBy(unusedTools(db, range), (tool) => tool.server);
  const clients = clientsByServer(db);
  const seen = seenByServer(db, range.untilUs);
  return lastRuns(db).map((run) => {
    const { server } = run;
    const row = rows.get(server);
    const weight = weights.get(server);
    const traffic = seen.get(server);
    const lastCallUs = row?.lastUsed ? Date.parse(row.lastUsed) * 1000 : 0;
    return {
      server,
      command: readCommand(run.command),
      title: run.title,
      version: run.version,
      protocolVersion: run.protocol,
      clients: clients.get(server) ?? [],
      runs: run.runs,
      running: run.running,
      firstSeen: formatTimeUs(firstSeenUs(run.first, traffic?.firstDayUs)),
      lastSeen: formatTimeUs(Math.max(run.last, lastCallUs, traffic?.lastUs ?? 0)),
      tools: weight?.tools ?? 0,
      unusedTools: unused.get(server)?.length ?? 0,
      definitionBytes: weight?.definitionBytes ?? 0,
      definitionTokens: weight?.definitionTokens ?? 0,
      ...callFigures(row),
    };
  }).sort((a, b) => b.lastSeen.localeCompare(a.lastSeen) || a.server.localeCompare(b.server));
}

/** When each server was first seen, in µs: to the day where retention has removed its first run. */
export function firstSeenByServer(db: Database): ReadonlyMap<string, number> {
  const days = new Map(
    db.all<{ server: string; first: number }>(
      "SELECT server, min(start) * 1000000 AS first FROM traffic WHERE span = ? GROUP BY server",
      DAY_S,
    ).map((row) => [row.server, row.first]),
  );
  const runs = db.all<{ server: string; first: number }>(
    "SELECT server, min(started_us) AS first FROM runs GROUP BY server",
  );
  return new Map(runs.map((row) => [row.server, firstSeenUs(row.first, days.get(row.server))]));
}

interface LastRun {
  readonly server: string;
  readonly command: string;
  readonly title: string | null;
  readonly version: string | null;
  readonly protocol: string | null;
  readonly runs: number;
  readonly running: number;
  readonly first: number;
  readonly last: number;
}

function lastRuns(db: Database): LastRun[] {
  return db.all<LastRun>(
    `SELECT r.server, command, server_title AS title, server_version AS version, protocol_version AS protocol,
       runs, running, first, last
     FROM (SELECT server, count(*) AS runs, sum(ended_us IS NULL) AS running, min(started_us) AS first,
             max(coalesce(ended_us, started_us)) AS last FROM runs GROUP BY server) AS a
     JOIN runs AS r ON r.id = (SELECT id FROM runs WHERE server = a.server ORDER BY started_us DESC, id DESC LIMIT 1)`,
  );
}

function clientsByServer(db: Database): ReadonlyMap<string, ServerClient[]> {
  const rows = db.all<{ server: string; client: string; version: string | null; seen: number }>(
    `SELECT server, client, client_version AS version, max(started_us) AS seen FROM runs
     WHERE client IS NOT NULL GROUP BY server, client, client_version ORDER BY seen DESC`,
  );
  const clients = new Map<string, ServerClient[]>();
  for (const { server, client, version, seen } of rows) {
    const list = clients.get(server) ?? [];
    list.push({ name: client, version, lastSeen: formatTimeUs(seen) });
    clients.set(server, list);
  }
  return clients;
}

interface Seen {
  readonly firstDayUs: number;
  /** Never later than its last message; to the minute within the last hour, to the hour within the last day. */
  readonly lastUs: number;
}

function seenByServer(db: Database, nowUs: number): ReadonlyMap<string, Seen> {
  const rows = db.all<{ server: string; first: number; last: number }>(
    `SELECT server, min(start) * 1000000 AS first, max(start) * 1000000 AS last FROM (
       SELECT server, start FROM traffic WHERE span = ?1
       UNION ALL SELECT server, start FROM traffic WHERE span = ?2 AND start >= ?3
       UNION ALL SELECT server, start FROM traffic WHERE span = ?4 AND start >= ?5
     ) GROUP BY server`,
    DAY_S,
    HOUR_S,
    floorTo(nowUs, HOUR_S) - DAY_S,
    MINUTE_S,
    floorTo(nowUs, MINUTE_S) - HOUR_S,
  );
  return new Map(rows.map((row) => [row.server, { firstDayUs: row.first, lastUs: row.last }]));
}

function firstSeenUs(firstRunUs: number, firstDayUs: number | undefined): number {
  if (firstDayUs === undefined) return firstRunUs;
  // A run begins within its first day of messages, unless runs before it are gone.
  return firstDayUs <= floorTo(firstRunUs, DAY_S) * 1e6 - DAY_S * 1e6 ? firstDayUs : firstRunUs;
}

function callFigures(row: StatsRow | undefined): CallFigures {
  return {
    calls: row?.calls ?? 0,
    errors: row?.errors ?? 0,
    errorRate: row?.errorRate ?? 0,
    p50Ms: row?.p50Ms ?? null,
    p95Ms: row?.p95Ms ?? null,
    p99Ms: row?.p99Ms ?? null,
    tokens: row?.tokens ?? 0,
    series: row?.series ?? NO_SERIES,
  };
}

function readCommand(json: string): string[] {
  const command: unknown = JSON.parse(json);
  return Array.isArray(command) ? command.map(String) : [];
}
