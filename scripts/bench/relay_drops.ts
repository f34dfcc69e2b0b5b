/** The soak of the relay bench: sustained traffic, then a look at what the store has of it. @module */
import { runDriver } from "./relay_driver.ts";
import { oneDigit, type Section } from "./report.ts";
import type { Bench } from "./relay_rounds.ts";
import { KM, kmCommand } from "./relay_subjects.ts";

/** Sustained traffic with recording on: afterwards every message must be in the store. */
export async function measureDrops(bench: Bench): Promise<Section> {
  const seconds = bench.quick ? Math.min(bench.soakSeconds, 3) : bench.soakSeconds;
  const home = await Deno.makeTempDir({ prefix: "km-bench-" });
  try {
    bench.progress(`soak, ${seconds} s`);
    const server = [bench.programs.driver, "answer", "600"];
    const sent = await runDriver(
      bench.programs.driver,
      ["soak", "20000", "600", String(seconds)],
      KM.command(server, home),
      { KM_HOME: home },
    );
    const recorded = await countRecorded(home);
    const messages = sent.requests + sent.answers;
    const complete = recorded.messages === messages && recorded.gaps === 0;
    return {
      title: "Nothing dropped",
      note:
        "20,000 messages/s of 600 bytes, half requests and half answers, recording on; then the store is asked what it has.",
      columns: ["seconds", "messages/s", "messages", "recorded", "gaps", "longest write, ms", "exit, ms"],
      rows: [[
        oneDigit(sent.seconds),
        sent.perSecond.toFixed(0),
        String(messages),
        String(recorded.messages),
        String(recorded.gaps),
        oneDigit(sent.worstWriteMs),
        oneDigit(sent.exitMs),
      ]],
      bars: [{
        claim: `20,000 messages/s × 600 bytes × ${seconds} s, nothing dropped`,
        measured: `${messages - recorded.messages} missing, ${recorded.gaps} gaps`,
        pass: complete,
      }],
    };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

/** Counts completed calls (each a request and its answer) and gaps, as a user would: by asking km. */
export async function countRecorded(home: string): Promise<{ messages: number; gaps: number }> {
  const { totals } = JSON.parse(await askKm(home, "stats", "--json"));
  const gaps = await askKm(home, "events", "--kind", "gap", "--json", "--limit", "10000");
  return { messages: 2 * totals.calls, gaps: gaps.split("\n").length - 1 };
}

async function askKm(home: string, ...args: readonly string[]): Promise<string> {
  const [program, ...rest] = kmCommand(...args);
  const { success, stdout, stderr } = await new Deno.Command(program as string, { // why: kmCommand is never empty
    args: rest,
    env: { KM_HOME: home },
  }).output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(`Cannot run "km ${args.join(" ")}": ${new TextDecoder().decode(stderr)}`);
}
