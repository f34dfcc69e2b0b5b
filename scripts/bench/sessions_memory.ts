/** What sessions take of the daemon's memory; their programs are not counted. @module */
import { HIBERNATE_AFTER_MS } from "../../src/sessions/hibernation.ts";
import { SCROLLBACK_LINES, type TerminalSize } from "../../src/core/session.ts";
import { atMost, type Bar, type Section } from "./report.ts";
import { usageOf } from "./serve_daemon.ts";
import { peakResidentMb } from "./serve_streams.ts";
import { ECHO, pause, type SessionsBench, SessionsHome, SIZE } from "./sessions_home.ts";

const SIZES: readonly TerminalSize[] = [SIZE, { cols: 80, rows: 24 }];
/** After which a daemon at rest has given back what it took for a moment, in ms. */
const REST_MS = 3000;
/** After which terminals that got nothing have hibernated, 100 of them, in ms. */
const HIBERNATED_MS = HIBERNATE_AFTER_MS + 20_000;
const MB = (mb: number) => `${mb.toFixed(0)} MB`;

export async function measureMemory(bench: SessionsBench): Promise<Section> {
  const sessions = bench.quick ? 5 : 100;
  const rows: string[][] = [];
  const bars: Bar[] = [];
  for (const size of SIZES) {
    const name = `${size.cols}×${size.rows}`;
    bench.progress(`memory, ${name}`);
    const idle = await measure(bench, { command: ECHO, says: "ready", size, sessions, isLong: false });
    const lines = [bench.programs, "fill", String(size.cols), String(SCROLLBACK_LINES + size.rows)];
    const full = await measure(bench, { command: lines, says: "full", size, sessions, isLong: !bench.quick });
    const perIdle = (idle.after - idle.before) / sessions;
    rows.push([
      name,
      MB(idle.before),
      `${perIdle.toFixed(2)} MB`,
      MB(full.most),
      MB(full.after),
      MB(full.atRest),
    ]);
    if (bench.quick) continue;
    bars.push(
      atMost(`${name}: ≤ 5 MB more for each idle session`, perIdle, 5, (mb) => `${mb.toFixed(2)} MB`),
      atMost(`${name}: ≤ 300 MB resident with 100 full terminals, at rest`, full.atRest, 300, MB),
    );
  }
  return {
    title: "Memory",
    note:
      `Resident memory of the daemon at rest: with one session, how much each of ${sessions} idle ones adds to that; with ${sessions} full ` +
      `terminals (${SCROLLBACK_LINES} lines above the screen, in colour, as wide as it) the most it was while they were filled, what it is ` +
      `${REST_MS / 1000} s later, and what it is ${
        HIBERNATED_MS / 1000
      } s after that, when they hibernate (terminals do that which got ` +
      `nothing for ${HIBERNATE_AFTER_MS / 1000} s). Their programs are not counted.`,
    columns: ["size", "one session", "each idle session", "filling 100", "filled", "at rest"],
    rows,
    bars,
  };
}

/** MB of a daemon of its own before and after it has `sessions` of `command`. */
async function measure(
  { quick }: SessionsBench,
  { command, says, size, sessions, isLong }: {
    readonly command: readonly string[];
    readonly says: string;
    readonly size: TerminalSize;
    readonly sessions: number;
    /** Also when they hibernate. */
    readonly isLong: boolean;
  },
): Promise<
  { readonly before: number; readonly after: number; readonly most: number; readonly atRest: number }
> {
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
  const after = await resident();
  const most = peakResidentMb(pid);
  if (isLong) await pause(HIBERNATED_MS);
  return { before, after, most, atRest: usageOf(pid).residentBytes / 1e6 };
}
