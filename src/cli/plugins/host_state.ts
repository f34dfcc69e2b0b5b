/** Whether the plugin host of this home runs. @module */
import { type HostStatus, readHostStatus } from "../../plugins/host/status.ts";
import type { PluginPaths } from "../../plugins/paths.ts";
import { isGone } from "../../store/process_mark.ts";

export interface HostState {
  /** What it last said; null: none ever ran here. */
  readonly status: HostStatus | null;
  readonly runs: boolean;
}

/** Reads it from what the host wrote; asks nobody, so a host that hangs delays nothing. */
export function readHost(paths: PluginPaths): HostState {
  const status = readHostStatus(paths.hostStatus);
  return { status, runs: status !== null && status.endedAt === null && !hasEnded(status) };
}

/** Twice the longest time between two of its writings while a monitor is connected, and then some. */
const OVERDUE_MS = 25_000;

/** For how long it has said nothing, where it should have: it was stopped, or cannot write; null: all is well, or nothing is known. */
export function silentMs({ status, runs }: HostState, now: Date): number | null {
  if (!runs || status === null || status.monitors === 0) return null;
  const ms = now.getTime() - Date.parse(status.writtenAt);
  return ms > OVERDUE_MS ? ms : null;
}

/** A host that was killed could not write so. */
function hasEnded({ process }: HostStatus): boolean {
  return process === undefined || isGone(process);
}
