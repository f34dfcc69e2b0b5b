/** The daemon, put together: the lock of its home, the store's threads, who may call, the API, the sockets. @module */
import { createApp } from "../api/app.ts";
import { FailureLog } from "../api/failure_log.ts";
import { DaemonMetrics } from "../api/metrics/daemon_metrics.ts";
import type { Handler, Listener } from "../api/serve.ts";
import { ApiKeys } from "../auth/api_keys.ts";
import { Authenticator } from "../auth/authenticator.ts";
import { EndedSessions } from "../auth/ended_sessions.ts";
import { loadToken, watchToken } from "../auth/secret_token.ts";
import { modelOf } from "../config/model.ts";
import type { Paths } from "../config/paths.ts";
import { SettingsInForce } from "../config/settings_in_force.ts";
import { formatTimeUs, systemClock } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import { urlHost } from "../core/url_host.ts";
import { openDatabase } from "../store/database.ts";
import { thisProcess } from "../store/process_mark.ts";
import { bindAddress } from "./bind.ts";
import { findDaemon, removeDaemonFile, writeDaemonFile } from "./daemon_file.ts";
import { HomeLock } from "./home_lock.ts";
import { listenIfAllowed, listenOrSay } from "./listeners.ts";
import { ingestSettings } from "./ingest_settings.ts";
import { IngestThread } from "./ingest_thread.ts";
import { QueryThread } from "./query_thread.ts";
import { openSessions } from "./sessions_part.ts";
import { StreamHub } from "./stream_hub.ts";
import { TailThread } from "./tail.ts";

export interface DaemonOptions {
  readonly paths: Paths;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** A port that is served too where the system allows it; null: none. */
  readonly alsoPort?: number | null;
  readonly version: string;
  /** PEM texts. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** Plain HTTP on an address that others can reach. */
  readonly insecureBind?: boolean;
  /** Names besides loopback that requests may be addressed to. */
  readonly allowHosts?: readonly string[];
  /** Takes what happens while it runs, a line each. */
  readonly log?: (line: string) => void;
}

export interface Daemon {
  /** Where it listens, the one to use first. */
  readonly urls: readonly string[];
  readonly ports: readonly number[];
  /** What it could not do, and what would help: one sentence each. */
  readonly notes: readonly string[];
  /** Comes when the home was removed or taken away: then there is nothing to serve, and it should be stopped. */
  readonly homeLost: Promise<KmError>;
  /** A link that signs a browser in: once, within five minutes. */
  createLink(): string;
  /** Answers what is under way, ends the streams, writes what is queued, gives the home back. Returns what had to be cut. */
  stop(): Promise<{ readonly cut: boolean }>;
}

/** How long a stop may take in all, and how much of it requests under way may take, in ms. */
const STOP_MS = 4800;
const DRAIN_MS = 4000;
/** How often it looks whether the home is still there, in ms. */
const LOOK_MS = 1000;
/** How long the loser of two that start at once waits for the winner to say where it is, in ms. */
const WINNER_MS = 5000;

/**
 * Starts the daemon of a home.
 * @throws {KmError} already_running, port_taken, usage (an address that others can reach), unsupported, store_…
 */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { paths, tls, insecureBind = false } = options;
  const hostname = await bindAddress(options.host, { tls: tls !== undefined, insecureBind });
  await using parts = new AsyncDisposableStack();
  await using sockets = new AsyncDisposableStack();
  const lock = parts.use(await takeHome(paths));
  // Made or migrated before the first question; damage is told at the start and not by the first page.
  openDatabase(paths.database, { mode: "write" })[Symbol.dispose]();

  const stopping = new AbortController();
  const startedAtMs = performance.now();
  const reader = parts.use(new QueryThread(paths.database));
  /** Every token of this home since the start: none of them may ever be stored. */
  const tokens = new Set([loadToken(paths.token)]);
  const settings = parts.use(
    new SettingsInForce({ path: paths.config, ...(options.log && { log: options.log }) }),
  );
  const forIngest = () => ingestSettings(settings, paths.database, [...tokens]);
  const ingest = parts.use(new IngestThread(forIngest()));
  settings.onChange(() => ingest.change(forIngest()));
  const tail = parts.use(new TailThread(paths.database));
  const maxStreams = () => Number(settings.text("serve.maxStreams"));
  const streams = new StreamHub({ tail, reader, maxStreams });
  stopping.signal.addEventListener("abort", () => streams[Symbol.dispose](), { once: true });
  const currentToken = watchToken(paths.token);
  const authenticator = new Authenticator({
    // Asked for each request, before its body goes to the ingest thread: by then that knows a token that was rotated.
    token() {
      const token = currentToken();
      if (token !== null && !tokens.has(token)) {
        tokens.add(token);
        void ingest.change(forIngest());
      }
      return token;
    },
    keys: parts.use(new ApiKeys(paths.keys)),
    endedSessions: new EndedSessions(paths.endedSessions),
  });
  const failures = new FailureLog(options.log ?? (() => {}));
  const { sessions, tasks } = openSessions({ paths, settings, log: options.log ?? (() => {}) });
  parts.use(sessions);
  parts.use(tasks);
  settings.onChange(() => tasks.pump());
  const app = createApp({
    version: options.version,
    uptimeMs: () => Math.round(performance.now() - startedAtMs),
    stopping: stopping.signal,
    metrics: new DaemonMetrics(),
    settings,
    model: () => modelOf(settings.text("model")),
    reader,
    pruner: ingest,
    paths,
    ingest,
    streams,
    authenticator,
    sessions,
    tasks,
    maxRequestsPerMinute: () => Number(settings.text("serve.maxRequestsPerMinute")),
    failures,
  });
  const handler: Handler = (request, arrival) => app.fetch(request, { arrival });

  const homeLost = Promise.withResolvers<KmError>();
  const looking = setInterval(() => lock.isInPlace || homeLost.resolve(noHome(paths)), LOOK_MS);
  parts.defer(() => clearInterval(looking));

  const { listeners, ports, urls, notes } = await openSockets(handler, { ...options, hostname, failures });
  sockets.defer(async () => void await drained(listeners));

  const startedAt = formatTimeUs(systemClock.nowUs());
  const record = { pid: Deno.pid, version: options.version, startedAt, urls, ports, process: thisProcess() };
  writeDaemonFile(paths.daemon, record);
  parts.defer(() => removeDaemonFile(paths.daemon, Deno.pid));

  sockets.move(); // From here on, stop() ends them.
  const running = parts.move();
  return {
    urls,
    ports,
    notes,
    homeLost: homeLost.promise,
    createLink: () => `${urls[0]}/#token=${authenticator.issueCode().code}`,
    async stop() {
      const end = performance.now() + STOP_MS;
      stopping.abort();
      const isDrained = await drained(listeners);
      // What is not written by then was not acknowledged either; the process ends, and with it the lock.
      const isFlushed = await inTime(running.disposeAsync(), end - performance.now());
      if (!isFlushed) removeDaemonFile(paths.daemon, Deno.pid);
      return { cut: !isDrained || !isFlushed };
    },
  };
}

function noHome({ home, lock }: Paths): KmError {
  return new KmError(
    "store_unavailable",
    `Cannot go on serving "${home}": "${lock}" was removed or replaced`,
    {
      hint: 'start "km serve" again',
    },
  );
}

/** @throws {KmError} already_running, with the URL of the one that runs */
async function takeHome(paths: Paths): Promise<HomeLock> {
  const lock = HomeLock.take(paths.lock);
  if (lock) return lock;
  const end = performance.now() + WINNER_MS;
  for (;;) {
    const other = findDaemon(paths.daemon);
    if (other || performance.now() > end) {
      const where = other ? `: ${other.urls[0]} (pid ${other.pid})` : "";
      throw new KmError(
        "already_running",
        `Cannot serve "${paths.home}": km serve already serves this home${where}`,
        {
          hint: 'end it with "km stop", or set KM_HOME to serve another home',
        },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    const lock = HomeLock.take(paths.lock);
    if (lock) return lock; // It ended, or never came up.
  }
}

interface Sockets {
  readonly listeners: readonly Listener[];
  readonly ports: readonly number[];
  readonly urls: readonly string[];
  readonly notes: readonly string[];
}

/** The port that must be had, and the one that is welcome. @throws {KmError} port_taken, unsupported */
async function openSockets(
  handler: Handler,
  options: DaemonOptions & { readonly hostname: string; readonly failures: FailureLog },
): Promise<Sockets> {
  const { hostname, host, port, alsoPort = null, tls, failures } = options;
  // The name that was asked for, beside the address that it stands for.
  const allowHosts = [host, ...options.allowHosts ?? []].filter((name) => name !== hostname);
  const main = await listenOrSay(handler, { hostname, port, tls, allowHosts, failures });
  const also = alsoPort === null
    ? null
    : await listenIfAllowed(handler, { hostname, port: alsoPort, tls, allowHosts, failures });
  const listeners = also !== null && "listener" in also ? [main, also.listener] : [main];
  const ports = listeners.map((listener) => listener.port);
  return {
    listeners,
    ports,
    urls: ports.map((port) => `${tls ? "https" : "http"}://${urlHost(hostname)}:${port}`),
    notes: also !== null && "refusal" in also ? [also.refusal] : [],
  };
}

/** Waits for the requests under way. False: some took too long. */
function drained(listeners: readonly Listener[]): Promise<boolean> {
  return inTime(Promise.all(listeners.map((listener) => listener.shutdown())), DRAIN_MS);
}

/** False when it took longer than `ms`. */
async function inTime(work: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), Math.max(0, ms)));
  try {
    return await Promise.race([work.then(() => true), tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
