/** One quiet line about a newer release, in commands that run for long. Never in `km monitor`, which does not load this. @module */
import { kmPaths } from "../../config/paths.ts";
import { readConfigFile } from "../../config/config.ts";
import { channelOf } from "../../update/channel.ts";
import { checkDaily, type DailyCheck, mayCheck, untoldVersion } from "../../update/daily_check.ts";
import { releaseSource, updatableKm, userAgent } from "./this_km.ts";

/** How often it is asked whether a day has passed, in ms: a laptop sleeps through longer timers. */
const LOOK_MS = 3_600_000;

/** Who is told. */
export interface Listener {
  tell(line: string): void;
  /** Somebody may sit there: he is also told, once a day, what another process found. */
  readonly isTerminal: boolean;
}

/** Looks now and then, for as long as this process runs. A checkout and a build without release keys never look. */
export function watchForReleases(listener: Listener): void {
  const look = () => void lookOnce(listener).catch(() => {}); // A notice is never worth an error.
  look();
  Deno.unrefTimer(setInterval(look, LOOK_MS));
}

async function lookOnce({ tell, isTerminal }: Listener): Promise<void> {
  if (!mayCheck()) return;
  const { build, file, manager } = updatableKm();
  const check: DailyCheck = {
    ...releaseSource(build),
    channel: channelOf(build.version, { file: readConfigFile() }), // Read anew: this runs for days.
    now: new Date(),
    statePath: kmPaths().update,
    runner: { version: build.version, file },
    transfer: { userAgent: userAgent(build) },
  };
  const found = await checkDaily(check);
  const version = isTerminal ? await untoldVersion(check) ?? found : found;
  if (version !== null) tell(`km: ${version} is out; "${manager?.command ?? "km update"}" installs it`);
}
