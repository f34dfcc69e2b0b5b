/** Which process records a run, so that another can tell whether it is still there. @module */
import { hostname } from "node:os";
import { kill, pid as ownPid } from "node:process";

/** A process, and where its pid means something. */
export interface ProcessMark {
  readonly pid: number;
  /** When it started, by the system's own clock; tells it from a later one with its pid. Empty where the system does not say. */
  readonly start: string;
  /** Host, and on Linux the pid namespace: containers may share a home, but not their pids. */
  readonly host: string;
}

let own: ProcessMark | null = null;

export function thisProcess(): ProcessMark {
  return own ??= { pid: ownPid, start: startOf(ownPid), host: [hostname(), ...pidNamespace()].join(" ") };
}

/** True when the process has ended. False also when that cannot be told: it was on another host. */
export function isGone(mark: ProcessMark): boolean {
  const { pid, start } = mark;
  return isOfThisHost(mark) && (!exists(pid) || hasDied(pid) || startOf(pid) !== start);
}

/** True when its pid means something here; else nobody here can tell whether it runs, or may signal it. */
export function isOfThisHost({ host }: ProcessMark): boolean {
  return host === thisProcess().host;
}

function exists(pid: number): boolean {
  try {
    return kill(pid, 0);
  } catch (error) {
    // Not allowed to ask means that somebody is there.
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

/** It has ended, and its parent has not asked yet how. @see proc_pid_stat(5), field 3 */
function hasDied(pid: number): boolean {
  return ["Z", "X", "x"].includes(statOf(pid)?.[0] ?? "");
}

/** Boot and clock tick of the process's start: no step of the wall clock changes them. @see proc_pid_stat(5), field 22 */
function startOf(pid: number): string {
  const ticks = statOf(pid)?.[19];
  return ticks === undefined ? "" : `${readText("/proc/sys/kernel/random/boot_id")?.trim()} ${ticks}`;
}

/** What Linux says of it, from field 3 on. */
function statOf(pid: number): string[] | undefined {
  // The name before that, in brackets, may hold anything.
  return readText(`/proc/${pid}/stat`)?.split(") ").at(-1)?.split(" ");
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
