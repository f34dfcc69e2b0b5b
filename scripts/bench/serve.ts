// deno-lint-ignore-file no-console -- a script; its output is the report
/**
 * `deno task bench:serve`: how fast the daemon takes events, answers questions and feeds streams, how its page does in a browser, and
 * whether it stays as small as it is.
 *
 *   --only=ingest,queries,streams,page,soak   only these sections
 *   --rounds=3           rounds of ingest, interleaved with its baseline
 *   --events=5000000     events in the store that is asked
 *   --home=DIR           keeps that store there, and uses the one that is there already
 *   --soak-seconds=180   length of the soak; the long one is --only=soak --soak-seconds=1800
 *   --quick              small counts and one round: does everything run?
 *   --write              replaces the serve section of BENCHMARKS.md; a soak alone has a section of its own
 *
 * Exit code: 0 when every bar is kept, 1 when one is missed, 2 when something could not be measured.
 * @module
 */
import { parseArgs } from "node:util";
import { BENCHMARKS_PATH, writeSection } from "./benchmarks_file.ts";
import { readCount } from "./read_count.ts";
import { describeMachine, renderReport, type Section } from "./report.ts";
import { measureIngest } from "./serve_ingest.ts";
import { measurePage } from "./serve_page.ts";
import { measureQueries } from "./serve_queries.ts";
import { measureSoak } from "./serve_soak.ts";
import { measureStreams } from "./serve_streams.ts";

/** What every section gets. */
export interface ServeBench {
  readonly rounds: number;
  readonly quick: boolean;
  /** Size of the store that is asked, and where it is. */
  readonly events: number;
  readonly home: string;
  readonly soakSeconds: number;
  readonly progress: (text: string) => void;
}

const SECTIONS: Readonly<Record<string, (bench: ServeBench) => Promise<Section>>> = {
  ingest: measureIngest,
  queries: measureQueries,
  streams: measureStreams,
  page: measurePage,
  soak: measureSoak,
};

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string", default: Object.keys(SECTIONS).join(",") },
      rounds: { type: "string" },
      events: { type: "string" },
      home: { type: "string" },
      "soak-seconds": { type: "string" },
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
    },
  });
  const { quick } = values;
  const measures = values.only.split(",").map((name) => {
    const measure = SECTIONS[name];
    if (measure === undefined) {
      throw new Error(`Unknown section "${name}": there are ${Object.keys(SECTIONS)}`);
    }
    return measure;
  });
  const rounds = readCount("--rounds", values.rounds ?? (quick ? "1" : "3"));
  const home = values.home ?? await Deno.makeTempDir({ prefix: "km-bench-" });
  try {
    const bench: ServeBench = {
      rounds,
      quick,
      events: readCount("--events", values.events ?? (quick ? "50000" : "5000000")),
      home,
      soakSeconds: readCount("--soak-seconds", values["soak-seconds"] ?? (quick ? "5" : "180")),
      progress: (text) => console.error(`bench: ${text}`),
    };
    const sections: Section[] = [];
    for (const measure of measures) sections.push(await measure(bench));
    const command = ["deno task bench:serve", ...args.filter((arg) => !arg.startsWith("--home"))].join(" ");
    const [title, section] = values.only === "soak" ? ["Serve, long soak", "serve-soak"] : ["Serve", "serve"];
    const report = renderReport(title, sections, await describeMachine(command, rounds));
    console.log(report);
    if (values.write) await writeSection(BENCHMARKS_PATH, section, report);
    return sections.every(({ bars }) => bars.every(({ pass }) => pass)) ? 0 : 1;
  } finally {
    if (values.home === undefined) await Deno.remove(home, { recursive: true });
  }
}

if (import.meta.main) {
  const code = await main(Deno.args).catch((error: unknown) => {
    console.error(`bench: error: ${error instanceof Error ? error.message : error}`);
    return 2;
  });
  Deno.exit(code);
}
