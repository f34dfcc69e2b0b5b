/** `GET /metrics`: what is recorded and how the daemon does, for Prometheus. @module */
import { createRoute, z } from "@hono/zod-openapi";
import type { StoreCounts } from "../../store/metrics.ts";
import type { ApiDeps } from "../deps.ts";
import { METRICS_CONTENT_TYPE, renderMetrics } from "../metrics/metrics.ts";
import type { DaemonMetrics } from "../metrics/daemon_metrics.ts";
import { storeMetrics } from "../metrics/store_metrics.ts";
import { createRouter, requires } from "../router.ts";

const getMetrics = createRoute({
  method: "get",
  path: "/metrics",
  summary: "Metrics for Prometheus, text format 0.0.4",
  middleware: [requires("read")] as const,
  responses: {
    200: { description: "Metrics", content: { "text/plain": { schema: z.string() } } },
  },
});

const decoder = new TextDecoder();

// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function metricsRoutes({ reader, streams, version, uptimeMs }: ApiDeps, metrics: DaemonMetrics) {
  return createRouter().openapi(getMetrics, async (context) => {
    // As: what `readCounts` gave, as JSON.
    const counts = JSON.parse(decoder.decode(await reader.query("metrics", {}))) as StoreCounts;
    const text = renderMetrics([
      ...storeMetrics(counts),
      ...metrics.collect({ version, uptimeMs: uptimeMs(), streams: streams.counters() }),
    ]);
    return context.text(text, 200, { "Content-Type": METRICS_CONTENT_TYPE });
  });
}
