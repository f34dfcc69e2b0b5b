/** Counts requests by route, never by path: paths come from outside, routes are a closed list. @module */
import type { MiddlewareHandler } from "hono";
import type { DaemonMetrics } from "./daemon_metrics.ts";
import { routeOf } from "../route_table.ts";
import type { ApiEnv } from "../router.ts";

/** What no route answered: the dashboard's files, and paths that are not there. */
const NO_ROUTE = "other";
const METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]);

export function countRequests(metrics: DaemonMetrics): MiddlewareHandler<ApiEnv> {
  return async (context, next) => {
    const startedAtMs = performance.now();
    await next();
    const route = routeOf(context) ?? NO_ROUTE;
    const method = METHODS.has(context.req.method) ? context.req.method : NO_ROUTE;
    metrics.requests.add(1, { method, route, status: String(context.res.status) });
    metrics.requestDuration.observe(performance.now() - startedAtMs, { route });
  };
}
