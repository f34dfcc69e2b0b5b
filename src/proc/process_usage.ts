/** How much memory and processor time a process has taken, by its id. @module */
import { runLimited } from "./run_limited.ts";

/** Null where the system does not tell. */
export interface ProcessUsage {
  readonly residentBytes: number | null;
  readonly cpuMs: number | null;
}

const UNKNOWN: ProcessUsage = { residentBytes: null, cpuMs: null };
/** Ticks of `/proc/<pid>/stat` in a second: 100 on every Linux that there is. @see proc_pid_stat(5), sysconf(3) _SC_CLK_TCK */
const TICKS_PER_S = 100;
const PS_TIMEOUT_MS = 2000;

/** Usage of process `pid`: from `/proc` on Linux, of `ps` on macOS; unknown on Windows and of a process that has ended. */
export async function usageOf(pid: number): Promise<ProcessUsage> {
  try {
    switch (Deno.build.os) {
      case "linux":
        return await fromProc(pid);
      case "windows":
        return (await import("./windows_usage.ts")).windowsUsage(pid);
      default:
        return await fromPs(pid);
    }
  } catch {
    return UNKNOWN; // It has ended, or the system keeps it to itself.
  }
}

async function fromProc(pid: number): Promise<ProcessUsage> {
  // One after the other: where there is no such process, none is left that is still being read.
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  return { residentBytes: parseResident(status), cpuMs: parseCpu(stat) };
}

/** From `/proc/<pid>/status`, which counts in kB, whatever the size of a page. */
export function parseResident(status: string): number | null {
  const [, kB] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  return kB === undefined ? null : Number(kB) * 1024;
}

/** From `/proc/<pid>/stat`: utime and stime, fields 14 and 15. The name, field 2, may hold anything, parentheses too. */
export function parseCpu(stat: string): number | null {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [user, system] = [Number(fields[11]), Number(fields[12])];
  return Number.isFinite(user + system) ? (user + system) * 1000 / TICKS_PER_S : null;
}

async function fromPs(pid: number): Promise<ProcessUsage> {
  const { code, out } = await runLimited(["/bin/ps", "-o", "rss=,time=", "-p", String(pid)], {
    env: { LC_ALL: "C" },
    timeoutMs: PS_TIMEOUT_MS,
  });
  return code === 0 ? parsePs(out) : UNKNOWN;
}

/** From `ps -o rss=,time=`: KiB, and `[[dd-]hh:]mm:ss[.hh]`. */
export function parsePs(out: string): ProcessUsage {
  const [, kib, time = ""] = /^\s*(\d+)\s+(\S+)/.exec(out) ?? [];
  if (kib === undefined) return UNKNOWN;
  const [clock = "", days = "0"] = time.split("-").reverse();
  const seconds = clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  const cpuMs = Math.round((seconds + Number(days) * 86_400) * 1000);
  return { residentBytes: Number(kib) * 1024, cpuMs: Number.isFinite(cpuMs) ? cpuMs : null };
}
