/** Runs every subject of the relay bench in turn, round by round, and takes the medians. @module */
import { FIGURES, type Programs, runDriver, type Sample } from "./relay_driver.ts";
import type { Subject } from "./relay_subjects.ts";

/** Everything a section needs. */
export interface Bench {
  readonly programs: Programs;
  readonly rounds: number;
  /** Small counts: shows that everything runs, says little about speed. */
  readonly quick: boolean;
  readonly soakSeconds: number;
  /** Tells the person waiting what is being measured. */
  readonly progress: (text: string) => void;
}

/** One row to measure: a subject and how the driver is to connect to it. */
export interface Lane {
  readonly name: string;
  readonly subject: Subject;
  readonly options: readonly string[];
}

export type Mode = readonly [mode: string, ...args: string[]];

/** Median of each figure over the rounds, by lane. */
export type Medians = ReadonlyMap<string, Sample>;

/** Runs every lane once per round, so that noise of the machine falls on all of them alike; each run has a home of its own. */
export async function interleave(
  bench: Bench,
  lanes: readonly Lane[],
  mode: Mode,
  server: readonly string[],
): Promise<Medians> {
  const samples = new Map<string, Sample[]>(lanes.map(({ name }) => [name, []]));
  for (let round = 1; round <= bench.rounds; round++) {
    bench.progress(`${mode.join(" ")}, round ${round} of ${bench.rounds}`);
    for (const { name, subject, options } of lanes) {
      samples.get(name)?.push(await measureOnce(bench, subject, [...options, ...mode], server));
    }
  }
  return new Map([...samples].map(([name, rounds]) => [name, medianOf(rounds)]));
}

async function measureOnce(
  bench: Bench,
  subject: Subject,
  mode: readonly string[],
  server: readonly string[],
): Promise<Sample> {
  const home = await Deno.makeTempDir({ prefix: "km-bench-" });
  try {
    const env = { ...subject.env, KM_HOME: home };
    return await runDriver(bench.programs.driver, mode, subject.command(server, home), env);
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

function medianOf(samples: readonly Sample[]): Sample {
  const entries = FIGURES.map((figure) => {
    const sorted = samples.map((sample) => sample[figure]).sort((a, b) => a - b);
    const [low = NaN, high = NaN] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
    return [figure, (low + high) / 2];
  });
  return Object.fromEntries(entries) as Sample; // every figure, by construction
}

/** A lane for `subject`; `--sockets` makes the driver use socket pairs instead of pipes. */
export function lane(subject: Subject, ...options: readonly string[]): Lane {
  return {
    name: options.includes("--sockets") ? `${subject.name}, socket pairs` : subject.name,
    subject,
    options,
  };
}

/** The medians of one lane. */
export function figures(medians: Medians, name: string): Sample {
  const sample = medians.get(name);
  if (!sample) throw new RangeError(`No lane is named "${name}"`);
  return sample;
}
