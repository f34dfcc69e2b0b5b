/** Timers that are known by what they are for: one of each at a time. @module */
import type { Timer } from "../body.ts";

export class NamedTimers<Name extends string> {
  readonly #timer: Timer;
  readonly #cancels = new Map<Name, () => void>();

  constructor(timer: Timer) {
    this.#timer = timer;
  }

  /** Instead of the one that runs for the same. */
  after(name: Name, ms: number, run: () => void): void {
    this.cancel(name);
    this.#cancels.set(name, this.#timer.after(ms, run));
  }

  cancel(name: Name): void {
    this.#cancels.get(name)?.();
    this.#cancels.delete(name);
  }

  cancelAll(): void {
    for (const name of [...this.#cancels.keys()]) this.cancel(name);
  }
}
