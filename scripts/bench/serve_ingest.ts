/** How many events a second the daemon stores, next to the plainest server that stores them at all. @module */
import { fileURLToPath } from "node:url";
import { count, median } from "./figures.ts";
import { type Section, times } from "./report.ts";
import { startBenchDaemon } from "./serve_daemon.ts";
import type { ServeBench } from "./serve.ts";
import type { LoadResult } from "./serve_ingest_load.ts";

/** Bars. Source: issue "km serve", section 4: one of the two must be kept. */
const EVENTS_PER_SECOND = 60_000;
const TIMES_BASELINE = 1.2;
const CONNECTIONS = 16;
const WARM_UP_S = 1;

const SCRIPTS = fileURLToPath(new URL("./", import.meta.url));

/** A server to send to, in its own process. */
interface Target extends AsyncDisposable {
  readonly url: string;
  readonly token: string;
}

interface Subject {
  readonly name: string;
  readonly format: "json" | "ndjson";
  start(folder: string): Promise<Target>;
}

const KM = "km serve, JSON batches";
const BASELINE = "Deno.serve + node:sqlite, plain inserts";
const SUBJECTS: readonly Subject[] = [
  { name: KM, format: "json", start: startBenchDaemon },
  { name: "km serve, NDJSON", format: "ndjson", start: startBenchDaemon },
  { name: BASELINE, format: "json", start: startBaseline },
];

/** Sends to each in turns, each time to a new process with a new database; medians. */
export async function measureIngest(
  { rounds, quick, progress }: Pick<ServeBench, "rounds" | "quick" | "progress">,
): Promise<
  Section
> {
  const results = new Map<string, LoadResult[]>(SUBJECTS.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const subject of SUBJECTS) {
      const result = await measureOnce(subject, quick ? 2 : 6);
      progress(`ingest, round ${round + 1}: ${subject.name}: ${count(result.eventsPerSecond)} events/s`);
      results.get(subject.name)?.push(result);
    }
  }
  return describe(results);
}

async function measureOnce({ start, format }: Subject, seconds: number): Promise<LoadResult> {
  const folder = await Deno.makeTempDir({ prefix: "km-bench-" });
  try {
    await using target = await start(folder);
    await load(target, WARM_UP_S, format);
    return await load(target, seconds, format);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function load({ url, token }: Target, seconds: number, format: string): Promise<LoadResult> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${SCRIPTS}serve_ingest_load.ts`, url, token, `${CONNECTIONS}`, `${seconds}`, format],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("the load of the ingest bench failed");
  return JSON.parse(new TextDecoder().decode(stdout)) as LoadResult; // as: our own script prints it
}

async function startBaseline(folder: string): Promise<Target> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${SCRIPTS}serve_ingest_baseline.ts`, `${folder}/baseline.db`],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  return {
    url: value.trim(),
    token: "none",
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await reader.cancel();
      await child.status;
    },
  };
}

function describe(results: ReadonlyMap<string, readonly LoadResult[]>): Section {
  const medianOf = (name: string, of: (result: LoadResult) => number) =>
    median((results.get(name) ?? []).map(of));
  const km = medianOf(KM, (result) => result.eventsPerSecond);
  const ratio = km / medianOf(BASELINE, (result) => result.eventsPerSecond);
  return {
    title: "Ingest",
    note:
      `100 events of 600 bytes a request, ${CONNECTIONS} connections, the load in a process of its own on the same machine. ` +
      "km checks credentials and every event, pairs calls, redacts, keeps statistics and stores each id once; the baseline does none of that.",
    columns: ["", "events/s", "× baseline", "p50 ms", "p95 ms"],
    rows: [...results.keys()].map((name) => {
      const perSecond = medianOf(name, (result) => result.eventsPerSecond);
      return [
        name,
        count(perSecond),
        times(perSecond * ratio / km),
        medianOf(name, (result) => result.p50Ms).toFixed(1),
        medianOf(name, (result) => result.p95Ms).toFixed(1),
      ];
    }),
    bars: [{
      claim: `ingest: ≥ ${count(EVENTS_PER_SECOND)} events/s, or ≥ ${times(TIMES_BASELINE)} of the baseline`,
      measured: `${count(km)} events/s, ${times(ratio)}`,
      pass: km >= EVENTS_PER_SECOND || ratio >= TIMES_BASELINE,
    }],
  };
}

if (import.meta.main) {
  const rounds = Number(Deno.args[0] ?? 1);
  // deno-lint-ignore no-console -- run alone: only this section, for whoever works on it
  const progress = (text: string) => console.log(text);
  progress(JSON.stringify(await measureIngest({ rounds, quick: true, progress }), null, 1));
}
