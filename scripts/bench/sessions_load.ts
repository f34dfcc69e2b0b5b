/** Many sessions and viewers at once: keys and their echoes, and the output of one session to all. @module */
import { count, median } from "./figures.ts";
import { atLeast, atMost, type Section } from "./report.ts";
import { usageOf } from "./serve_daemon.ts";
import {
  ECHO,
  type LoadFigures,
  milliseconds,
  runSessionsDriver,
  type SessionsBench,
  SessionsHome,
  withBare,
} from "./sessions_home.ts";

const VIEWERS_EACH = 2;
/** Compilers and first pages; not measured. */
const WARM_UP_S = 2;
const MOST_ROUNDS = 3;

/** Keys to many sessions, each shown to two viewers. */
export async function measureLoad({ driver, quick, rounds, progress }: SessionsBench): Promise<Section> {
  const [sessions, perSecond, seconds] = quick ? [10, 200, 1] : [100, 2000, 8];
  await using home = await SessionsHome.open();
  const all = await home.startMany(sessions, ECHO);
  const [first, last] = [all[0], all.at(-1)];
  if (!first || !last || last.number - first.number !== sessions - 1) throw new Error("Sessions are missing");
  const taken: LoadFigures[] = [];
  const residents: number[] = [];
  for (let round = 0; round < Math.min(MOST_ROUNDS, rounds); round++) {
    progress(`load, round ${round + 1}`);
    const args = [home.port, await home.token(), first.number, last.number, VIEWERS_EACH, perSecond];
    const options = [...args, quick ? 1 : WARM_UP_S, seconds].map(String);
    taken.push(await runSessionsDriver(driver, ["load", ...options], home.daemon.pid));
    residents.push(usageOf(home.daemon.pid).residentBytes / 1e6);
  }
  const of = (name: string) => median(taken.map(({ figures }) => figures[name] ?? NaN));
  const missing = taken.reduce((sum, { figures }) => sum + (figures["missing"] ?? NaN), 0);
  return {
    title: "Load",
    note:
      `${sessions} sessions, ${
        sessions * VIEWERS_EACH
      } WebSockets (${VIEWERS_EACH} on each session, the first of them types), ${
        count(perSecond)
      } keys/s in all, evenly over the sessions; the program in each terminal is cat, raw. From the moment at which a key was due until its echo ` +
      "was read, by each of the viewers: what waits because the driver or the daemon is late counts. Every echo passes the terminal, its state on " +
      `the server and the store. ${seconds} s each round, driver (C, one thread) and programs on the same cores.`,
    columns: ["p50", "p90", "p99", "max", "keys/s", "messages/s out", "cores used by km", "resident"],
    rows: [[
      ...["p50", "p90", "p99", "max"].map((name) => milliseconds(of(name))),
      count(of("keysPerSecond")),
      count(of("messagesPerSecond")),
      median(taken.map(({ cores }) => cores)).toFixed(2),
      `${median(residents).toFixed(0)} MB`,
    ]],
    bars: [
      atMost("key to echo under load, p50 ≤ 5 ms", of("p50"), 5000, milliseconds),
      atMost("key to echo under load, p99 ≤ 25 ms", of("p99"), 25_000, milliseconds),
      atMost("no echo is missing", missing, 0, String),
    ],
  };
}

/** One session's output to many viewers, next to a server that does nothing else. */
export async function measureBroadcast(bench: SessionsBench): Promise<Section> {
  const { driver, programs, quick, progress } = bench;
  const [viewers, perSecond, seconds] = quick ? [20, 100, 1] : [100, 400, 5];
  const lines = [programs, "lines", String(perSecond)];
  const options = [viewers, quick ? 1 : WARM_UP_S, seconds].map(String);
  const km: LoadFigures[] = [], bare: LoadFigures[] = [];
  for (let round = 0; round < Math.min(MOST_ROUNDS, bench.rounds); round++) {
    progress(`broadcast, round ${round + 1}`);
    await using home = await SessionsHome.open();
    const session = await home.start(lines);
    await home.untilShown(session, "ready");
    const args = ["broadcast", home.port, await home.token(), String(session.number), ...options];
    km.push(await runSessionsDriver(driver, args, home.daemon.pid));
    bare.push(
      await withBare(
        ["pty", ...lines],
        (port, pid) => runSessionsDriver(driver, ["broadcast", port, "none", "1", ...options], pid),
      ),
    );
  }
  const of = (runs: readonly LoadFigures[], name: string) =>
    median(runs.map(({ figures }) => figures[name] ?? NaN));
  const row = (name: string, runs: readonly LoadFigures[]) => [
    name,
    count(of(runs, "messagesPerSecond")),
    milliseconds(of(runs, "p50")),
    milliseconds(of(runs, "p99")),
    median(runs.map(({ cores }) => cores)).toFixed(2),
  ];
  return {
    title: "Broadcast",
    note:
      `One session writes ${perSecond} lines/s, each shown to ${viewers} WebSockets: ${
        count(viewers * perSecond)
      } messages/s when no two lines share one. From the moment at which the program wrote a line until a viewer has read it. The bare server ` +
      "has terminals and WebSockets of the same runtime and nothing between them.",
    columns: ["server", "messages/s", "p50", "p99", "cores used"],
    rows: [row("`km serve`", km), row("bare server", bare)],
    bars: quick ? [] : [
      atLeast("≥ 20,000 WebSocket messages/s out", of(km, "messagesPerSecond"), 20_000, count),
    ],
  };
}
