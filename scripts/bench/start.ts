// deno-lint-ignore-file no-console -- a script; its output is the report
/**
 * `deno task bench:start`: how soon the portable file runs, next to `deno run` of the same bundle, and how large it is; says whether it
 * keeps its bar.
 *
 *   --rounds=40     rounds, interleaved over the subjects; a tenth of them for first starts
 *   --quick         few rounds: does everything run?
 *   --write         replaces the start section of BENCHMARKS.md
 *
 * Exit code: 0 when the bar is kept, 1 when it is missed.
 * @module
 */
import { parseArgs } from "node:util";
import { compileKm } from "../build/compile.ts";
import { RUN_FLAGS } from "../build/permissions.ts";
import type { Target } from "../build/targets.ts";
import { BENCHMARKS_PATH, writeSection } from "./benchmarks_file.ts";
import { median, percentile } from "./figures.ts";
import { readCount } from "./read_count.ts";
import { kmCommand } from "./relay_subjects.ts";
import { atMost, describeMachine, oneDigit, renderReport, type Section } from "./report.ts";

/** How much later than `deno run` of the same bundle the portable file may be, in ms. */
const BAR_MS = 15;

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  "km --version": ["--version"],
  "km monitor -- true": ["monitor", "--", "true"],
};

/** A way to start km. */
interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Where the built file and what it unpacks are. */
interface Built {
  readonly folder: string;
  readonly file: string;
  readonly unpacked: string;
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  const rounds = readCount("--rounds", values.rounds ?? (values.quick ? "2" : "40"));
  const folder = await Deno.makeTempDir({ prefix: "km-bench-" });
  try {
    console.error("bench: building");
    const [compiled] = await compileKm({ targets: [Deno.build.target as Target], out: folder });
    if (compiled?.kind !== "portable") throw new Error("this bench is about the portable file");
    const built = await unpack(folder, compiled.path);
    const sections = [
      await measureStarts(built, rounds),
      await measureFirstStarts(built, Math.ceil(rounds / 10)),
      await measureSizes(built),
    ];
    const command = ["deno task bench:start", ...args].join(" ");
    const report = renderReport("Start", sections, await describeMachine(command, rounds));
    console.log(report);
    if (values.write) await writeSection(BENCHMARKS_PATH, "start", report);
    return sections.every(({ bars }) => bars.every(({ pass }) => pass)) ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function unpack(folder: string, file: string): Promise<Built> {
  const cache = `${folder}/cache`;
  await timeStart({ name: "first", command: [file], env: { XDG_CACHE_HOME: cache } }, ["--version"], folder);
  const [entry] = await Array.fromAsync(Deno.readDir(`${cache}/km`));
  return { folder, file, unpacked: `${cache}/km/${entry?.name}` };
}

function subjects({ folder, file, unpacked }: Built): Subject[] {
  const bundle = [`${unpacked}/deno`, "run", ...RUN_FLAGS, `${unpacked}/app/portable_main.js`, file];
  const env = {
    DENO_DIR: `${unpacked}/deno_dir`,
    DENO_DISABLE_NODE_SHIM: "1",
    DENO_NO_PACKAGE_JSON: "1",
    DENO_NO_UPDATE_CHECK: "1",
  };
  return [
    { name: "portable file", command: [file], env: { XDG_CACHE_HOME: `${folder}/cache` } },
    { name: "deno run, same bundle", command: bundle, env },
    { name: "deno run, checkout", command: kmCommand(), env: {} },
  ];
}

/** Every subject in turns, so that all see the same machine. */
async function measureStarts(built: Built, rounds: number): Promise<Section> {
  const all = subjects(built);
  const rows: string[][] = [];
  const bars = [];
  for (const [title, args] of Object.entries(COMMANDS)) {
    console.error(`bench: ${title}`);
    const times = new Map(all.map(({ name }) => [name, [] as number[]]));
    // Two unmeasured ones fill caches.
    for (let round = -2; round < rounds; round++) {
      for (const subject of all) {
        const ms = await timeStart(subject, args, built.folder);
        if (round >= 0) times.get(subject.name)?.push(ms);
      }
    }
    for (const [name, values] of times) {
      rows.push([title, name, ...[median(values), percentile(values, 0.9)].map(oneDigit)]);
    }
    const [portable = NaN, bundle = NaN] = [...times.values()].map(median);
    const [best = NaN, bestBundle = NaN] = [...times.values()].map((values) => Math.min(...values));
    // What else the machine does only ever adds: a busy one is told from a slow header by this.
    console.error(`bench: ${title}: at best ${(best - bestBundle).toFixed(1)} ms later than deno run`);
    bars.push(
      atMost(
        `\`${title}\` ≤ ${BAR_MS} ms more than \`deno run\` of the same bundle`,
        portable - bundle,
        BAR_MS,
        (ms) => `${ms.toFixed(1)} ms`,
      ),
    );
  }
  return {
    title: "Later starts",
    note: "From spawn to exit, in ms. The file is unpacked already, and Deno's code cache is filled.",
    columns: ["", "", "median", "p90"],
    rows,
    bars,
  };
}

/** Each into a cache of its own. */
async function measureFirstStarts({ folder, file }: Built, rounds: number): Promise<Section> {
  console.error("bench: first starts");
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const cache = `${folder}/first`;
    times.push(
      await timeStart({ name: "", command: [file], env: { XDG_CACHE_HOME: cache } }, ["--version"], folder),
    );
    await Deno.remove(cache, { recursive: true });
  }
  return {
    title: "First start",
    note: "`km --version` that verifies and unpacks, in ms.",
    columns: ["median", "slowest"],
    rows: [[median(times), Math.max(...times)].map((ms) => ms.toFixed(0))],
    bars: [],
  };
}

async function measureSizes({ file, unpacked }: Built): Promise<Section> {
  const size = async (path: string): Promise<number> => {
    const info = await Deno.stat(path);
    if (info.isFile) return info.size;
    const inside = await Array.fromAsync(Deno.readDir(path), ({ name }) => size(`${path}/${name}`));
    return inside.reduce((sum, bytes) => sum + bytes, 0);
  };
  const sizes = {
    "the file": file,
    "unpacked: Deno": `${unpacked}/deno`,
    "unpacked: km": `${unpacked}/app`,
    "Deno's code cache": `${unpacked}/deno_dir`,
  };
  const rows = await Promise.all(
    Object.entries(sizes).map(async ([name, path]) => [name, ((await size(path)) / 1e6).toFixed(1)]),
  );
  return { title: "Size", note: "In MB (1,000,000 bytes).", columns: ["", "MB"], rows, bars: [] };
}

/** In ms, from spawn to exit. @throws {Error} when it fails */
async function timeStart(subject: Subject, args: readonly string[], folder: string): Promise<number> {
  const [program = "", ...words] = [...subject.command, ...args];
  const command = new Deno.Command(program, {
    args: words,
    env: { ...subject.env, KM_HOME: `${folder}/home` },
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  });
  const started = performance.now();
  const { code } = await command.spawn().status;
  const ms = performance.now() - started;
  if (code !== 0) throw new Error(`${subject.name}, ${args.join(" ")}: ended with ${code}`);
  return ms;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
