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

export async function measureMemory({ programs, quick, progress }: SessionsBench): Promise<Section> {
  const sessions = quick ? 5 : 100;
  const rows: string[][] = [];
  const bars: Bar[] = [];
  for (const size of SIZES) {
    const name = `${size.cols}×${size.rows}`;
    progress(`memory, ${name}`);
    await using home = await SessionsHome.open();
    const { pid } = home.daemon;
    const resident = async () => {
      await pause(quick ? 200 : REST_MS);
      return usageOf(pid).residentBytes / 1e6;
    };
    // The first session loads what all of them need.
    await home.untilShown(await home.start(ECHO, size), "ready");
    const before = await resident();
    const idle = await home.startMany(sessions, ECHO, size);
    for (const session of idle) await home.untilShown(session, "ready");
    const each = (await resident() - before) / sessions;
    const lines = SCROLLBACK_LINES + size.rows;
    const full = await home.startMany(sessions, [programs, "fill", String(size.cols), String(lines)], size);
    for (const session of full) await home.untilShown(session, "full");
    const all = await resident();
    rows.push([name, MB(before), `${each.toFixed(2)} MB`, MB(all), MB(peakResidentMb(pid))]);
    if (quick) continue;
    bars.push(
      atMost(`${name}: ≤ 5 MB more for each idle session`, each, 5, (mb) => `${mb.toFixed(2)} MB`),
      atMost(`${name}: ≤ 300 MB resident with 100 full terminals (and 100 idle ones)`, all, 300, MB),
    );
  }
  return {
    title: "Memory",
    note:
      `Resident memory of the daemon at rest: with one session, how much each of ${sessions} more idle ones adds, and with ${sessions} full ` +
      `terminals beside those (${SCROLLBACK_LINES} lines above the screen, in colour, as wide as it); the most it ever was.`,
    columns: ["size", "one session", "each idle session", "full terminals", "at most"],
    rows,
    bars,
  };
}
