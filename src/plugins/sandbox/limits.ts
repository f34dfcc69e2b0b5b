/** What a plugin may take while it runs, looked at from outside: memory, processor, what it writes and does not read. Pure. @module */
import type { SandboxLimits, Usage } from "./sandbox.ts";

/** How often memory and processor time are looked at, in ms. */
export const LOOK_EVERY_MS = 250;
/** Over how long processor time is counted, in ms. */
export const CPU_WINDOW_MS = 10_000;
/** Most that may come on stderr within such a window, in bytes: 4 MiB are 25,000 checked accesses. */
export const STDERR_BYTES_PER_WINDOW = 4 * 1024 * 1024;

const MIB = 1024 * 1024;

interface Sample {
  readonly timeMs: number;
  readonly cpuMs: number;
  readonly stderrBytes: number;
}

/** Judges samples of one process. */
export class LimitWatch {
  readonly #limits: SandboxLimits;
  /** Within the window, oldest first; before the first stands the start, with nothing used. */
  readonly #samples: Sample[];

  constructor(limits: SandboxLimits, startMs: number) {
    this.#limits = limits;
    this.#samples = [{ timeMs: startMs, cpuMs: 0, stderrBytes: 0 }];
  }

  /** Which limit is gone over, for people; null when none is. */
  look(timeMs: number, usage: Usage, stderrBytes: number): string | null {
    const oldest = this.#within(timeMs);
    const cpuMs = usage.cpuMs ?? oldest.cpuMs;
    this.#samples.push({ timeMs, cpuMs, stderrBytes });
    return this.#memory(usage) ?? this.#processor(cpuMs - oldest.cpuMs) ??
      this.#stderr(stderrBytes - oldest.stderrBytes);
  }

  /** Forgets what lies before the window; returns the sample at its start. */
  #within(timeMs: number): Sample {
    for (;;) {
      const [first, second] = this.#samples;
      if (first === undefined) throw new TypeError("the start is never forgotten");
      if (second === undefined || second.timeMs > timeMs - CPU_WINDOW_MS) return first;
      this.#samples.shift();
    }
  }

  #memory({ residentBytes }: Usage): string | null {
    const { residentMiB } = this.#limits;
    if (residentBytes === null || residentBytes <= residentMiB * MIB) return null;
    return `it took ${Math.round(residentBytes / MIB)} MiB of memory, and may take ${residentMiB} MiB`;
  }

  #processor(usedMs: number): string | null {
    const { cpuPercent } = this.#limits;
    if (usedMs <= CPU_WINDOW_MS * cpuPercent / 100) return null;
    return `it took ${(usedMs / 1000).toFixed(1)} s of a processor within ${
      CPU_WINDOW_MS / 1000
    } s, and may take ${cpuPercent} %`;
  }

  #stderr(bytes: number): string | null {
    if (bytes <= STDERR_BYTES_PER_WINDOW) return null;
    return `it tried so many accesses, or wrote so much to stderr, that ${
      Math.round(bytes / MIB)
    } MiB came within ${CPU_WINDOW_MS / 1000} s`;
  }
}

/**
 * Bound of data for the system to keep, in MiB: Deno 2.9.6 maps 560 MiB before it runs anything, and stacks for each processor's threads. It is a net
 * below the look at resident memory, for what grows faster than that looks.
 */
export function dataLimitMiB({ residentMiB, heapMiB }: SandboxLimits, processors: number): number {
  return 640 + 16 * processors + residentMiB + heapMiB;
}
