/** Memory and processor time of a process on Windows, from kernel32. @module */
import type { ProcessUsage } from "./process_usage.ts";

const SYMBOLS = {
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "pointer" },
  CloseHandle: { parameters: ["pointer"], result: "i32" },
  K32GetProcessMemoryInfo: { parameters: ["pointer", "buffer", "u32"], result: "i32" },
  GetProcessTimes: { parameters: ["pointer", "buffer", "buffer", "buffer", "buffer"], result: "i32" },
} as const;
let library: Deno.DynamicLibrary<typeof SYMBOLS> | undefined;

const PROCESS_QUERY_LIMITED_INFORMATION = 0x1000;
/** PROCESS_MEMORY_COUNTERS on 64 bits: its size, and where WorkingSetSize stands. @see psapi.h */
const COUNTERS_BYTES = 72;
const WORKING_SET_AT = 16;
/** A FILETIME counts 100 ns. */
const PER_MS = 10_000;

/** Usage of process `pid`. @throws where FFI is not permitted */
export function windowsUsage(pid: number): ProcessUsage {
  library ??= Deno.dlopen("kernel32.dll", SYMBOLS);
  const { symbols } = library;
  const handle = symbols.OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, 0, pid);
  if (handle === null) return { residentBytes: null, cpuMs: null };
  try {
    const counters = new DataView(new ArrayBuffer(COUNTERS_BYTES));
    const hasMemory = symbols.K32GetProcessMemoryInfo(handle, counters, COUNTERS_BYTES) !== 0;
    const [created, exited, kernel, user] = Array.from({ length: 4 }, () => new DataView(new ArrayBuffer(8)));
    const hasTimes = created && exited && kernel && user &&
      symbols.GetProcessTimes(handle, created, exited, kernel, user) !== 0;
    return {
      residentBytes: hasMemory ? Number(counters.getBigUint64(WORKING_SET_AT, true)) : null,
      cpuMs: hasTimes ? Number(kernel.getBigUint64(0, true) + user.getBigUint64(0, true)) / PER_MS : null,
    };
  } finally {
    symbols.CloseHandle(handle);
  }
}
