/** What plugins cost the relay: its figures with three plugins on, one of them stuck, against the same figures without, by turns. @module */
import { median } from "./figures.ts";
import { type Packages, packPlugins, PluginBenchHome, type Stuck } from "./plugin_home.ts";
import { runDriver } from "./relay_driver.ts";
import { countRecorded } from "./relay_drops.ts";
import type { Bench } from "./relay_rounds.ts";
import { KM } from "./relay_subjects.ts";
import { atMost, oneDigit, type Section } from "./report.ts";

const MB = 1_000_000;
/** How much worse a figure may become. */
const BAR = 1.05;
const SOAK_MESSAGES_PER_S = "20000";

/** Of one run: µs, MB/s, MB/s. */
type Figures = readonly [p50Us: number, shortMbps: number, longMbps: number];

/** How many times worse each figure is with plugins than without. */
function worse([p50, short, long]: Figures, [p50Alone, shortAlone, longAlone]: Figures): Figures {
  return [p50 / p50Alone, shortAlone / short, longAlone / long];
}

export async function measurePlugins(bench: Bench): Promise<Section> {
  const folder = await Deno.makeTempDir({ prefix: "km-bench-" });
  try {
    const none: Packages = [];
    const lanes: [string, Packages][] = [["without plugins", none]];
    for (const stuck of ["waits", "spins"] satisfies Stuck[]) {
      lanes.push([`three plugins, one ${stuck} for ever`, await packPlugins(folder, stuck)]);
    }
    const rounds = await measureRounds(bench, lanes);
    const lost = await soak(bench, lanes.at(-1)?.[1] ?? none);
    return sectionOf(lanes.map(([name]) => name), rounds, lost);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Figures of each lane, round by round. Every second round goes backwards: what comes first finds another machine than what comes last. */
async function measureRounds(bench: Bench, lanes: readonly [string, Packages][]): Promise<Figures[][]> {
  const rounds: Figures[][] = [];
  for (let round = 1; round <= bench.rounds; round++) {
    const figures = new Map<string, Figures>();
    for (const [name, packages] of round % 2 === 0 ? lanes.toReversed() : lanes) {
      bench.progress(`plugins: ${name}, round ${round} of ${bench.rounds}`);
      await using home = await PluginBenchHome.open(packages);
      figures.set(name, await measureIn(bench, home.path));
    }
    rounds.push(lanes.map(([name]) => figures.get(name) ?? [NaN, NaN, NaN]));
  }
  return rounds;
}

async function measureIn({ programs, quick }: Bench, home: string): Promise<Figures> {
  const { driver } = programs;
  const run = (mode: readonly string[], server: readonly string[]) =>
    runDriver(driver, mode, KM.command(server, home), { KM_HOME: home });
  const less = quick ? 10 : 1;
  const { p50 } = await run(["echo", String(20_000 / less), "300"], ["cat"]);
  const rates = [];
  for (const [bytes, size] of [[500 * MB, "300"], [1000 * MB, "65536"]] as const) {
    const all = String(bytes / less);
    rates.push((await run(["push", all, size], [driver, "sink", all])).mbps);
  }
  const [short = NaN, long = NaN] = rates;
  return [p50, short, long];
}

/** What the store lacks after steady traffic with plugins on. */
interface Lost {
  readonly messages: number;
  readonly missing: number;
  readonly gaps: number;
  readonly told: string;
}

async function soak({ programs, quick, soakSeconds, progress }: Bench, packages: Packages): Promise<Lost> {
  const seconds = quick ? Math.min(soakSeconds, 3) : soakSeconds;
  progress(`plugins: soak, ${seconds} s`);
  await using home = await PluginBenchHome.open(packages);
  const { requests, answers } = await runDriver(
    programs.driver,
    ["soak", SOAK_MESSAGES_PER_S, "600", String(seconds)],
    KM.command([programs.driver, "answer", "600"], home.path),
    { KM_HOME: home.path },
  );
  const messages = requests + answers;
  const recorded = await countRecorded(home.path);
  return { messages, missing: messages - recorded.messages, gaps: recorded.gaps, told: home.told };
}

function sectionOf(names: readonly string[], rounds: readonly Figures[][], lost: Lost): Section {
  const middle = (lane: number, figure: 0 | 1 | 2) =>
    median(rounds.map((round) => round[lane]?.[figure] ?? NaN));
  const times = (lane: number, figure: 0 | 1 | 2) =>
    median(rounds.map(([alone, ...others]) => {
      const mine = lane === 0 ? alone : others[lane - 1];
      return mine && alone ? worse(mine, alone)[figure] : NaN;
    }));
  const show = (ratio: number) => `${((ratio - 1) * 100).toFixed(1)} %`;
  const what = ["p50 round trip", "300-byte lines to the server", "64 KB lines to the server"];
  return {
    title: "With three plugins on, one of them stuck",
    note:
      "console-logger, tool-guard and one that is stuck, at the default plugins.niceness. Round trip in " +
      "µs, lines in MB/s; how much worse: the median of what each round found. In a soak of " +
      `${SOAK_MESSAGES_PER_S} messages/s the store was asked what it has of ${lost.messages} messages (${lost.told}).`,
    columns: [
      "",
      "round trip",
      "300-byte lines",
      "64 KB lines",
      "round trip worse by",
      "300-byte lines",
      "64 KB lines",
    ],
    rows: names.map((name, lane) => [
      name,
      oneDigit(middle(lane, 0)),
      middle(lane, 1).toFixed(0),
      middle(lane, 2).toFixed(0),
      ...([0, 1, 2] as const).map((figure) => show(times(lane, figure))),
    ]),
    bars: [
      ...names.slice(1).flatMap((name, at) =>
        what.map((claim, figure) =>
          atMost(
            `${claim}, ${name}: ≤ 5 % worse than without`,
            times(at + 1, figure as 0 | 1 | 2),
            BAR,
            show,
          )
        )
      ),
      {
        claim: "with plugins on, no event is missing from the store",
        measured: `${lost.missing} missing, ${lost.gaps} gaps`,
        pass: lost.missing === 0 && lost.gaps === 0,
      },
    ],
  };
}
