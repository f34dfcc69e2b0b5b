/** When bytes came. @module */

/** Difference between the wall clock and ours from which on the wall clock was set or the machine slept. */
const CLOCK_STEP_MS = 100;
/** How often that is looked at. */
const CLOCK_CHECK_MS = 1000;

/** Tells the time in ms since the Unix epoch: monotonic, but moved along when the wall clock was set or the machine slept. */
export class ArrivalClock {
  #epochMs = performance.timeOrigin;
  #checkedMs = 0;

  nowMs(): number {
    const monotonicMs = performance.now();
    if (monotonicMs - this.#checkedMs > CLOCK_CHECK_MS) {
      this.#checkedMs = monotonicMs;
      const wallMs = Date.now();
      if (Math.abs(wallMs - this.#epochMs - monotonicMs) > CLOCK_STEP_MS) {
        this.#epochMs = wallMs - monotonicMs;
      }
    }
    return this.#epochMs + monotonicMs;
  }
}
