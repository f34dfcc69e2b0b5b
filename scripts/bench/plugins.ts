// deno-lint-ignore-file no-console -- a script; its output is the report
/**
 * `deno task bench:plugins`: what a message to a plugin costs, how soon a plugin runs and how much memory it takes, next to newline JSON over the
 * same pipes, and whether it keeps its bars. What plugins cost the relay is measured by `deno task bench:relay`.
 *
 *   --only=round-trip,batches,start,memory   only these sections
 *   --rounds=5      rounds, interleaved over the subjects
 *   --quick         small counts and one round: does everything run?
 *   --write         replaces the plugin section of BENCHMARKS.md
 *
 * Exit code: 0 when every bar is kept, 1 when one is missed, 2 when something could not be measured.
 * @module
 */
import { parseArgs } from "node:util";
import { BENCHMARKS_PATH, writeSection } from "./benchmarks_file.ts";
import {
  measureMemory,
  measureRoundTrip,
  measureStart,
  measureThroughput,
  type PluginBench,
} from "./plugin_sections.ts";
import { readCount } from "./read_count.ts";
import { describeMachine, renderReport, type Section } from "./report.ts";

const SECTIONS: Readonly<Record<string, (bench: PluginBench) => Promise<Section>>> = {
  "round-trip": measureRoundTrip,
  batches: measureThroughput,
  start: measureStart,
  memory: measureMemory,
};

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: Object.keys(SECTIONS).join(",") },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  const chosen = values.only.split(",").map((name) => {
    const section = Object.hasOwn(SECTIONS, name) ? SECTIONS[name] : undefined;
    if (!section) throw new Error(`Unknown section "${name}": there are ${Object.keys(SECTIONS)}`);
    return section;
  });
  const rounds = readCount("--rounds", values.rounds ?? (values.quick ? "1" : "5"));
  const folder = await Deno.makeTempDir({ prefix: "km-bench-" });
  try {
    const progress = (text: string) => console.error(`bench: ${text}`);
    const sections: Section[] = [];
    for (const measure of chosen) {
      sections.push(await measure({ folder, rounds, quick: values.quick, progress }));
    }
    const command = ["deno task bench:plugins", ...args].join(" ");
    const report = renderReport("Plugins", sections, await describeMachine(command, rounds));
    console.log(report);
    if (values.write) await writeSection(BENCHMARKS_PATH, "plugins", report);
    return sections.every(({ bars }) => bars.every(({ pass }) => pass)) ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const code = await main(Deno.args).catch((error: unknown) => {
    console.error(`bench: error: ${error instanceof Error ? error.message : error}`);
    return 2;
  });
  Deno.exit(code);
}
