/** How long a plugin took for a message, of its latest batches. @module */

const SAMPLES = 256;

export class HandlingTimes {
  readonly #samples: number[] = [];
  #next = 0;

  /** A batch of so many messages took so long. */
  add(batchMs: number, messages: number): void {
    if (messages === 0) return;
    this.#samples[this.#next] = batchMs / messages;
    this.#next = (this.#next + 1) % SAMPLES;
  }

  /** Null: none yet. */
  get percentiles(): { readonly p50Ms: number; readonly p95Ms: number } | null {
    if (this.#samples.length === 0) return null;
    const sorted = this.#samples.toSorted((a, b) => a - b);
    const at = (share: number) => round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
    return { p50Ms: at(0.5), p95Ms: at(0.95) };
  }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
