/** What Overview, Servers and Tools ask. @module */
import type { InferRequestType } from "hono/client";
import { answer, api } from "./api.ts";
import type { Latency, Overview, Server, Stats, Tool } from "./contract.ts";

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

export async function askServers(since: string, signal: AbortSignal): Promise<readonly Server[]> {
  return (await answer(api.servers.$get({ query: { since } }, { init: { signal } }))).servers;
}

export async function askTools(since: string, signal: AbortSignal): Promise<readonly Tool[]> {
  return (await answer(api.tools.$get({ query: { since } }, { init: { signal } }))).tools;
}
