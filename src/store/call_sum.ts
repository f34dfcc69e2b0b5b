/** Adds buckets of calls up to the figures that every answer shows. @module */
import { formatTimeUs } from "../core/clock.ts";
import { FAILED_OUTCOMES, OUTCOMES } from "../core/event.ts";
import { HISTOGRAM_BUCKETS, quantileUs } from "./histogram.ts";
import type { BucketBlock } from "./rollup_block.ts";
import type { TimeRange } from "./rollup_reader.ts";

/** Calls of one key. */
export interface StatsTotals {
  readonly calls: number;
  /** Calls that failed: error, tool error, hung. */
  readonly errors: number;
  /** 0…1. */
  readonly errorRate: number;
  /** Quantiles of the durations, at most 3.2 % off; null when no call has one. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly tokens: number;
  /** ISO 8601; null when there is no call. */
  readonly lastUsed: string | null;
  /** Calls in 24 equal parts of the range. */
  readonly series: readonly number[];
}

/** Parts of a row's series. */
export const SERIES_SLOTS = 24;
/** The series of a row without calls. */
export const NO_SERIES: readonly number[] = new Array<number>(SERIES_SLOTS).fill(0);
/** By the number of an outcome: does it count as a failure? */
export const IS_FAILED: readonly boolean[] = OUTCOMES.map((outcome) => FAILED_OUTCOMES.includes(outcome));

export class CallSum {
  readonly latency: Float64Array = new Float64Array(HISTOGRAM_BUCKETS);
  calls = 0;
  errors = 0;
  tokens = 0;
  readonly #series = new Array<number>(SERIES_SLOTS).fill(0);
  #requestBytes = 0;
  #responseBytes = 0;
  #lastUs = 0;

  /**
   * Without a range, calls are not told by their time. A bucket of `spanS` seconds counts where its middle lies: an hour that begins at the
   * end of a slot belongs to the next one.
   */
  add(block: BucketBlock, index: number, outcome: number, range?: TimeRange, spanS = 0): void {
    const calls = block.calls[index] as number;
    this.calls += calls;
    if (IS_FAILED[outcome]) this.errors += calls;
    this.tokens += block.tokens[index] as number;
    this.#requestBytes += block.requestBytes[index] as number;
    this.#responseBytes += block.responseBytes[index] as number;
    this.#lastUs = Math.max(this.#lastUs, block.lastUs[index] as number);
    block.addLatency(index, this.latency);
    if (!range) return;
    const middleUs = ((block.startS[index] as number) + spanS / 2) * 1e6;
    const part = (middleUs - range.sinceUs) / (range.untilUs - range.sinceUs);
    const slot = Math.min(SERIES_SLOTS - 1, Math.max(0, Math.floor(part * SERIES_SLOTS)));
    this.#series[slot] = (this.#series[slot] as number) + calls;
  }

  quantileMs(quantile: number): number | null {
    const us = quantileUs(this.latency, quantile);
    return us === null ? null : us / 1000;
  }

  totals(): StatsTotals {
    return {
      calls: this.calls,
      errors: this.errors,
      errorRate: this.calls === 0 ? 0 : this.errors / this.calls,
      p50Ms: this.quantileMs(0.5),
      p95Ms: this.quantileMs(0.95),
      p99Ms: this.quantileMs(0.99),
      requestBytes: this.#requestBytes,
      responseBytes: this.#responseBytes,
      tokens: this.tokens,
      lastUsed: this.#lastUs === 0 ? null : formatTimeUs(this.#lastUs),
      series: this.#series,
    };
  }
}
