/** Builds the C programs of the relay bench and runs the driver in front of a command. @module */
import { join } from "node:path";

/** What the driver measures (see driver.c): times in µs, ms or s, rates in MB/s or per second, memory in KiB, counts. */
export const FIGURES = [
  ...["p50", "p99", "mean", "max"] as const,
  ...["firstLineUs", "exitMs", "mbps", "idleKb", "peakKb", "afterKb"] as const,
  ...["requests", "answers", "seconds", "perSecond", "worstWriteMs"] as const,
] as const;

/** The figures of one run. One that its mode does not measure is NaN, which passes no bar. */
export type Sample = Readonly<Record<typeof FIGURES[number], number>>;

export interface Programs {
  readonly driver: string;
  readonly relay: string;
}

/** Longest that one run of the driver may take, in ms. A run that hangs is a finding, not a reason to wait for ever. */
const RUN_LIMIT_MS = 120_000;

/** Compiles driver.c and relay.c into `folder`; null when this machine has no C compiler. */
export async function buildPrograms(folder: string): Promise<Programs | null> {
  const programs = { driver: join(folder, "driver"), relay: join(folder, "relay") };
  for (const [name, target] of Object.entries(programs)) {
    const source = join(import.meta.dirname as string, `${name}.c`);
    if (!await compile(["-O2", "-o", target, source, "-pthread"])) return null;
  }
  return programs;
}

async function compile(args: readonly string[]): Promise<boolean> {
  try {
    const { success, stderr } = await new Deno.Command("cc", { args: [...args] }).output();
    if (!success) throw new Error(`Cannot compile the bench: ${new TextDecoder().decode(stderr)}`);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Runs `driver mode… -- command…` once. */
export async function runDriver(
  driver: string,
  mode: readonly string[],
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Sample> {
  const child = new Deno.Command(driver, {
    args: [...mode, "--", ...command],
    env,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(RUN_LIMIT_MS),
  });
  const { success, stdout, stderr } = await child.output();
  const text = new TextDecoder().decode(stdout);
  if (success && text !== "") {
    const printed = JSON.parse(text);
    return Object.fromEntries(FIGURES.map((name) => [name, printed[name] ?? NaN])) as Sample; // the very names, each once
  }
  const why = new TextDecoder().decode(stderr).trim().slice(-500) || `no result within ${RUN_LIMIT_MS} ms`;
  throw new Error(`Cannot measure "${command.join(" ")}" (${mode.join(" ")}): ${why}`);
}
