/** The API: every resource's routes behind the same checks. Its type is what `client` and the dashboard are made from. @module */
import { limitSmallBodies } from "./body.ts";
import { identifyCaller } from "./caller.ts";
import { countRequests } from "./metrics/count_requests.ts";
import type { ApiDeps } from "./deps.ts";
import { ApiError, errorResponse } from "./errors.ts";
import { DaemonMetrics } from "./metrics/daemon_metrics.ts";
import { openApiDocument } from "./openapi_document.ts";
import { refuseUnknownParameters, routeOf, RouteTable } from "./route_table.ts";
import { createRouter } from "./router.ts";
import { limitRate } from "./rate_limit.ts";
import { activityRoutes } from "./routes/activity.ts";
import { callRoutes } from "./routes/calls.ts";
import { eventRoutes } from "./routes/events.ts";
import { auditRoutes } from "./routes/audit.ts";
import { authRoutes } from "./routes/auth.ts";
import { findingsRoutes } from "./routes/findings.ts";
import { healthRoutes } from "./routes/health.ts";
import { keysRoutes } from "./routes/keys.ts";
import { ingestRoutes } from "./routes/ingest.ts";
import { latencyRoutes } from "./routes/latency.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { namesRoutes } from "./routes/names.ts";
import { openApiRoutes } from "./routes/openapi.ts";
import { overviewRoutes } from "./routes/overview.ts";
import { searchRoutes } from "./routes/search.ts";
import { pruneRoutes } from "./routes/prune.ts";
import { sessionInputRoutes } from "./routes/session_input.ts";
import { sessionReadRoutes } from "./routes/session_reads.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { sessionSocketRoutes } from "./routes/session_sockets.ts";
import { settingsRoutes } from "./routes/settings.ts";
import { serversRoutes } from "./routes/servers.ts";
import { statsRoutes } from "./routes/stats.ts";
import { streamRoutes } from "./routes/stream.ts";
import { streamSocketRoutes } from "./routes/stream_ws.ts";
import { taskRoutes } from "./routes/tasks.ts";
import { toolsRoutes } from "./routes/tools.ts";
import { SessionSockets } from "./sessions/session_sockets.ts";
import { staticFile } from "./static_files.ts";

/** Puts the API together. `app.request()` works without a socket. */
// deno-lint-ignore explicit-module-boundary-types -- the type is the list of routes, which the typed client reads
export function createApp(deps: ApiDeps) {
  const app = createRouter();
  const metrics = deps.metrics ?? new DaemonMetrics();
  const table = new RouteTable(app);
  const sockets = deps.sessions
    ? new SessionSockets({ sessions: deps.sessions, tasks: deps.tasks, authenticator: deps.authenticator })
    : null;
  if (sockets) deps.stopping.addEventListener("abort", () => sockets.end(), { once: true });
  const recheck = () => {
    deps.streams.recheck();
    sockets?.recheck();
  };
  app.onError((error, context) => {
    deps.failures?.add(error, { method: context.req.method, route: routeOf(context) });
    return errorResponse(error);
  });
  app.notFound(async ({ req }) =>
    (req.method === "GET" || req.method === "HEAD" ? await staticFile(req.path, req.raw.headers) : null) ??
      errorResponse(nothingAt(req.path, await methodsOf(table, req.path)))
  );
  app.use("*", countRequests(metrics));
  app.use(
    "*",
    identifyCaller(deps.authenticator),
    limitRate(deps.maxRequestsPerMinute ?? (() => 0)),
    limitSmallBodies(),
    refuseUnknownParameters(table),
  );
  return app
    .route("/", healthRoutes(deps))
    .route("/", openApiRoutes(() => openApiDocument(app, deps.version)))
    .route("/", authRoutes(deps, recheck))
    .route("/", keysRoutes(deps, recheck))
    .route("/", activityRoutes(deps))
    .route("/", eventRoutes(deps))
    .route("/", callRoutes(deps))
    .route("/", searchRoutes(deps))
    .route("/", pruneRoutes(deps))
    .route("/", settingsRoutes(deps))
    .route("/", ingestRoutes(deps))
    .route("/", streamRoutes(deps))
    .route("/", streamSocketRoutes(deps))
    .route("/", sessionReadRoutes(deps))
    .route("/", sessionInputRoutes(deps))
    .route("/", sessionRoutes(deps))
    .route("/", auditRoutes(deps))
    .route("/", sessionSocketRoutes(sockets))
    .route("/", taskRoutes(deps))
    .route("/", metricsRoutes(deps, metrics))
    .route("/", statsRoutes(deps))
    .route("/", latencyRoutes(deps))
    .route("/", serversRoutes(deps))
    .route("/", toolsRoutes(deps))
    .route("/", findingsRoutes(deps))
    .route("/", namesRoutes(deps))
    .route("/", overviewRoutes(deps));
}

/** What can be done at a path of the API or of the dashboard. */
async function methodsOf(table: RouteTable, path: string): Promise<readonly string[]> {
  return await staticFile(path) === null ? table.methodsAt(path) : ["GET", "HEAD"];
}

function nothingAt(path: string, methods: readonly string[]): ApiError {
  if (methods.length === 0) return new ApiError(404, "not_found", "There is nothing at this path");
  return new ApiError(405, "bad_method", `This cannot be done at ${path}`, {
    hint: `it takes: ${methods.join(", ")}`,
    headers: { "Allow": methods.join(", ") },
  });
}

export type Api = ReturnType<typeof createApp>;
