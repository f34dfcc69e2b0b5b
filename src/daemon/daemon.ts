/** The daemon, put together: the lock of its home, the store's threads, who may call, the API, the sockets. @module */
import { createApp } from "../api/app.ts";
import { DaemonMetrics } from "../api/metrics_daemon.ts";
import type { Listener, Peer } from "../api/serve.ts";
import { ApiKeys } from "../auth/api_keys.ts";
import { Authenticator } from "../auth/authenticator.ts";
import { loadToken } from "../auth/secret_token.ts";
import { readModel } from "../config/model.ts";
import type { Paths } from "../config/paths.ts";
import { settingText } from "../config/config.ts";
import { settingOf } from "../config/settings.ts";
import { formatTimeUs, systemClock } from "../core/clock.ts";
import { KmError } from "../core/error.ts";
import { openDatabase } from "../store/database.ts";
import { thisProcess } from "../store/process_mark.ts";
import { bindAddress, urlHost } from "./bind.ts";
import { findDaemon, removeDaemonFile, writeDaemonFile } from "./daemon_file.ts";
import { HomeLock } from "./home_lock.ts";
import { listenIfAllowed, listenOrSay } from "./listeners.ts";
import { ingestSettings } from "./ingest_settings.ts";
import { IngestThread } from "./ingest_thread.ts";
import { QueryThread } from "./query_thread.ts";
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
}

export interface Daemon {
  /** Where it listens, the one to use first. */
  readonly urls: readonly string[];
  readonly ports: readonly number[];
  /** What it could not do, and what would help: one sentence each. */
  readonly notes: readonly string[];
  /** A link that signs a browser in: once, within five minutes. */
  createLink(): string;
  /** Answers what is under way, ends the streams, writes what is queued, gives the home back. Returns what had to be cut. */
  stop(): Promise<{ readonly cut: boolean }>;
}

/** How long a stop waits for requests under way, in ms; the whole stop takes at most 5 s. */
const DRAIN_MS = 4000;
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
  parts.use(await takeHome(paths));
  // Made or migrated before the first question; damage is told at the start and not by the first page.
  openDatabase(paths.database, { mode: "write" })[Symbol.dispose]();

  const stopping = new AbortController();
  const startedAtMs = performance.now();
  const reader = parts.use(new QueryThread(paths.database));
  const token = loadToken(paths.token);
  const ingest = parts.use(new IngestThread(ingestSettings(paths.database, [token])));
  const tail = parts.use(new TailThread(paths.database));
  const maxStreams = Number(settingText(settingOf("serve.maxStreams")));
  const live = new StreamHub({ tail, reader, maxStreams });
  stopping.signal.addEventListener("abort", () => live[Symbol.dispose](), { once: true });
  const authenticator = new Authenticator({ token, keys: parts.use(new ApiKeys(paths.keys)) });
  const app = createApp({
    version: options.version,
    uptimeMs: () => Math.round(performance.now() - startedAtMs),
    stopping: stopping.signal,
    metrics: new DaemonMetrics(),
    model: readModel,
    reader,
    pruner: ingest,
    paths,
    ingest,
    live,
    authenticator,
    maxRequestsPerMinute: Number(settingText(settingOf("serve.maxRequestsPerMinute"))),
  });
  const handler = (request: Request, arrival: Peer) => app.fetch(request, { arrival });

  // The name that was asked for, beside the address that it stands for.
  const allowHosts = [options.host, ...options.allowHosts ?? []].filter((name) => name !== hostname);
  const main = await listenOrSay(handler, { hostname, port: options.port, tls, allowHosts });
  sockets.defer(() => main.shutdown());
  const also = await openAlso(handler, { ...options, hostname, port: options.alsoPort ?? null, allowHosts });
  const listeners = also.listener ? [main, also.listener] : [main];
  const ports = listeners.map(({ port }) => port);
  const urls = ports.map((port) => `${tls ? "https" : "http"}://${urlHost(hostname)}:${port}`);

  const startedAt = formatTimeUs(systemClock.nowUs());
  const record = { pid: Deno.pid, version: options.version, startedAt, urls, ports, process: thisProcess() };
  writeDaemonFile(paths.daemon, record);
  parts.defer(() => removeDaemonFile(paths.daemon, Deno.pid));

  sockets.move(); // From here on, stop() ends them.
  const running = parts.move();
  return {
    urls,
    ports,
    notes: also.refusal === undefined ? [] : [also.refusal],
    createLink: () => `${urls[0]}/#token=${authenticator.issueCode().code}`,
    async stop() {
      stopping.abort();
      const cut = !await drained(listeners);
      await running.disposeAsync();
      return { cut };
    },
  };
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

async function openAlso(
  handler: Parameters<typeof listenIfAllowed>[0],
  { port, hostname, tls, allowHosts }: {
    readonly port: number | null;
    readonly hostname: string;
    readonly tls?: DaemonOptions["tls"];
    readonly allowHosts: readonly string[];
  },
): Promise<{ readonly listener?: Listener; readonly refusal?: string }> {
  return port === null ? {} : await listenIfAllowed(handler, { hostname, port, tls, allowHosts });
}

/** Waits for the requests under way. False: some took too long. */
async function drained(listeners: readonly Listener[]): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), DRAIN_MS));
  const all = Promise.all(listeners.map((listener) => listener.shutdown())).then(() => true);
  try {
    return await Promise.race([all, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
