// deno-lint-ignore-file no-console -- a script; its output is the report
/**
 * `deno run -A scripts/bench/pty.ts [--quick]`: how soon programs run in terminals, how fast their output is taken, how soon an echo is back.
 * @module
 */
import { Ptys } from "../../src/proc/pty.ts";
import { median, percentile } from "./figures.ts";
import { buildReader, echoTimesUs, outputMbps, runReader, startScript } from "./pty_load.ts";
import { atLeast, atMost, type Bar, describeMachine, renderReport, type Section, times } from "./report.ts";

const SESSIONS = 50;
const RAW = "stty raw -echo; printf ready; exec cat";
const KERNEL = "stty -icanon echo; printf ready; exec sleep 1000";
const MS = (ms: number) => `${ms.toFixed(0)} ms`;
const US = (us: number) => `${us.toFixed(0)} µs`;

/** Every section about terminals alone, without sessions or sockets. */
export async function ptySections(quick: boolean): Promise<readonly Section[]> {
  const folder = await Deno.makeTempDir({ prefix: "km-bench-" });
  try {
    await using ptys = new Ptys();
    const reader = await buildReader(folder);
    return [
      await measureLeftovers(quick),
      await measureStarts(ptys, quick ? 1 : 5),
      await measureOutput(ptys, reader, quick),
      await measureEcho(ptys, reader, quick),
      await measurePaste(ptys, quick ? 1 : 5),
    ];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Until each of them has written something. */
async function measureStarts(ptys: Ptys, rounds: number): Promise<Section> {
  const took: number[] = [];
  let threads = 0;
  for (let round = 0; round < rounds; round++) {
    const threadsBefore = entries("/proc/self/task");
    const start = performance.now();
    const { promise, resolve } = Promise.withResolvers<void>();
    let waiting = SESSIONS;
    const all = Array.from({ length: SESSIONS }, () => {
      let isNew = true;
      return startScript(ptys, "echo ready; exec sleep 1000", () => {
        if (isNew && --waiting === 0) resolve();
        isNew = false;
      });
    });
    await promise;
    took.push(performance.now() - start);
    threads = Math.max(threads, entries("/proc/self/task") - threadsBefore);
    await Promise.all(all.map(({ pty }) => ptys.end(pty)));
  }
  const middle = median(took);
  return {
    title: "Start",
    note: `${SESSIONS} shells in terminals at once, until the last of them has spoken; ${rounds} rounds.`,
    columns: ["what", "median", "slowest", "threads more"],
    rows: [[`${SESSIONS} sessions`, MS(middle), MS(Math.max(...took)), String(threads)]],
    bars: [
      atMost(`${SESSIONS} sessions start in ≤ 300 ms`, middle, 300, MS),
      // The one wait is handed from thread to thread of the runtime's pool.
      atMost("… with no thread of their own (≤ 3 in all)", threads, 3, String),
    ],
  };
}

async function measureOutput(ptys: Ptys, reader: string | null, quick: boolean): Promise<Section> {
  const script = `head -c ${quick ? 8 : 64}M /dev/zero | base64`;
  const ours: number[] = [], plain: number[] = [];
  for (let round = 0; round < (quick ? 1 : 5); round++) {
    ours.push(await outputMbps(ptys, script));
    if (!reader) continue;
    const [bytes, us] = await runReader(reader, 0, script);
    plain.push(bytes / us);
  }
  const ratio = median(ours) / median(plain);
  const mbps = (rates: readonly number[]) => `${median(rates).toFixed(1)} MB/s`;
  return {
    title: "Output",
    note: `\`${script}\` in a terminal, next to a C program that reads the same in a plain loop, in turns.`,
    columns: ["reader", "median"],
    rows: [["km", mbps(ours)], ["C, blocking read", mbps(plain)]],
    bars: [atLeast("output at ≥ 0.8 × of a plain reader in C", ratio, 0.8, times)],
  };
}

async function measureEcho(ptys: Ptys, reader: string | null, quick: boolean): Promise<Section> {
  const count = quick ? 300 : 3000;
  const rows: string[][] = [];
  for (const [name, script] of [["cat, raw terminal", RAW], ["the kernel's echo", KERNEL]] as const) {
    const ours = (await echoTimesUs(ptys, script, count)).slice(count / 10);
    const [p50, p99] = reader ? await runReader(reader, count, script) : [NaN, NaN];
    rows.push([name, US(percentile(ours, 0.5)), US(percentile(ours, 0.99)), US(p50), US(p99)]);
  }
  const others = Array.from({ length: 99 }, () => startScript(ptys, "exec sleep 1000").pty);
  const among = (await echoTimesUs(ptys, RAW, count)).slice(count / 10);
  rows.push(["cat, among 100 sessions", US(percentile(among, 0.5)), US(percentile(among, 0.99)), "", ""]);
  await Promise.all(others.map((pty) => ptys.end(pty)));
  return {
    title: "Echo",
    note: `From a write of one byte until its echo is handed over, ${count} times, one after the other.`,
    columns: ["what", "km p50", "km p99", "C p50", "C p99"],
    rows,
    bars: [],
  };
}

async function measurePaste(ptys: Ptys, rounds: number): Promise<Section> {
  const bytes = new Uint8Array(1_000_000).map((_, at) => at % 251);
  const hash = await md5(bytes);
  const took: number[] = [];
  let isWhole = true;
  for (let round = 0; round < rounds; round++) {
    let text = "";
    const ready = Promise.withResolvers<void>();
    const script = `stty raw -echo; printf ready; head -c ${bytes.length} | md5sum`;
    const { pty, exit } = startScript(ptys, script, (chunk) => {
      text += new TextDecoder().decode(chunk);
      if (text.includes("ready")) ready.resolve();
    });
    await ready.promise;
    const start = performance.now();
    pty.write(bytes);
    await exit;
    took.push(performance.now() - start);
    isWhole &&= text.includes(hash);
  }
  const whole: Bar = { claim: "1 MB arrives with its MD5", measured: isWhole ? "yes" : "no", pass: isWhole };
  return {
    title: "Paste",
    note: `1 MB in one write into md5sum on a raw terminal, until it has ended; ${rounds} rounds.`,
    columns: ["what", "median"],
    rows: [["1 MB", MS(median(took))]],
    bars: [whole],
  };
}

async function md5(bytes: Uint8Array): Promise<string> {
  const { createHash } = await import("node:crypto");
  return createHash("md5").update(bytes).digest("hex");
}

/** Descriptors and children of this process after many short sessions. */
async function measureLeftovers(quick: boolean): Promise<Section> {
  const sessions = quick ? 50 : 500;
  const count = () => [entries("/proc/self/fd"), children()] as const;
  {
    await using first = new Ptys(); // The runtime opens a pipe of its own for the first signal that is listened to.
    await startScript(first, "exit 0").exit;
  }
  const before = count();
  let ms: number;
  {
    await using ptys = new Ptys();
    const start = performance.now();
    for (let i = 0; i < sessions; i += 25) {
      await Promise.all(Array.from({ length: 25 }, () => startScript(ptys, "exit 0").exit));
    }
    ms = performance.now() - start;
  }
  const after = count();
  const [fds, zombies] = [after[0] - before[0], after[1] - before[1]];
  return {
    title: "What is left",
    note: `After ${sessions} sessions that ended, 25 at a time.`,
    columns: ["sessions", "took", "descriptors more", "children more"],
    rows: [[String(sessions), MS(ms), String(fds), String(zombies)]],
    bars: [
      atMost(`no descriptor left after ${sessions} sessions`, fds, 0, String),
      atMost(`no zombie left after ${sessions} sessions`, zombies, 0, String),
    ],
  };
}

function entries(folder: string): number {
  return [...Deno.readDirSync(folder)].length;
}

function children(): number {
  const list = Deno.readTextFileSync(`/proc/self/task/${Deno.pid}/children`);
  return list.split(" ").filter((pid) => pid.trim() !== "").length;
}

if (import.meta.main) {
  const isQuick = Deno.args.includes("--quick");
  const sections = await ptySections(isQuick);
  const command = ["deno run -A scripts/bench/pty.ts", ...Deno.args].join(" ");
  console.log(renderReport("Terminals", sections, await describeMachine(command, isQuick ? 1 : 5)));
  Deno.exit(sections.every(({ bars }) => bars.every(({ pass }) => pass)) ? 0 : 1);
}
