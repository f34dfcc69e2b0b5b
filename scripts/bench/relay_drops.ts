/** The soak of the relay bench: sustained traffic, then a look at what the store has of it. @module */
import { runDriver } from "./relay_driver.ts";
import { oneDigit, type Section } from "./relay_report.ts";
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
    const complete = recorded.events === messages && recorded.gaps === 0;
    return {
      title: "Nothing dropped",
      note:
        "20,000 messages/s of 600 bytes, half requests and half answers, recording on; then the store is asked what it has.",
      columns: ["seconds", "messages/s", "messages", "recorded", "gaps", "longest write, ms", "exit, ms"],
      rows: [[
        oneDigit(sent.seconds),
        sent.perSecond.toFixed(0),
        String(messages),
        String(recorded.events),
        String(recorded.gaps),
        oneDigit(sent.worstWriteMs),
        oneDigit(sent.exitMs),
      ]],
      bars: [{
        claim: `20,000 messages/s × 600 bytes × ${seconds} s, nothing dropped`,
        measured: `${messages - recorded.events} missing, ${recorded.gaps} gaps`,
        pass: complete,
      }],
    };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

async function countRecorded(home: string): Promise<{ events: number; gaps: number }> {
  const lines = async (...args: readonly string[]) => {
    const [program, ...rest] = kmCommand(...args);
    const child = new Deno.Command(program as string, { args: rest, env: { KM_HOME: home }, stdout: "piped" })
      .spawn();
    let count = 0;
    for await (const chunk of child.stdout) {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count++;
    }
    const { success } = await child.status;
    if (!success) throw new Error(`Cannot count what was recorded: km ${args.join(" ")} failed`);
    return count;
  };
  const list = (kind: string) => lines("events", "--json", "--kind", kind, "--limit", "10000000");
  return { events: await list("request") + await list("response"), gaps: await list("gap") };
}
