/** The measurements of the relay bench: one function per section, each returning a table and the bars it decides. @module */
import { join } from "node:path";
import { installPeers, type Peer, startMcpProxy, startSupergateway } from "./relay_peers.ts";
import type { Sample } from "./relay_driver.ts";
import { atLeast, atMost, oneDigit, type Section, times } from "./report.ts";
import { type Bench, figures, interleave, lane, type Medians } from "./relay_rounds.ts";
import { cRelay, DIRECT, KM, KM_NO_RECORD, KM_PORTABLE, type Subject, TEE } from "./relay_subjects.ts";

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
    ["echo", bench.quick ? "2000" : "10000", String(SHORT_LINE)],
    ["cat"],
  );
  const baseline = figures(medians, relay.name);
  const socketBaseline = figures(medians, `${relay.name}, socket pairs`);
  const ratio = (name: string, figure: "p50" | "p99") =>
    figures(medians, name)[figure] / (name.endsWith("pairs") ? socketBaseline : baseline)[figure];
  return {
    title: "Round trip",
    note:
      `One ${SHORT_LINE}-byte line at a time through \`cat\`, in µs, after 1,000 unmeasured. "Socket pairs" is how Node-based clients connect.`,
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
    const bytes = String((size === LONG_LINE ? 1000 : 500) * MB / (bench.quick ? 10 : 1));
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
  const server = [bench.programs.driver, "hello"];
  const medians = await interleave(bench, lanes, ["start", bench.quick ? "3" : "10", "0"], server);
  const spawnMs = (name: string) => figures(medians, name).p50 / 1000;
  return {
    title: "Start and end",
    note:
      "In ms: from the client's spawn until the server runs and until its first line arrives; from the client closing stdin " +
      "until the exit.",
    columns: ["", "server runs, p50", "worst", "first line, p50", "exit"],
    rows: lanes.map(({ name }) => {
      const { max, firstLineUs, exitMs } = figures(medians, name);
      return [name, spawnMs(name), max / 1000, firstLineUs / 1000, exitMs].map(oneDigit);
    }),
    bars: [
      atMost(
        "server runs ≤ 60 ms later than without km",
        spawnMs(KM.name) - spawnMs(DIRECT.name),
        60,
        (ms) => `+${ms.toFixed(1)} ms`,
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

function asSubject(peer: Peer): Subject {
  return { name: peer.name, command: () => peer.command };
}

function sizeName(size: number): string {
  return size === LONG_LINE ? "64 KB" : `${size}-byte`;
}
