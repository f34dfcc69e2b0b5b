/** The measurements of the relay bench: one function per section, each returning a table and the bars it decides. @module */
import { join } from "node:path";
import { FIGURES, type Programs, runDriver, type Sample } from "./relay_driver.ts";
import { installPeers, type Peer, startMcpProxy, startSupergateway } from "./relay_peers.ts";
import type { Bar, Section } from "./relay_report.ts";
import {
  cRelay,
  DIRECT,
  KM,
  KM_NO_RECORD,
  KM_PORTABLE,
  kmCommand,
  type Subject,
  TEE,
} from "./relay_subjects.ts";

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
interface Lane {
  readonly name: string;
  readonly subject: Subject;
  readonly options: readonly string[];
}

type Mode = readonly [mode: string, ...args: string[]];

/** Median of each figure over the rounds, by lane. */
type Medians = ReadonlyMap<string, Sample>;

const MB = 1_000_000;
const SHORT_LINE = 300;
const LONG_LINE = 64 * 1024;

export async function measureLatency(bench: Bench): Promise<Section> {
  const relay = cRelay(bench.programs);
  const lanes = [
    ...[DIRECT, relay, KM, KM_PORTABLE, KM_NO_RECORD, TEE].map((subject) => lane(subject)),
    ...[DIRECT, relay, KM].map((subject) => lane(subject, "--sockets")),
  ];
  const medians = await interleave(
    bench,
    lanes,
    ["echo", bench.quick ? "1000" : "10000", String(SHORT_LINE)],
    ["cat"],
  );
  const baseline = figures(medians, relay.name);
  const socketBaseline = figures(medians, `${relay.name}, socket pairs`);
  const ratio = (name: string, figure: "p50" | "p99") =>
    figures(medians, name)[figure] / (name.endsWith("pairs") ? socketBaseline : baseline)[figure];
  return {
    title: "Round trip",
    note:
      `One ${SHORT_LINE}-byte line at a time through \`cat\`, in µs. "Socket pairs" is how Node-based clients connect.`,
    columns: ["", "p50", "p99", "mean", "p50 / C relay", "p99 / C relay"],
    rows: lanes.map(({ name }) => {
      const { p50, p99, mean } = figures(medians, name);
      return [name, p50, p99, mean].map(oneDigit).concat(
        times(ratio(name, "p50")),
        times(ratio(name, "p99")),
      );
    }),
    bars: [
      atMost("p50 round trip ≤ 1.2 × C relay", ratio(KM.name, "p50"), 1.2, times),
      atMost("p99 round trip ≤ 3 × C relay", ratio(KM.name, "p99"), 3, times),
    ],
  };
}

export async function measureThroughput(bench: Bench): Promise<Section> {
  const relay = cRelay(bench.programs);
  const { driver } = bench.programs;
  const lanes = [DIRECT, relay, KM, KM_PORTABLE, KM_NO_RECORD, TEE].map((subject) => lane(subject));
  const runs: Medians[] = [];
  for (const size of [LONG_LINE, SHORT_LINE]) {
    const bytes = String((size === LONG_LINE ? 1000 : 300) * MB / (bench.quick ? 10 : 1));
    runs.push(await interleave(bench, lanes, ["push", bytes, String(size)], [driver, "sink", bytes]));
    runs.push(
      await interleave(bench, lanes, ["pull", bytes, String(size)], [driver, "source", bytes, String(size)]),
    );
  }
  const rate = (name: string) => runs.map((run) => figures(run, name).mbps);
  const [pushLong, pullLong, pushShort, pullShort] = rate(KM.name) as [number, number, number, number];
  const baseline = rate(relay.name) as [number, number, number, number];
  return {
    title: "One way",
    note: "MB/s until the last byte has arrived; every line is one write, as clients do.",
    columns: ["", "64 KB lines, to server", "to client", "300-byte lines, to server", "to client"],
    rows: lanes.map(({ name }) => [name, ...rate(name).map((mbps) => mbps.toFixed(0))]),
    bars: [
      atLeast("64 KB lines ≥ 300 MB/s to the server", pushLong, 300, (n) => `${n.toFixed(0)} MB/s`),
      atLeast("64 KB lines ≥ 300 MB/s to the client", pullLong, 300, (n) => `${n.toFixed(0)} MB/s`),
      atLeast("300-byte lines ≥ 0.6 × C relay to the server", pushShort / baseline[2], 0.6, times),
      atLeast("300-byte lines ≥ 0.6 × C relay to the client", pullShort / baseline[3], 0.6, times),
    ],
  };
}

export async function measureStartup(bench: Bench): Promise<Section> {
  const lanes = [DIRECT, cRelay(bench.programs), KM, KM_PORTABLE, KM_NO_RECORD].map((subject) =>
    lane(subject)
  );
  const medians = await interleave(bench, lanes, ["start", bench.quick ? "3" : "10", "0"], [
    bench.programs.driver,
    "hello",
  ]);
  const firstByteMs = (name: string) => figures(medians, name).p50 / 1000;
  return {
    title: "Start and end",
    note:
      "From the client's spawn to the server's first byte, and from the client closing stdin to the exit, in ms.",
    columns: ["", "first byte p50", "worst", "exit"],
    rows: lanes.map(({ name }) => {
      const { max, exitMs } = figures(medians, name);
      return [name, firstByteMs(name), max / 1000, exitMs].map(oneDigit);
    }),
    bars: [
      atMost(
        "start ≤ 60 ms more than without km",
        firstByteMs(KM.name) - firstByteMs(DIRECT.name),
        60,
        (n) => `+${n.toFixed(1)} ms`,
      ),
    ],
  };
}

export async function measureMemory(bench: Bench): Promise<Section> {
  const lanes = [KM, KM_PORTABLE, KM_NO_RECORD].map((subject) => lane(subject));
  const bytes = String((bench.quick ? 200 : 2000) * MB);
  const medians = new Map<string, Sample>();
  const single = { ...bench, rounds: Math.min(bench.rounds, 3) };
  for (const size of [LONG_LINE, SHORT_LINE]) {
    const runs = await interleave(single, lanes, ["memory", bytes, String(size)], [
      bench.programs.driver,
      "sink",
      bytes,
    ]);
    for (const [name, sample] of runs) medians.set(`${name}, ${sizeName(size)} lines`, sample);
  }
  const worst = (figure: "idleKb" | "peakKb") =>
    Math.max(
      ...[LONG_LINE, SHORT_LINE].map((size) =>
        figures(medians, `${KM.name}, ${sizeName(size)} lines`)[figure] / 1024
      ),
    );
  return {
    title: "Memory",
    note: `Resident memory of the km process in MB: 2 s after start, the peak while ${
      Number(bytes) / MB
    } MB pass, 2 s after that.`,
    columns: ["", "idle", "peak", "after", "MB/s"],
    rows: [...medians].map(([name, { idleKb, peakKb, afterKb, mbps }]) => [
      name,
      ...[idleKb, peakKb, afterKb].map((kb) => (kb / 1024).toFixed(0)),
      mbps.toFixed(0),
    ]),
    bars: [
      atMost("resident memory ≤ 90 MB idle", worst("idleKb"), 90, (n) => `${n.toFixed(0)} MB`),
      atMost("resident memory ≤ 160 MB while 2 GB pass", worst("peakKb"), 160, (n) => `${n.toFixed(0)} MB`),
    ],
  };
}

/** Against the proxies of others, with an MCP server of our own and `tools/call`, since they understand nothing less. */
export async function measurePeers(bench: Bench): Promise<Section> {
  const server = ["node", join(import.meta.dirname as string, "echo_server.mjs")];
  const missing = await installPeers();
  await using peers = new AsyncDisposableStack();
  const others = missing ? [] : [
    peers.use(await startSupergateway(server)),
    peers.use(await startMcpProxy(server)),
  ];
  const lanes = [DIRECT, cRelay(bench.programs), KM, TEE, ...others.map(asSubject)].map((subject) =>
    lane(subject)
  );
  const medians = await interleave(
    bench,
    lanes,
    ["rpc", bench.quick ? "50" : "500", String(SHORT_LINE)],
    server,
  );
  const p50 = (name: string) => figures(medians, name).p50;
  return {
    title: "Against other proxies",
    note: missing
      ? `Skipped supergateway and mcp-proxy: ${missing}.`
      : `\`tools/call\` of ${SHORT_LINE} bytes to a small Node server, in µs. mcp-proxy ends in HTTP; supergateway's client end brings it back to stdio.`,
    columns: ["", "p50", "p99", "mean", "p50 / km"],
    rows: lanes.map(({ name }) => {
      const { p50: median, p99, mean } = figures(medians, name);
      return [name, median, p99, mean].map(oneDigit).concat(times(median / p50(KM.name)));
    }),
    bars: others.map(({ name }) =>
      atLeast(`p50 5 × ahead of ${name.split(" ")[0]}`, p50(name) / p50(KM.name), 5, times)
    ),
  };
}

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

/** Runs every lane once per round, so that noise of the machine falls on all of them alike; each run has a home of its own. */
async function interleave(
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

function lane(subject: Subject, ...options: readonly string[]): Lane {
  return {
    name: options.includes("--sockets") ? `${subject.name}, socket pairs` : subject.name,
    subject,
    options,
  };
}

function asSubject(peer: Peer): Subject {
  return { name: peer.name, command: () => peer.command };
}

function figures(medians: Medians, name: string): Sample {
  const sample = medians.get(name);
  if (!sample) throw new RangeError(`No lane is named "${name}"`);
  return sample;
}

function atMost(claim: string, value: number, limit: number, show: (n: number) => string): Bar {
  return { claim, measured: show(value), pass: value <= limit };
}

function atLeast(claim: string, value: number, limit: number, show: (n: number) => string): Bar {
  return { claim, measured: show(value), pass: value >= limit };
}

function oneDigit(value: number | string): string {
  return typeof value === "string" ? value : value.toFixed(1);
}

function times(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}

function sizeName(size: number): string {
  return size === LONG_LINE ? "64 KB" : `${size}-byte`;
}
