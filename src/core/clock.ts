/** Time as an argument, so that tests own it. @module */

/** Where the time comes from. */
export interface Clock {
  /** µs since the Unix epoch, a safe integer. */
  nowUs(): number;
}

export const systemClock: Clock = {
  nowUs: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
};

/** ISO 8601 in UTC with µs: `2026-11-21T11:50:36.123456Z`. */
export function formatTimeUs(timeUs: number): string {
  const ms = Math.floor(timeUs / 1000);
  const micros = String(timeUs - ms * 1000).padStart(3, "0");
  return new Date(ms).toISOString().slice(0, -1) + micros + "Z";
}
