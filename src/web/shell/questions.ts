/** What Overview, Servers and Tools ask. @module */
import { answer } from "./api.ts";
import type { Latency, Overview, Server, Stats, Tool } from "./contract.ts";

export function askOverview(signal: AbortSignal): Promise<Overview> {
  return get("overview", { utcOffsetMinutes: String(-new Date().getTimezoneOffset()) }, signal);
}

export function askStats(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Stats> {
  return get("stats", query, signal);
}

export function askLatency(query: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Latency> {
  return get("latency", query, signal);
}

export async function askServers(since: string, signal: AbortSignal): Promise<readonly Server[]> {
  return (await get<{ servers: Server[] }>("servers", { since }, signal)).servers;
}

export async function askTools(since: string, signal: AbortSignal): Promise<readonly Tool[]> {
  return (await get<{ tools: Tool[] }>("tools", { since }, signal)).tools;
}

function get<Body>(
  name: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Body> {
  return answer<Body>(fetch(`/api/${name}?${new URLSearchParams(query)}`, { signal }));
}
