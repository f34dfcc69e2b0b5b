// deno-lint-ignore-file no-console -- a script; its output is the report
/**
 * Streams of `km serve`: 500 clients in a second process, 1,000 events/s from a third, all on the same cores; and the same for a server that
 * only enqueues the same bytes.
 * @module
 */
import { join } from "node:path";
import { median } from "./figures.ts";
import { atMost, oneDigit, type Section } from "./report.ts";
import type { ServeBench } from "./serve.ts";
import { startBenchDaemon } from "./serve_daemon.ts";

const STREAMS = 500;
const EVENTS_PER_SECOND = 1000;
/** What the writer's events take as frames, on average. */
const EVENT_BYTES = 950;
/** Connecting, the first pages, the compilers; not measured. */
const WARM_UP_S = 2;
const MAX_P95_MS = 300;
const MAX_RESIDENT_MB = 250;

interface ClientFigures {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly samples: number;
  readonly megabytesPerSecond: number;
  readonly resyncs: number;
}

interface Round extends ClientFigures {
  readonly residentMb: number;
  /** Seconds of processor time per second. */
  readonly cores: number;
}

/** Runs the rounds of both, in turns, and gives the section of the report. */
export async function measureStreams({ rounds: count, quick, progress }: ServeBench): Promise<Section> {
  const seconds = quick ? 4 : 10;
  const rounds: Record<"km" | "baseline", Round[]> = { km: [], baseline: [] };
  for (let i = 0; i < count; i++) {
    progress(`streams, round ${i + 1} of ${count}`);
    rounds.km.push(await measureKm(seconds));
    rounds.baseline.push(await measureBaseline(seconds));
  }
  const km = medianRound(rounds.km);
  const rows = ([["`km serve`", km], ["baseline", medianRound(rounds.baseline)]] as const).map(
    ([name, round]) => [name, ...COLUMNS.map(([, key]) => oneDigit(round[key]))],
  );
  return {
    title: "Streams",
    note:
      `${STREAMS} open streams without a filter, ${
        grouped(EVENTS_PER_SECOND)
      } events/s from another process, ` +
      `${
        grouped(STREAMS * EVENTS_PER_SECOND)
      } deliveries/s; clients, writer and server share the machine. From the begin of the ` +
      "commit to the client, of the event of each chunk that waited longest. The baseline is `Deno.serve` enqueueing the same " +
      "bytes to as many responses every 50 ms, without store, filter or resume. " +
      `Medians of ${count} rounds of ${seconds} s.`,
    columns: ["server", ...COLUMNS.map(([title]) => title)],
    rows,
    bars: [
      atMost(`p95 from commit to client at most ${MAX_P95_MS} ms`, km.p95Ms, MAX_P95_MS, ms),
      atMost(`resident memory at most ${MAX_RESIDENT_MB} MB`, km.residentMb, MAX_RESIDENT_MB, megabytes),
      atMost("no stream falls behind", km.resyncs, 0, String),
    ],
  };
}

const COLUMNS = [
  ["p50 ms", "p50Ms"],
  ["p95 ms", "p95Ms"],
  ["p99 ms", "p99Ms"],
  ["max ms", "maxMs"],
  ["resident MB", "residentMb"],
  ["cores used", "cores"],
  ["MB/s", "megabytesPerSecond"],
  ["resyncs", "resyncs"],
] as const satisfies readonly (readonly [string, keyof Round])[];

async function measureKm(seconds: number): Promise<Round> {
  const home = Deno.makeTempDirSync({ prefix: "km-bench-streams-" });
  try {
    await using daemon = await startBenchDaemon(home);
    const writer = start([
      besides("serve_streams_writer.ts"),
      join(home, "km.db"),
      String(EVENTS_PER_SECOND),
    ]);
    try {
      return await readStreams(daemon.pid, seconds, { port: new URL(daemon.url).port, token: daemon.token });
    } finally {
      writer.kill("SIGTERM");
      await writer.output();
    }
  } finally {
    Deno.removeSync(home, { recursive: true });
  }
}

async function measureBaseline(seconds: number): Promise<Round> {
  const args = [besides("serve_streams_baseline.ts"), String(EVENTS_PER_SECOND), String(EVENT_BYTES)];
  const server = start(args);
  try {
    const port = await firstLine(server.stdout);
    return await readStreams(server.pid, seconds, { port, token: "none" });
  } finally {
    server.kill("SIGTERM");
    await server.status;
  }
}

async function readStreams(
  serverPid: number,
  seconds: number,
  { port, token }: { readonly port: string; readonly token: string },
): Promise<Round> {
  const script = besides("serve_streams_client.ts");
  const client = start([script, port, token, String(STREAMS), String(WARM_UP_S), String(seconds)]);
  const usedBefore = processorSeconds(serverPid);
  const startedMs = performance.now();
  const { stdout } = await client.output();
  const cores = (processorSeconds(serverPid) - usedBefore) / (performance.now() - startedMs) * 1000;
  const figures = JSON.parse(new TextDecoder().decode(stdout)) as ClientFigures; // as: what the script prints
  return { ...figures, cores, residentMb: peakResidentMb(serverPid) };
}

function start(args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...args],
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

function besides(script: string): string {
  return join(import.meta.dirname ?? "", script);
}

async function firstLine(stdout: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (const chunk of stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("\n")) return text.trim();
  }
  throw new Error(`the process ended before it told its port: ${text}`);
}

/** The most that was ever resident, in MB. Linux. */
export function peakResidentMb(pid: number): number {
  const kib = /VmHWM:\s+(\d+) kB/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1];
  return Number(kib) * 1024 / 1e6;
}

/** Linux; the kernel counts in hundredths. */
export function processorSeconds(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function medianRound(rounds: readonly Round[]): Round {
  const of = (key: keyof Round) => median(rounds.map((round) => round[key]));
  return {
    p50Ms: of("p50Ms"),
    p95Ms: of("p95Ms"),
    p99Ms: of("p99Ms"),
    maxMs: of("maxMs"),
    samples: of("samples"),
    megabytesPerSecond: of("megabytesPerSecond"),
    resyncs: of("resyncs"),
    residentMb: of("residentMb"),
    cores: of("cores"),
  };
}

function grouped(value: number): string {
  return value.toLocaleString("en-US");
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}

function megabytes(value: number): string {
  return `${value.toFixed(0)} MB`;
}
