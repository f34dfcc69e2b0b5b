// deno-lint-ignore-file no-console -- a script; its output is the report
/**
 * `deno task bench:store`: how fast the store takes events, how fast it answers, and how much disk it needs; says whether it keeps its bars.
 *
 *   --events=5000000   events in the large store
 *   --rounds=5         rounds, interleaved, of inserting into an empty and into the large store
 *   --quick            a small store, few rounds and small samples: does everything run?
 *   --write            replaces the store section of BENCHMARKS.md
 *   --json             the figures as one JSON object instead of Markdown
 *   --home=DIR         keeps the large store there, and uses the one that is there already
 * @module
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openDatabase } from "../../src/store/database.ts";
import { indexPending } from "../../src/store/search.ts";
import { readSummary } from "../../src/store/summary.ts";
import { BENCHMARKS_PATH, writeSection } from "./benchmarks_file.ts";
import { count, median } from "./figures.ts";
import { BATCH_PAIRS, fill, type Filling, fillLargeStore, RARE_TOOL, RARE_WORD } from "./store_fill.ts";
import { Traffic, type TrafficOptions } from "./store_traffic.ts";

interface Settings {
  readonly events: number;
  readonly rounds: number;
  readonly home: string;
  /** Events inserted in one round, and in each measurement of disk space. */
  readonly sample: number;
  /** Each command is started this often; the median counts. */
  readonly commandRuns: number;
}

/** One line of the report. */
interface Figure {
  readonly what: string;
  readonly value: string;
  readonly bar: string;
  readonly kept: boolean | null;
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      events: { type: "string" },
      rounds: { type: "string" },
      home: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  const home = values.home ?? Deno.makeTempDirSync({ prefix: "km-bench-" });
  const settings = {
    events: Number(values.events ?? (values.quick ? 100_000 : 5_000_000)),
    rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
    home,
    sample: values.quick ? 4000 : 50_000,
    commandRuns: values.quick ? 1 : 7,
  };
  try {
    const figures = await measure(settings);
    console.log(
      values.json ? JSON.stringify({ events: settings.events, figures }) : render(settings, figures),
    );
    if (values.write) await writeSection(BENCHMARKS_PATH, "store", render(settings, figures));
    return figures.some((figure) => figure.kept === false) ? 1 : 0;
  } finally {
    if (values.home === undefined) Deno.removeSync(home, { recursive: true });
  }
}

async function measure(settings: Settings): Promise<Figure[]> {
  const filling = fillLargeStore(settings.home, settings.events);
  const figures = filling === null ? [] : fillingFigures(settings.events, filling);
  figures.push(...measureInserts(settings), ...await measureCommands(settings), ...measureDisk(settings));
  return figures;
}

function fillingFigures(events: number, filling: Filling): Figure[] {
  return [
    figure(
      "filling the large store, its events spread over a week",
      `${count(filling.eventsPerSecond)} events/s`,
    ),
    figure(
      "indexing it for search, in the background",
      `${count(filling.indexedPerSecond)} events/s, longest step ${ms(filling.slowestStepMs)}`,
    ),
    figure(
      "size of the large store",
      `${perEvent(filling.sizeBytes, events)} B per message of ${perEvent(filling.rawBytes, events)} B`,
    ),
  ];
}

/** Inserts into an empty store and into the large one in turns, so that both see the same machine. */
function measureInserts({ rounds, home, sample }: Settings): Figure[] {
  const empty: number[] = [];
  const large: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const folder = Deno.makeTempDirSync({ prefix: "km-bench-" });
    {
      using db = openDatabase(join(folder, "km.db"), { mode: "write" });
      empty.push(fill(db, burst(), sample, BATCH_PAIRS));
    }
    Deno.removeSync(folder, { recursive: true });
    using db = openDatabase(join(home, "km.db"), { mode: "write" });
    large.push(fill(db, burst(), sample, BATCH_PAIRS));
  }
  const ratio = median(large) / median(empty);
  return [
    figure(
      "into an empty store, batches of 1,000",
      `${count(median(empty))} events/s`,
      "≥ 100,000",
      median(empty) >= 100_000,
    ),
    figure(
      "into the large store",
      `${count(median(large))} events/s (${ratio.toFixed(2)} ×)`,
      "≥ 0.8 ×",
      ratio >= 0.8,
    ),
  ];
}

function burst(): Traffic {
  return new Traffic({ startUs: Date.now() * 1000, stepUs: 10 });
}

async function measureCommands({ home, commandRuns }: Settings): Promise<Figure[]> {
  // After the inserts above, as the recorder does when it has nothing else to do.
  using db = openDatabase(join(home, "km.db"), { mode: "write" });
  while (indexPending(db, { maxEvents: 2000 }) > 0);
  const commands: readonly (readonly [args: string[], barMs: number | null])[] = [
    [["--version"], null],
    [["events", "--limit", "50", "--json"], 250],
    [["stats", "--json"], 250],
    [["stats", "--since", "7d", "--by", "tool", "--json"], null],
    [["events", "--limit", "50", "--tool", RARE_TOOL, "--json"], 250],
    [["events", "--limit", "50", "--search", RARE_WORD, "--json"], null],
    [["events", "--limit", "50", "--search", "connection refused", "--json"], null],
    [["calls", "--limit", "50", "--outcome", "tool_error", "--json"], null],
  ];
  const figures: Figure[] = [];
  for (const [args, barMs] of commands) {
    const times: number[] = [];
    for (let i = 0; i < commandRuns; i++) times.push(await timeCommand(args, home));
    const middle = median(times);
    const bar = barMs === null ? "" : `≤ ${barMs} ms`;
    figures.push(
      figure(`\`km ${args.join(" ")}\``, ms(middle), bar, barMs === null ? null : middle <= barMs),
    );
  }
  return figures;
}

async function timeCommand(args: readonly string[], home: string): Promise<number> {
  const started = performance.now();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "main.ts", ...args],
    cwd: join(import.meta.dirname ?? ".", "../.."),
    env: { KM_HOME: home },
    stdout: "null",
  }).output();
  if (code !== 0) {
    throw new Error(`km ${args.join(" ")} ended with ${code}: ${new TextDecoder().decode(stderr)}`);
  }
  return performance.now() - started;
}

/** Bytes on disk per byte of messages, by how the traffic comes. */
function measureDisk({ sample }: Settings): Figure[] {
  const startUs = Date.now() * 1000;
  const day: TrafficOptions = {
    startUs,
    stepUs: 1e6,
    responseBytes: [200, 20_000],
    eventsPerRun: 300,
    listsTools: true,
  };
  return [
    diskFigure(
      "a day: tool results of 0.2–20 KB, tool lists, one call per transaction",
      day,
      1,
      sample,
      true,
    ),
    diskFigure(
      "messages of 600 B, 1,000 per transaction",
      { startUs, stepUs: 10 },
      BATCH_PAIRS,
      sample,
      null,
    ),
    diskFigure("messages of 600 B, one call per transaction", { startUs, stepUs: 1e6 }, 1, sample, null),
  ];
}

function diskFigure(
  what: string,
  options: TrafficOptions,
  pairs: number,
  events: number,
  hasBar: true | null,
): Figure {
  const folder = Deno.makeTempDirSync({ prefix: "km-bench-" });
  try {
    using db = openDatabase(join(folder, "km.db"), { mode: "write" });
    const traffic = new Traffic(options);
    fill(db, traffic, events, pairs);
    while (indexPending(db, { maxEvents: 2000 }) > 0);
    const { sizeBytes } = readSummary(db);
    const free =
      db.get<{ bytes: number }>("SELECT freelist_count * 4096 AS bytes FROM pragma_freelist_count")?.bytes ??
        0;
    const ratio = (sizeBytes - free) / traffic.rawBytes;
    const text = `${perEvent(sizeBytes - free, events)} B per message of ${
      perEvent(traffic.rawBytes, events)
    } B (${ratio.toFixed(2)} ×)`;
    return figure(
      `on disk, search index included: ${what}`,
      text,
      hasBar ? "≤ 0.5 ×" : "",
      hasBar && ratio <= 0.5,
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function figure(what: string, value: string, bar = "", kept: boolean | null = null): Figure {
  return { what, value, bar, kept };
}

function render(settings: Settings, figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, bar, kept }) =>
    `| ${what} | ${value} | ${bar}${kept === null ? "" : kept ? " ✓" : " ✗"} |`
  );
  return [
    "## Store",
    "",
    `\`deno task bench:store\`, ${
      count(settings.events)
    } events in the large store, Deno ${Deno.version.deno}, ` +
    `${navigator.hardwareConcurrency} cores. Commands: process start included, median of ${settings.commandRuns}.`,
    "",
    "| what | measured | bar |",
    "|---|---|---|",
    ...rows,
  ].join("\n");
}

function ms(value: number): string {
  return `${Math.round(value)} ms`;
}

function perEvent(bytes: number, events: number): string {
  return count(bytes / events);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
