/** What the daemon counts of itself. Whoever does a thing counts it here; `GET /metrics` shows it. @module */
import process from "node:process";
import { Counter, DurationHistogram, Gauge, type Metric } from "./metrics.ts";

export class DaemonMetrics {
  /** Labels: `result` is `accepted`, `duplicate` or `rejected`. */
  readonly ingestedEvents = new Counter(
    "km_ingested_events_total",
    "Events that came in by POST, by what became of them.",
  );
  /** Labels: `transport` is `sse` or `websocket`. */
  readonly openStreams = new Gauge("km_open_streams", "Live streams that are open.");
  /** Labels: `reason`. */
  readonly resyncs = new Counter(
    "km_stream_resyncs_total",
    "Streams that were told to start over because they fell behind.",
  );
  /** Labels: `method`, `route`, `status`. */
  readonly requests = new Counter("km_http_requests_total", "Requests that were answered.");
  /** Labels: `route`. */
  readonly requestDuration = new DurationHistogram(
    "km_http_request_duration_seconds",
    "Time from a request to the first byte of its answer.",
  );

  /** All of them, and the process. */
  collect(options: { readonly version: string; readonly uptimeMs: number }): Metric[] {
    return [
      gauge("km_build_info", "Which km this is.", 1, { version: options.version, deno: Deno.version.deno }),
      ...[this.ingestedEvents, this.openStreams, this.resyncs, this.requests, this.requestDuration]
        .map((metric) => metric.collect()),
      ...processMetrics(options.uptimeMs),
    ];
  }
}

function gauge(name: string, help: string, value: number, labels = {}): Metric {
  return { name, help, type: "gauge", samples: [{ labels, value }] };
}

/** The names that every Prometheus client uses. */
function processMetrics(uptimeMs: number): Metric[] {
  const { user, system } = process.cpuUsage();
  const openFiles = countOpenFiles();
  return [
    {
      name: "process_cpu_seconds_total",
      help: "Processor time that the daemon used.",
      type: "counter",
      samples: [{ value: (user + system) / 1e6 }],
    },
    gauge("process_resident_memory_bytes", "Memory that the daemon holds.", Deno.memoryUsage().rss),
    gauge(
      "process_start_time_seconds",
      "When the daemon started, since the Unix epoch.",
      Math.round(Date.now() - uptimeMs) / 1000,
    ),
    ...(openFiles === null ? [] : [gauge("process_open_fds", "Open file descriptors.", openFiles)]),
  ];
}

/** Null where the system does not say. */
function countOpenFiles(): number | null {
  try {
    // The listing itself holds one.
    return [...Deno.readDirSync("/proc/self/fd")].length - 1;
  } catch {
    return null;
  }
}
