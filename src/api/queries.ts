/**
 * The questions that the API answers from the store, by name: each a function of an open database and its arguments that gives JSON text.
 *
 * Text and not objects, because an answer goes from the thread that reads to the socket as it is, and because what was recorded is
 * spliced in as it came (`store/event_json.ts`). Arguments are plain data: they cross threads.
 * @module
 */
import type { Database } from "../store/database.ts";
import { listActivity } from "./queries/activity.ts";
import { listCalls, readCall } from "./queries/calls.ts";
import { readEvent } from "./queries/event.ts";
import { getFindings } from "./queries/findings.ts";
import { getLatency } from "./queries/latency.ts";
import { readStreamPage } from "./queries/stream_page.ts";
import { getMetrics } from "./queries/metrics.ts";
import { getOverview } from "./queries/overview.ts";
import { search } from "./queries/search.ts";
import { listAuditEntries, searchSessions, sessionHistory, sessionRecording } from "./queries/sessions.ts";
import { getServers } from "./queries/servers.ts";
import { getStats } from "./queries/stats.ts";
import { storeSummary } from "./queries/settings.ts";
import { serverNames, shortIds } from "./queries/names.ts";
import { storeHealth } from "./queries/store_health.ts";
import { getTools } from "./queries/tools.ts";

export const QUERIES = {
  storeHealth,
  shortIds,
  serverNames,
  storeSummary,
  activity: listActivity,
  event: readEvent,
  calls: listCalls,
  call: readCall,
  search,
  streamPage: readStreamPage,
  stats: getStats,
  latency: getLatency,
  servers: getServers,
  tools: getTools,
  findings: getFindings,
  overview: getOverview,
  metrics: getMetrics,
  sessionHistory,
  sessionRecording,
  sessionSearch: searchSessions,
  audit: listAuditEntries,
} as const satisfies Record<string, (db: Database, args: never) => string>;

export type QueryName = keyof typeof QUERIES;
export type QueryArgs<Name extends QueryName> = Parameters<typeof QUERIES[Name]>[1];

/** Answers one question. @throws {KmError} not_found, ambiguous, store_… */
export function answerQuery<Name extends QueryName>(db: Database, name: Name, args: QueryArgs<Name>): string {
  const answer = QUERIES[name] as (db: Database, args: QueryArgs<Name>) => string; // as: one union member of many
  return answer(db, args);
}
