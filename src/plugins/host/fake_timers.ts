/** A clock that stands still until a test moves it. @module */
import type { Timers } from "./timers.ts";

interface Waiting {
  readonly atMs: number;
  readonly run: () => void;
}

export class FakeTimers implements Timers {
  #nowMs = 1_000_000;
  #waiting: Waiting[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return 1_800_000_000_000 + this.#nowMs;
  }

  set(run: () => void, ms: number): unknown {
    const waiting = { atMs: this.#nowMs + ms, run };
    this.#waiting.push(waiting);
    return waiting;
  }

  clear(timer: unknown): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting !== timer);
  }

  /** Moves on by `ms`, and lets everything happen that is due by then, promises too. */
  async pass(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await settle();
      const [next] = this.#waiting.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
      if (next === undefined) break;
      this.clear(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.run();
    }
    this.#nowMs = endMs;
    await settle();
  }
}

/** Lets every promise that can settle do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
