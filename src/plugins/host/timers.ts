/** Time as an argument, so that tests own it. @module */

export interface Timers {
  /** Monotonic, in ms. */
  nowMs(): number;
  /** ms since the Unix epoch. */
  wallMs(): number;
  set(run: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

// Deno loads its timers when they are first named, and runs promises' reactions meanwhile (2.9.6): here that disturbs nobody.
const { setTimeout, clearTimeout } = globalThis;

export const SYSTEM_TIMERS: Timers = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  set: (run, ms) => setTimeout(run, ms),
  clear: (timer) => clearTimeout(timer as number), // as: it is what `set` returned
};
