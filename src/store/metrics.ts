/** Everything ever counted, as counters that a monitoring system reads again and again. @module */
import { OUTCOMES } from "../core/event.ts";
import type { Database } from "./database.ts";
import { boundsOf, HISTOGRAM_BUCKETS } from "./histogram.ts";
import { latestPluginMetrics, type StoredMetric } from "./plugin_emits_reader.ts";
import { visitBuckets } from "./rollup_reader.ts";
import { DAY_S } from "./rollup_writer.ts";
import { readSummary } from "./summary.ts";

/** Calls of one server and method that ended in one way. */
export interface CountedCalls {
  readonly server: string;
  readonly method: string;
  readonly outcome: string;
  calls: number;
}

/** All of one server. */
export interface CountedServer {
  readonly server: string;
  tokens: number;
  events: number;
  /** Calls by duration: middle of the bucket in s, and how many; shortest first. */
  readonly durations: readonly (readonly [durationS: number, calls: number])[];
}

export interface StoreCounts {
  readonly calls: readonly CountedCalls[];
  readonly servers: readonly CountedServer[];
  readonly events: number;
  readonly sizeBytes: number;
  /** The latest value of each metric that a plugin gave. */
  readonly plugins: readonly PluginValue[];
}

export type PluginValue = Pick<StoredMetric, "plugin" | "name" | "unit" | "last">;

/** Days are kept for good, so this is all that was ever recorded (until the user deletes everything). */
export function readCounts(db: Database): StoreCounts {
  const calls = new Map<string, CountedCalls>();
  const servers = new Map<string, CountedServer & { readonly latency: Float64Array }>();
  const serverOf = (server: string) => {
    let sum = servers.get(server);
    if (!sum) {
      const latency = new Float64Array(HISTOGRAM_BUCKETS);
      servers.set(server, sum = { server, tokens: 0, events: 0, durations: [], latency });
    }
    return sum;
  };
  visitBuckets(db, [{ span: DAY_S, fromS: 0, toS: endOfDaysS(db) }], {}, (block, index, key) => {
    const outcome = OUTCOMES[key.outcome] ?? "open";
    const name = JSON.stringify([key.server, key.method, outcome]);
    let sum = calls.get(name);
    if (!sum) calls.set(name, sum = { server: key.server, method: key.method, outcome, calls: 0 });
    sum.calls += block.calls[index] as number;
    const server = serverOf(key.server);
    server.tokens += block.tokens[index] as number;
    block.addLatency(index, server.latency);
  });
  for (const { server, events } of readTraffic(db)) serverOf(server).events = events;
  const { events, sizeBytes } = readSummary(db);
  return {
    calls: [...calls.values()],
    servers: [...servers.values()].map(({ latency, ...server }) => ({
      ...server,
      durations: pairs(latency),
    })),
    events,
    sizeBytes,
    plugins: latestPluginMetrics(db).map(({ plugin, name, unit, last }) => ({ plugin, name, unit, last })),
  };
}

function endOfDaysS(db: Database): number {
  const last = db.get<{ start: number }>(
    "SELECT start FROM rollups WHERE span = ? ORDER BY start DESC LIMIT 1",
    DAY_S,
  );
  return (last?.start ?? 0) + DAY_S;
}

function readTraffic(db: Database): { readonly server: string; readonly events: number }[] {
  return db.all("SELECT server, sum(events) AS events FROM traffic WHERE span = ? GROUP BY server", DAY_S);
}

function pairs(latency: Float64Array): (readonly [number, number])[] {
  return [...latency].flatMap((calls, bucket) => {
    const { lowUs, highUs } = boundsOf(bucket);
    return calls > 0 ? [[(lowUs + highUs) / 2 / 1e6, calls] as const] : [];
  });
}
