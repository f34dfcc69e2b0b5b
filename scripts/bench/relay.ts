// deno-lint-ignore-file no-console -- a script; its output is the report
/**
 * `deno task bench:relay`: what km costs next to no relay, a relay in C, `tee` and other proxies, and whether it keeps its bars.
 *
 *   --only=latency,throughput,startup,memory,peers,drops,plugins   only these sections
 *   --rounds=5           rounds, interleaved over the subjects
 *   --soak-seconds=30    how long `drops` and `plugins` send 20,000 messages/s
 *   --quick              small counts and one round: does everything run?
 *   --write              replaces the relay section of BENCHMARKS.md
 *
 * Exit code: 0 when every bar is kept, 1 when one is missed, 2 when something could not be measured.
 * @module
 */
import { parseArgs } from "node:util";
import { readCount } from "./read_count.ts";
import { buildPrograms } from "./relay_driver.ts";
import { measureDrops } from "./relay_drops.ts";
import { measurePlugins } from "./relay_plugins.ts";
import { BENCHMARKS_PATH, writeSection } from "./benchmarks_file.ts";
import { describeMachine, renderReport, type Section } from "./report.ts";
import type { Bench } from "./relay_rounds.ts";
import {
  measureLatency,
  measureMemory,
  measurePeers,
  measureStartup,
  measureThroughput,
} from "./relay_sections.ts";

const SECTIONS: Readonly<Record<string, (bench: Bench) => Promise<Section>>> = {
  latency: measureLatency,
  throughput: measureThroughput,
  startup: measureStartup,
  memory: measureMemory,
  peers: measurePeers,
  drops: measureDrops,
  plugins: measurePlugins,
};

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: Object.keys(SECTIONS).join(",") },
      rounds: { type: "string" },
      "soak-seconds": { type: "string", default: "30" },
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  const names = values.only.split(",");
  const unknown = names.filter((name) => !Object.hasOwn(SECTIONS, name));
  if (unknown.length > 0) {
    throw new Error(`Unknown section "${unknown.join(",")}": there are ${Object.keys(SECTIONS)}`);
  }
  const rounds = readCount("--rounds", values.rounds ?? (values.quick ? "1" : "5"));
  const soakSeconds = readCount("--soak-seconds", values["soak-seconds"]);

  const folder = await Deno.makeTempDir({ prefix: "km-bench-" });
  try {
    const programs = await buildPrograms(folder);
    if (programs === null) {
      console.log(
        "skipped: the relay bench needs a C compiler (cc) for its driver and for the C relay it compares with",
      );
      return 0;
    }
    const progress = (text: string) => console.error(`bench: ${text}`);
    const bench: Bench = { programs, rounds, quick: values.quick, soakSeconds, progress };
    const sections: Section[] = [];
    for (const name of names) sections.push(await SECTIONS[name]?.(bench) as Section);
    const command = ["deno task bench:relay", ...args].join(" ");
    const report = renderReport("Relay", sections, await describeMachine(command, rounds));
    console.log(report);
    if (values.write) await writeSection(BENCHMARKS_PATH, "relay", report);
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
