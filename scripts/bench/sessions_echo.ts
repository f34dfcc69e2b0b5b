/** One key and its echo: km over a WebSocket, tmux in its control mode, in turns. @module */
import { count, median } from "./figures.ts";
import { atMost, type Bar, type Section, times } from "./report.ts";
import {
  type DriverFigures,
  ECHO,
  ECHO_SCRIPT,
  microseconds,
  runSessionsDriver,
  type SessionsBench,
  SessionsHome,
  SIZE,
  withBare,
} from "./sessions_home.ts";

/** As fast as it goes, which also warms up what a daemon that has run for a while has warm; then as fast as a key repeats. */
const PACES = [
  { name: "one after the other", pauseUs: 0, keys: 5000 },
  { name: "typed", pauseUs: 10_000, keys: 300 },
];
const SUBJECTS = ["`km serve`", "tmux -C", "bare server"] as const;
type Subject = typeof SUBJECTS[number];
type Measure = (keys: string, pauseUs: string) => Promise<DriverFigures>;

export async function measureEcho(bench: SessionsBench): Promise<Section> {
  await using home = await SessionsHome.open();
  const session = await home.start(ECHO);
  await home.untilShown(session, "ready");
  const measureKm: Measure = async (keys, pauseUs) => {
    const args = [home.port, await home.token(), String(session.number), keys, pauseUs];
    return (await runSessionsDriver(bench.driver, ["echo-ws", ...args])).figures;
  };
  return await withBare(["pty", ...ECHO], (port) =>
    compare(bench, {
      "`km serve`": measureKm,
      "tmux -C": (keys, pauseUs) => echoOfTmux(bench, keys, pauseUs),
      "bare server": async (keys, pauseUs) =>
        (await runSessionsDriver(bench.driver, ["echo-ws", port, "none", "1", keys, pauseUs])).figures,
    }));
}

async function compare(bench: SessionsBench, measures: Readonly<Record<Subject, Measure>>): Promise<Section> {
  const tmux = await tmuxVersion();
  const rows: string[][] = [];
  const bars: Bar[] = [];
  for (const pace of PACES) {
    const keys = String(bench.quick ? Math.ceil(pace.keys / 30) : pace.keys);
    const runs = new Map<Subject, DriverFigures[]>(SUBJECTS.map((name) => [name, []]));
    for (let round = 0; round < bench.rounds; round++) {
      bench.progress(`echo, ${pace.name}, round ${round + 1}`);
      for (const [name, taken] of runs) {
        if (name === "tmux -C" && tmux === null) continue;
        taken.push(await measures[name](keys, String(pace.pauseUs)));
      }
    }
    const of = (name: Subject, figure: string) =>
      median((runs.get(name) ?? []).map((figures) => figures[figure] ?? NaN));
    for (const name of SUBJECTS) {
      rows.push([
        pace.name,
        name,
        ...["p50", "p90", "p99"].map((figure) => microseconds(of(name, figure))),
        times(of(name, "p50") / of("tmux -C", "p50")),
        times(of(name, "p99") / of("tmux -C", "p99")),
      ]);
    }
    if (tmux === null) continue;
    for (const figure of ["p50", "p99"]) {
      const ratio = of("`km serve`", figure) / of("tmux -C", figure);
      bars.push(atMost(`echo, ${pace.name}: ${figure} at most that of tmux`, ratio, 1, times));
    }
  }
  return {
    title: "Echo, next to tmux",
    note:
      `From writing one key until its echo was read; the program in the terminal is cat, raw, ${SIZE.cols}×${SIZE.rows}. km: a frame on a ` +
      `WebSocket over TCP, its echo as a frame. ${
        tmux ?? "tmux (not installed here: not measured)"
      }: \`send-keys -l a\` on the standard input ` +
      "of `tmux -C`, its echo as a line `%output` on the standard output, both pipes. Both clients are the same C program, blocking in read. " +
      "The bare server has terminals and WebSockets of km's runtime and nothing between them: what is above it is km's own. " +
      `Medians of ${bench.rounds} rounds in turns, of ${
        PACES.map(({ name, keys }) => `${count(keys)} keys ${name}`).join(" and ")
      }` +
      ` (with pauses of ${(PACES[1]?.pauseUs ?? 0) / 1000} ms ± half).`,
    columns: ["keys", "through", "p50", "p90", "p99", "p50 / tmux", "p99 / tmux"],
    rows,
    bars,
  };
}

async function echoOfTmux({ driver }: SessionsBench, keys: string, pauseUs: string): Promise<DriverFigures> {
  const server = ["tmux", "-L", `km-bench-${Deno.pid}`, "-f", "/dev/null", "-C"];
  const pane = ["new-session", "-x", String(SIZE.cols), "-y", String(SIZE.rows), ECHO_SCRIPT];
  return (await runSessionsDriver(driver, ["echo-tmux", keys, pauseUs, ...server, ...pane])).figures;
}

async function tmuxVersion(): Promise<string | null> {
  try {
    const { stdout } = await new Deno.Command("tmux", { args: ["-V"] }).output();
    return new TextDecoder().decode(stdout).trim();
  } catch {
    return null;
  }
}
