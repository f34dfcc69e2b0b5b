/** What the daemon counts of itself. Whoever does a thing counts it here; `GET /metrics` shows it. @module */
import process from "node:process";
import type { StreamCounters } from "../stream/streams.ts";
import { Counter, DurationHistogram, type Metric } from "./metrics.ts";

export class DaemonMetrics {
  /** Labels: `result` is `accepted`, `duplicate` or `rejected`. */
  readonly ingestedEvents = new Counter(
    "km_ingested_events_total",
    "Events that came in by POST, by what became of them.",
  );
  /** Labels: `method`, `route`, `status`. */
  readonly requests = new Counter("km_http_requests_total", "Requests that were answered.");
  /** Labels: `route`. */
  readonly requestDuration = new DurationHistogram(
    "km_http_request_duration_seconds",
    "Time from a request to the first byte of its answer.",
  );

  constructor() {
    // A counter that is there from the start has a first increase to see.
    this.countIngested({ accepted: 0, duplicate: 0, rejected: [] });
  }

  /** Counts what became of the events of one request. */
  countIngested(
    result: { readonly accepted: number; readonly duplicate: number; readonly rejected: readonly unknown[] },
  ): void {
    this.ingestedEvents.add(result.accepted, { result: "accepted" });
    this.ingestedEvents.add(result.duplicate, { result: "duplicate" });
    this.ingestedEvents.add(result.rejected.length, { result: "rejected" });
  }

  /** All of them, and the process. */
  collect(
    options: { readonly version: string; readonly uptimeMs: number; readonly streams: StreamCounters },
  ): Metric[] {
    return [
      gauge("km_build_info", "Which km this is.", 1, { version: options.version, deno: Deno.version.deno }),
      ...[this.ingestedEvents, this.requests, this.requestDuration].map((metric) => metric.collect()),
      ...streamMetrics(options.streams),
      ...processMetrics(options.uptimeMs),
    ];
  }
}

function streamMetrics(streams: StreamCounters): Metric[] {
  return [
    gauge("km_open_streams", "Live streams that are open.", streams.streams),
    gauge("km_slow_streams", "Live streams whose client does not read.", streams.slow),
    gauge("km_stream_queued_bytes", "Bytes that wait for clients to take them.", streams.queuedBytes),
    {
      name: "km_stream_resyncs_total",
      help: "Times that a stream was told to start over because it fell behind.",
      type: "counter",
      samples: [{ value: streams.resyncs }],
    },
  ];
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
