/** A daemon under steady load: does its memory grow, does it keep what it opens? @module */
import { IdMaker } from "../../src/core/id.ts";
import { atMost, type Section } from "./report.ts";
import { startBenchDaemon, usageOf } from "./serve_daemon.ts";
import type { ServeBench } from "./serve.ts";

/** Events sent a second. Source: issue "km serve", section 4. */
const EVENTS_PER_SECOND = 2000;
const BATCHES_PER_SECOND = 20;
const STREAMS = 5;
/** The heap finds its size in this share of the time; only what comes after counts. */
const WARM_UP_SHARE = 0.4;
/** The heap takes about ten minutes to find its size (measured 2026-11-21): what a shorter soak sees is not growth without end. */
const SECONDS_FOR_A_VERDICT = 1200;
/** Growth that is no leak: 10 MB an hour would take a day to be noticed and a week to matter. */
const MAX_SLOPE_BYTES_PER_MINUTE = 1e6;

interface Sample {
  readonly minute: number;
  readonly residentBytes: number;
  readonly descriptors: number;
}

/** Sends batches at a steady rate with a few streams open, and looks at the daemon every second. */
export async function measureSoak({ soakSeconds, progress }: ServeBench): Promise<Section> {
  const home = await Deno.makeTempDir({ prefix: "km-bench-" });
  try {
    await using daemon = await startBenchDaemon(home);
    const headers = { Authorization: `Bearer ${daemon.token}`, "Content-Type": "application/json" };
    const followers = await Promise.all(
      Array.from({ length: STREAMS }, () => Follower.open(`${daemon.url}/api/stream`, headers)),
    );
    const samples: Sample[] = [];
    const ids = new IdMaker();
    const started = performance.now();
    let sent = 0;
    for (let tick = 0; tick < soakSeconds * BATCHES_PER_SECOND; tick++) {
      const due = started + tick * 1000 / BATCHES_PER_SECOND;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
      const body = batch(ids, EVENTS_PER_SECOND / BATCHES_PER_SECOND);
      const response = await fetch(`${daemon.url}/api/events/batch`, { method: "POST", headers, body });
      const answer = await response.json();
      if (!response.ok) throw new Error(JSON.stringify(answer));
      sent += answer.accepted;
      if (tick % BATCHES_PER_SECOND !== 0) continue;
      samples.push({ minute: (performance.now() - started) / 60_000, ...usageOf(daemon.pid) });
      if (tick % (BATCHES_PER_SECOND * 30) === 0) progress(`${tick / BATCHES_PER_SECOND} s`);
    }
    for (const follower of followers) await follower.close();
    return describe(samples, sent, soakSeconds);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

function describe(samples: readonly Sample[], sent: number, seconds: number): Section {
  const warm = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
  const memory = slope(warm.map(({ minute, residentBytes }) => [minute, residentBytes]));
  const descriptors = (warm.at(-1)?.descriptors ?? NaN) - (warm[0]?.descriptors ?? NaN);
  const mb = (bytes: number) => (bytes / 1e6).toFixed(1);
  return {
    title: "Soak",
    note: `${EVENTS_PER_SECOND} events/s over the API for ${seconds} s with ${STREAMS} streams open; ` +
      `${sent.toLocaleString("en-US")} stored. ${
        seconds < SECONDS_FOR_A_VERDICT
          ? "The heap still finds its size in so short a time: see the long soak. "
          : ""
      }The slope is that of the last ${Math.round((1 - WARM_UP_SHARE) * 100)} %.`,
    columns: ["", "first", "after warm-up", "last", "slope per minute"],
    rows: [
      [
        "resident MB",
        ...[samples[0], warm[0], warm.at(-1)].map((at) => mb(at?.residentBytes ?? NaN)),
        mb(memory),
      ],
      ["file descriptors", ...[samples[0], warm[0], warm.at(-1)].map((at) => String(at?.descriptors)), ""],
    ],
    bars: [
      ...(seconds < SECONDS_FOR_A_VERDICT
        ? []
        : [atMost("memory grows ≤ 1 MB a minute", memory, MAX_SLOPE_BYTES_PER_MINUTE, (n) => `${mb(n)} MB`)]),
      atMost("file descriptors do not grow", descriptors, 0, String),
    ],
  };
}

/** Slope of the straight line through the points that fits best (least squares). */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const meanX = mean(points.map(([x]) => x));
  const meanY = mean(points.map(([, y]) => y));
  const above = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return above / points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

/** Requests and their answers, about 600 bytes each. */
function batch(ids: IdMaker, count: number): string {
  const timeUs = Date.now() * 1000;
  const time = new Date(timeUs / 1000).toISOString();
  const text = "the quick import function returns value error config server client request handler ".repeat(
    4,
  );
  const events = Array.from({ length: count }, (_, i) => {
    const rpcId = i >> 1;
    const asks = i % 2 === 0;
    return {
      id: ids.next(timeUs),
      time,
      server: "soak",
      kind: asks ? "request" : "response",
      direction: asks ? "client_to_server" : "server_to_client",
      method: "tools/call",
      tool: `tool_${rpcId % 10}`,
      rpcId,
      payload: asks
        ? { jsonrpc: "2.0", id: rpcId, method: "tools/call", params: { name: "x", arguments: { text } } }
        : { jsonrpc: "2.0", id: rpcId, result: { content: [{ type: "text", text }] } },
    };
  });
  return JSON.stringify({
    events,
    cliVersion: "bench",
    batchTimestamp: time,
    correlationId: `soak-${ids.next(timeUs)}`,
  });
}

/** A stream that is read and thrown away. */
class Follower {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #ended: Promise<void>;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
    this.#ended = this.#read();
  }

  static async open(url: string, headers: Record<string, string>): Promise<Follower> {
    const { body } = await fetch(url, { headers });
    if (body === null) throw new Error(`${url}: no body`);
    return new Follower(body);
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
    await this.#ended;
  }

  async #read(): Promise<void> {
    while (!(await this.#reader.read()).done);
  }
}
