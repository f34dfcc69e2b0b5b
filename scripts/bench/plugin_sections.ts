/** The measurements of the plugin bench: one function per section, each returning a table and the bars it decides. @module */
import { usageOf } from "../../src/proc/process_usage.ts";
import { BATCH_MESSAGES, MAX_BATCH_MESSAGES } from "../../src/plugins/host/queue.ts";
import type { WireMessage } from "../../src/plugins/wire/encode.ts";
import { count, median, percentile } from "./figures.ts";
import { KM_PLUGIN, NEWLINE_JSON, type Peer, type PeerKind } from "./plugin_peers.ts";
import { atLeast, atMost, oneDigit, type Section, times } from "./report.ts";

/** Everything a section needs. */
export interface PluginBench {
  readonly folder: string;
  readonly rounds: number;
  /** Small counts: shows that everything runs, says little about speed. */
  readonly quick: boolean;
  /** Tells the person waiting what is being measured. */
  readonly progress: (text: string) => void;
}

const MB = 1_000_000;
const SHORT = 300;
const LONG = 100_000;
/** Unmeasured, before the others: compilers warm up. */
const WARM_UP = 3000;
const KINDS = [KM_PLUGIN, NEWLINE_JSON];
const inUs = (us: number) => `${us.toFixed(0)} µs`;

/** Figures by kind, one of each round. */
type Rounds = ReadonlyMap<PeerKind, readonly (readonly number[])[]>;

/** Runs every kind once per round, so that noise of the machine falls on all of them alike. */
async function interleave(
  { folder, rounds, progress }: PluginBench,
  what: string,
  measure: (kind: PeerKind, folder: string) => Promise<readonly number[]>,
): Promise<Rounds> {
  const figures = new Map(KINDS.map((kind) => [kind, [] as (readonly number[])[]]));
  for (let round = 1; round <= rounds; round++) {
    progress(`${what}, round ${round} of ${rounds}`);
    for (const kind of KINDS) figures.get(kind)?.push(await measure(kind, folder));
  }
  return figures;
}

/** The median of figure number `index` over the rounds. */
function middle(rounds: Rounds, kind: PeerKind, index: number): number {
  return median((rounds.get(kind) ?? []).map((figures) => figures[index] ?? NaN));
}

export async function measureRoundTrip(bench: PluginBench): Promise<Section> {
  const rounds = await interleave(bench, "round trip", async (kind, folder) => {
    await using peer = await kind.start(folder);
    const short = await roundTrips(peer, messageOf(SHORT), bench.quick ? 300 : 10_000, bench.quick);
    const long = await roundTrips(peer, messageOf(LONG), bench.quick ? 30 : 2000, bench.quick);
    return [short, long].flatMap((us) => [median(us), percentile(us, 0.99)]);
  });
  const p50 = middle(rounds, KM_PLUGIN, 0);
  return {
    title: "Round trip",
    note: `One message at a time, through the sandbox and back, in µs, after ${
      count(WARM_UP)
    } unmeasured ones.`,
    columns: ["", `${SHORT} B, p50`, "p99", "100 KB, p50", "p99", `p50 of ${SHORT} B / JSON`],
    rows: KINDS.map((kind) => [
      kind.name,
      ...[0, 1, 2, 3].map((index) => oneDigit(middle(rounds, kind, index))),
      times(middle(rounds, kind, 0) / middle(rounds, NEWLINE_JSON, 0)),
    ]),
    bars: [atMost(`p50 round trip of ${SHORT} B ≤ 150 µs`, p50, 150, inUs)],
  };
}

async function roundTrips(
  peer: Peer,
  message: WireMessage,
  number: number,
  quick: boolean,
): Promise<number[]> {
  const us: number[] = [];
  const batch = [message];
  const warmUp = quick ? number : WARM_UP;
  for (let at = -warmUp; at < number; at++) {
    const began = performance.now();
    await peer.handle(batch);
    if (at >= 0) us.push((performance.now() - began) * 1000);
  }
  return us;
}

export async function measureThroughput(bench: PluginBench): Promise<Section> {
  const rounds = await interleave(bench, "batches", async (kind, folder) => {
    await using peer = await kind.start(folder);
    const full = await perSecond(peer, messageOf(SHORT), MAX_BATCH_MESSAGES, bench.quick ? 3200 : 640_000);
    const short = await perSecond(peer, messageOf(SHORT), BATCH_MESSAGES, bench.quick ? 3200 : 640_000);
    const long = await perSecond(peer, messageOf(LONG), 8, bench.quick ? 80 : 8000);
    return [full, short, long];
  });
  const perS = (value: number) => `${count(value)} messages/s`;
  return {
    title: "Batches",
    note:
      `One batch at a time, as km hands them over: messages of ${SHORT} B, ${MAX_BATCH_MESSAGES} at once while a plugin is busy and more wait, ` +
      `${BATCH_MESSAGES} otherwise; or 8 of 100 KB.`,
    columns: [
      "",
      `${SHORT} B by ${MAX_BATCH_MESSAGES}, messages/s`,
      `by ${BATCH_MESSAGES}`,
      "100 KB, messages/s",
      "MB/s",
      `by ${MAX_BATCH_MESSAGES} / JSON`,
    ],
    rows: KINDS.map((kind) => [
      kind.name,
      count(middle(rounds, kind, 0)),
      count(middle(rounds, kind, 1)),
      count(middle(rounds, kind, 2)),
      count(middle(rounds, kind, 2) * LONG / MB),
      times(middle(rounds, kind, 0) / middle(rounds, NEWLINE_JSON, 0)),
    ]),
    bars: [
      atLeast(
        `${SHORT} B in batches ≥ 100,000 messages/s`,
        middle(rounds, KM_PLUGIN, 0),
        100_000,
        perS,
      ),
    ],
  };
}

async function perSecond(peer: Peer, message: WireMessage, size: number, number: number): Promise<number> {
  const batch = Array.from({ length: size }, () => message);
  const batches = number / size;
  let began = 0;
  for (let at = -Math.ceil(batches / 4); at < batches; at++) {
    if (at === 0) began = performance.now();
    await peer.handle(batch);
  }
  return number / ((performance.now() - began) / 1000);
}

/** From before anything was done until a first message was handled. */
export async function measureStart(bench: PluginBench): Promise<Section> {
  const rounds = await interleave(bench, "start", async (kind, folder) => {
    const ms: number[] = [];
    // The first of a round fills the system's caches.
    for (let start = -1; start < (bench.quick ? 1 : 8); start++) {
      const began = performance.now();
      await using peer = await kind.start(folder);
      await peer.handle([messageOf(SHORT)]);
      if (start >= 0) ms.push(performance.now() - began);
    }
    return [median(ms), Math.max(...ms)];
  });
  return {
    title: "Start",
    note:
      "In ms, warm: from before the process is spawned until its first message was handled. km's also verifies the bootstrap and lexes, loads and greets the plugin.",
    columns: ["", "median", "worst"],
    rows: KINDS.map((kind) => [kind.name, ...[0, 1].map((index) => oneDigit(middle(rounds, kind, index)))]),
    bars: [
      atMost(
        "start to first reply ≤ 80 ms",
        middle(rounds, KM_PLUGIN, 0),
        80,
        (ms) => `${ms.toFixed(0)} ms`,
      ),
    ],
  };
}

export async function measureMemory(bench: PluginBench): Promise<Section> {
  const number = bench.quick ? 320 : 32_000;
  const rounds = await interleave(bench, "memory", async (kind, folder) => {
    await using peer = await kind.start(folder);
    await peer.handle([messageOf(SHORT)]);
    const idle = await residentMb(peer.pid);
    await perSecond(peer, messageOf(SHORT), BATCH_MESSAGES, number);
    return [idle, await residentMb(peer.pid)];
  });
  return {
    title: "Memory",
    note: `Resident memory of the plugin's process in MB: after its first message, and after ${
      count(number)
    } of ${SHORT} B.`,
    columns: ["", "idle", "after"],
    rows: KINDS.map((kind) => [kind.name, ...[0, 1].map((index) => oneDigit(middle(rounds, kind, index)))]),
    bars: [
      atMost(
        "an idle plugin ≤ 60 MB resident",
        middle(rounds, KM_PLUGIN, 0),
        60,
        (mb) => `${mb.toFixed(0)} MB`,
      ),
    ],
  };
}

async function residentMb(pid: number): Promise<number> {
  return ((await usageOf(pid)).residentBytes ?? NaN) / MB;
}

/** A call as a client makes it, of exactly `bytes`. */
export function messageOf(bytes: number): WireMessage {
  const call =
    '{"jsonrpc":"2.0","id":4711,"method":"tools/call","params":{"name":"read_file","arguments":{"path":"';
  const end = '"}}}';
  const data = new TextEncoder().encode(call.padEnd(bytes - end.length, "x") + end);
  return {
    data,
    direction: "client_to_server",
    correlationId: "019aa2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6b",
    event: {
      id: "019aa2b4-5c6d-7e8f-9a0b-1c2d3e4f5a6c",
      timeUs: 1_795_000_000_000_000,
      server: "filesystem",
      kind: "request",
      method: "tools/call",
      tool: "read_file",
      rpcId: "4711",
      sizeBytes: bytes,
      truncated: false,
      format: "json",
      answersId: null,
      durationUs: null,
      client: "bench",
    },
  };
}
