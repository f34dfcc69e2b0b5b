/** What is recorded, as metrics. Names of servers and methods come from outside, so only the busiest have a label of their own. @module */
import type { StoreCounts } from "../../store/metrics.ts";
import { boundAt, DURATION_BOUNDS_S, histogramSamples, type Metric, type Sample } from "./metrics.ts";

const MAX_SERVERS = 100;
const MAX_METHODS = 50;
/** Of all plugins together; the store bounds each. */
const MAX_PLUGIN_METRICS = 500;
const OTHER = "other";

export function storeMetrics(counts: StoreCounts): Metric[] {
  const servers = busiest(counts.calls, "server", MAX_SERVERS);
  const methods = busiest(counts.calls, "method", MAX_METHODS);
  const serverOf = (server: string) => servers.size < MAX_SERVERS || servers.has(server) ? server : OTHER;
  return [
    counter(
      "km_events_total",
      "Messages that were recorded.",
      counts.servers.map(({ server, events }) => ({ labels: { server: serverOf(server) }, value: events })),
    ),
    counter(
      "km_calls_total",
      "Calls that ended, by their outcome.",
      counts.calls.map(({ server, method, outcome, calls }) => ({
        labels: {
          server: serverOf(server),
          method: methods.has(method) ? method : OTHER,
          outcome,
        },
        value: calls,
      })),
    ),
    durations(counts, serverOf),
    counter(
      "km_tokens_total",
      "Estimated tokens that answers put into a model's context.",
      counts.servers.map(({ server, tokens }) => ({ labels: { server: serverOf(server) }, value: tokens })),
    ),
    {
      name: "km_plugin_metric",
      help: "Latest value of what a plugin measured, in its own words.",
      type: "gauge",
      samples: counts.plugins.slice(0, MAX_PLUGIN_METRICS).map(({ last, ...labels }) => ({
        labels,
        value: last,
      })),
    },
    gauge("km_store_events", "Events that are in the database now.", counts.events),
    gauge("km_store_size_bytes", "Size of the database file.", counts.sizeBytes),
  ];
}

function durations(counts: StoreCounts, serverOf: (server: string) => string): Metric {
  const sums = new Map<string, { readonly counts: number[]; sumS: number }>();
  for (const server of counts.servers) {
    if (server.durations.length === 0) continue;
    const name = serverOf(server.server);
    let sum = sums.get(name);
    if (!sum) {
      sums.set(name, sum = { counts: new Array<number>(DURATION_BOUNDS_S.length + 1).fill(0), sumS: 0 });
    }
    for (const [durationS, calls] of server.durations) {
      const at = boundAt(durationS);
      sum.counts[at] = (sum.counts[at] as number) + calls;
      sum.sumS += durationS * calls;
    }
  }
  return {
    name: "km_call_duration_seconds",
    help: "Durations of calls, exact to 3.2 %.",
    type: "histogram",
    samples: [...sums].flatMap(([server, sum]) => histogramSamples({ server }, sum.counts, sum.sumS)),
  };
}

/** The `most` names with the most calls. */
function busiest(calls: StoreCounts["calls"], by: "server" | "method", most: number): ReadonlySet<string> {
  const sums = new Map<string, number>();
  for (const row of calls) sums.set(row[by], (sums.get(row[by]) ?? 0) + row.calls);
  return new Set([...sums].sort((a, b) => b[1] - a[1]).slice(0, most).map(([name]) => name));
}

/** Lines with the same labels become one. */
function counter(name: string, help: string, samples: readonly Sample[]): Metric {
  const sums = new Map<string, { readonly labels: Record<string, string>; value: number }>();
  for (const { labels = {}, value } of samples) {
    const key = JSON.stringify(labels);
    const sum = sums.get(key);
    if (sum) sum.value += value;
    else sums.set(key, { labels, value });
  }
  return { name, help, type: "counter", samples: [...sums.values()] };
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, help, type: "gauge", samples: [{ value }] };
}
