/** Which process records a run, so that another can tell whether it is still there. @module */
import { hostname } from "node:os";
import { kill, pid as ownPid } from "node:process";

/** A process, where its pid means something. */
export interface ProcessMark {
  readonly pid: number;
  /** Host, and on Linux the pid namespace: containers may share a home, but not their pids. */
  readonly host: string;
}

/** Ticks of the clock in which Linux tells times of processes: USER_HZ, 100 on every architecture that Deno runs on. */
const TICKS_PER_S = 100;
/** The boot time is told in whole seconds, and clocks are set. */
const START_SLACK_US = 5_000_000;

let own: ProcessMark | null = null;

export function thisProcess(): ProcessMark {
  return own ??= { pid: ownPid, host: [hostname(), ...pidNamespace()].join(" ") };
}

/**
 * True when the process that recorded a run which started at `startedUs` has ended. False when that cannot be told: it was on
 * another host.
 */
export function isGone({ pid, host }: ProcessMark, startedUs: number): boolean {
  if (host !== thisProcess().host) return false;
  if (!exists(pid)) return true;
  const processUs = processStartUs(pid);
  // A run starts after its km did: else the pid is another process's by now.
  return processUs !== null && processUs > startedUs + START_SLACK_US;
}

function exists(pid: number): boolean {
  try {
    return kill(pid, 0);
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/** When a process started, in µs since the Unix epoch; null where the system does not tell. @see proc_pid_stat(5), field 22 */
function processStartUs(pid: number): number | null {
  const fields = readText(`/proc/${pid}/stat`)?.split(") ").at(-1)?.split(" ");
  const bootS = readText("/proc/stat")?.match(/^btime (\d+)/m)?.[1];
  if (fields === undefined || bootS === undefined) return null;
  return (Number(bootS) + Number(fields[19]) / TICKS_PER_S) * 1e6;
}

function pidNamespace(): string[] {
  try {
    return [Deno.readLinkSync("/proc/self/ns/pid")];
  } catch {
    return []; // Not Linux.
  }
}

function readText(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null;
  }
}
