/** How much a plugin may say unasked: in proportion to what it is given, and some of its own accord. @module */
import type { Timers } from "./timers.ts";

/** Frames that may be saved up, and how they come back. The SDK's own bounds (1000 emits and logs a batch) lie far below. */
const FRAMES = 20_000;
const FRAMES_PER_S = 2_000;
const FRAMES_PER_MESSAGE = 64;
const BYTES: number = 32 * 1024 * 1024;
const BYTES_PER_S: number = 4 * 1024 * 1024;
const BYTES_PER_MESSAGE: number = 64 * 1024;

export class FloodGuard {
  readonly #timers: Timers;
  #frames = FRAMES;
  #bytes = BYTES;
  #atMs: number;

  constructor(timers: Timers) {
    this.#timers = timers;
    this.#atMs = timers.nowMs();
  }

  /** It was given so many messages: it may say something to each. */
  handed(messages: number): void {
    this.#frames = Math.min(FRAMES, this.#frames + messages * FRAMES_PER_MESSAGE);
    this.#bytes = Math.min(BYTES, this.#bytes + messages * BYTES_PER_MESSAGE);
  }

  /** A frame came unasked. Why that is too much; null: it is not. */
  came(bytes: number): string | null {
    this.#frames--;
    this.#bytes -= bytes;
    if (this.#frames >= 0 && this.#bytes >= 0) return null;
    this.#refill();
    if (this.#frames < 0) {
      return `it flooded km: more than ${FRAMES_PER_S} frames a second that nobody asked for`;
    }
    return this.#bytes < 0
      ? `it flooded km: more than ${BYTES_PER_S >> 20} MiB a second that nobody asked for`
      : null;
  }

  #refill(): void {
    const nowMs = this.#timers.nowMs();
    const seconds = (nowMs - this.#atMs) / 1000;
    this.#atMs = nowMs;
    this.#frames = Math.min(FRAMES, this.#frames + seconds * FRAMES_PER_S);
    this.#bytes = Math.min(BYTES, this.#bytes + seconds * BYTES_PER_S);
  }
}
