/** What sessions take of the daemon's memory; their programs are not counted. @module */
import { SCROLLBACK_LINES, type TerminalSize } from "../../src/core/session.ts";
import { atMost, type Bar, type Section } from "./report.ts";
import { usageOf } from "./serve_daemon.ts";
import { peakResidentMb } from "./serve_streams.ts";
import { ECHO, pause, type SessionsBench, SessionsHome, SIZE } from "./sessions_home.ts";

const SIZES: readonly TerminalSize[] = [SIZE, { cols: 80, rows: 24 }];
/** After which a daemon at rest has given back what it took for a moment, in ms. */
const REST_MS = 3000;
const MB = (mb: number) => `${mb.toFixed(0)} MB`;

export async function measureMemory(bench: SessionsBench): Promise<Section> {
  const sessions = bench.quick ? 5 : 100;
  const rows: string[][] = [];
  const bars: Bar[] = [];
  for (const size of SIZES) {
    const name = `${size.cols}×${size.rows}`;
    bench.progress(`memory, ${name}`);
    const idle = await measure(bench, { command: ECHO, says: "ready", size, sessions });
    const lines = [bench.programs, "fill", String(size.cols), String(SCROLLBACK_LINES + size.rows)];
    const full = await measure(bench, { command: lines, says: "full", size, sessions });
    const perIdle = (idle.after - idle.before) / sessions;
    rows.push([name, MB(idle.before), `${perIdle.toFixed(2)} MB`, MB(full.after), MB(full.most)]);
    if (bench.quick) continue;
    bars.push(
      atMost(`${name}: ≤ 5 MB more for each idle session`, perIdle, 5, (mb) => `${mb.toFixed(2)} MB`),
      atMost(`${name}: ≤ 300 MB resident with 100 full terminals`, full.after, 300, MB),
    );
  }
  return {
    title: "Memory",
    note:
      `Resident memory of the daemon at rest: with one session, how much each of ${sessions} idle ones adds to that; with ${sessions} full ` +
      `terminals (${SCROLLBACK_LINES} lines above the screen, in colour, as wide as it), and the most it was while they were filled. Their ` +
      "programs are not counted.",
    columns: ["size", "one session", "each idle session", "full terminals", "at most"],
    rows,
    bars,
  };
}

/** MB of a daemon of its own before and after it has `sessions` of `command`. */
async function measure(
  { quick }: SessionsBench,
  { command, says, size, sessions }: {
    readonly command: readonly string[];
    readonly says: string;
    readonly size: TerminalSize;
    readonly sessions: number;
  },
): Promise<{ readonly before: number; readonly after: number; readonly most: number }> {
  await using home = await SessionsHome.open();
  const { pid } = home.daemon;
  const resident = async () => {
    await pause(quick ? 200 : REST_MS);
    return usageOf(pid).residentBytes / 1e6;
  };
  // The first session loads what all of them need.
  await home.untilShown(await home.start(ECHO, size), "ready");
  const before = await resident();
  for (const session of await home.startMany(sessions, command, size)) await home.untilShown(session, says);
  return { before, after: await resident(), most: peakResidentMb(pid) };
}
