/** What Overview, Servers and Tools ask. @module */
import type { InferRequestType } from "hono/client";
import { answer, api } from "./api.ts";
import type { Calls, Latency, Overview, Server, Stats, Tool } from "./contract.ts";

const CALLS_PAGE = 500;

export type StatsQuestion = InferRequestType<typeof api.stats.$get>["query"];
export type LatencyQuestion = InferRequestType<typeof api.latency.$get>["query"];

export function askOverview(signal: AbortSignal): Promise<Overview> {
  const query = { utcOffsetMinutes: String(-new Date().getTimezoneOffset()) };
  return answer(api.overview.$get({ query }, { init: { signal } }));
}

export function askStats(query: StatsQuestion, signal: AbortSignal): Promise<Stats> {
  return answer(api.stats.$get({ query }, { init: { signal } }));
}

export function askLatency(query: LatencyQuestion, signal: AbortSignal): Promise<Latency> {
  return answer(api.latency.$get({ query }, { init: { signal } }));
}

/** The newest calls of a tool, as many as one page holds. */
export function askCalls(
  query: { readonly since: string; readonly server: string; readonly tool: string },
  signal: AbortSignal,
): Promise<Calls> {
  return answer(api.calls.$get({ query: { ...query, limit: String(CALLS_PAGE) } }, { init: { signal } }));
}

export async function askServers(since: string, signal: AbortSignal): Promise<readonly Server[]> {
  return (await answer(api.servers.$get({ query: { since } }, { init: { signal } }))).servers;
}

export async function askTools(since: string, signal: AbortSignal): Promise<readonly Tool[]> {
  return (await answer(api.tools.$get({ query: { since } }, { init: { signal } }))).tools;
}
