/** Time as an argument, so that tests own it. @module */

export interface Timers {
  /** Monotonic, in ms. */
  nowMs(): number;
  /** ms since the Unix epoch. */
  wallMs(): number;
  set(run: () => void, ms: number): unknown;
  clear(timer: unknown): void;
}

export const SYSTEM_TIMERS: Timers = {
  nowMs: () => performance.now(),
  wallMs: () => Date.now(),
  set: (run, ms) => setTimeout(run, ms),
  clear: (timer) => clearTimeout(timer as number), // as: it is what `set` returned
};
