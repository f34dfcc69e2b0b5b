/**
 * The look for a newer release in the background: at most once in 24 hours for a home, silent about every failure, and believed no less
 * carefully than an update. What is sent: two GETs (`<channel>.json`, `<channel>.json.sig`) with `User-Agent: km/<version>`; nothing else that tells
 * one user from another.
 * @module
 */
import { readConfigFile, settingValue } from "../config/config.ts";
import { type ReadEnv, readEnv } from "../config/environment.ts";
import { settingOf } from "../config/settings.ts";
import {
  changeUpdateState,
  pendingVersion,
  readUpdateState,
  type Runner,
  type UpdateState,
} from "./state.ts";
import { newestRelease, type ReleaseQuestion } from "./update.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What a look depends on. */
export interface DailyCheck extends ReleaseQuestion {
  readonly runner: Runner;
}

/** False where the user, or the machine that builds, wants no look. */
export function mayCheck(env: ReadEnv = readEnv, file = readConfigFile()): boolean {
  if (env("KM_NO_UPDATE_CHECK") !== undefined || isBuilding(env("CI"))) return false;
  return settingValue(settingOf("update.check"), { env, file }).text === "on";
}

/** Looks when it is time to; returns the version that is out and not installed. Null for none, for not yet, for every failure. */
export async function checkDaily(check: DailyCheck): Promise<string | null> {
  const { statePath, now, runner, channel } = check;
  try {
    // Whoever moves the time on looks; a failure waits for that time too.
    let isOurs = false;
    await changeUpdateState(statePath, (state) => {
      isOurs = isDue(state.nextCheckAt, now, DAY_MS);
      return isOurs ? { ...state, nextCheckAt: after(now, HOUR_MS) } : state;
    }, { wait: false });
    if (!isOurs) return null;
    await newestRelease(check);
    await changeUpdateState(statePath, (state) => ({ ...state, nextCheckAt: after(now, DAY_MS) }));
    return pendingVersion(readUpdateState(statePath), runner, channel);
  } catch {
    return null; // No network, a forged manifest, a home that cannot be written: `km update --check` says it to who asks.
  }
}

/** The version to tell at a terminal, where nobody was told for a day; marks it as told. */
export async function untoldVersion({ statePath, now, runner, channel }: DailyCheck): Promise<string | null> {
  let version: string | null = null;
  const mark = (state: UpdateState): UpdateState => {
    const pending = pendingVersion(state, runner, channel);
    const isTold = state.toldAt !== null && !isDue(after(new Date(state.toldAt), DAY_MS), now, DAY_MS);
    version = isTold ? null : pending;
    return version === null ? state : { ...state, toldAt: now.toISOString() };
  };
  const changed = await changeUpdateState(statePath, mark).catch(() => null);
  return changed === null ? null : version;
}

/** Services set CI to anything: `true`, `1`, `woodpecker`. */
function isBuilding(ci: string | undefined): boolean {
  return ci !== undefined && !/^(false|0|)$/i.test(ci);
}

/** A time further away than it was ever set: the clock was wrong, then or now. */
function isDue(at: string | null, now: Date, mostMs: number): boolean {
  if (at === null) return true;
  const inMs = Date.parse(at) - now.getTime();
  return inMs <= 0 || inMs > mostMs;
}

function after(now: Date, ms: number): string {
  return new Date(now.getTime() + ms).toISOString();
}
