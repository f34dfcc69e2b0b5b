/**
 * When a plugin that ended is started again: after 1, 2, 4 … 60 s, and no more when it ended five times within ten minutes.
 * Only the rule; who starts processes asks it.
 * @module
 */

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 60_000;
/** Ends that are remembered, and how many of them are too many. */
const WINDOW_MS = 10 * 60_000;
const MOST_ENDS = 5;
/** Who ran for so long has recovered: its next end counts as a first one. */
const RECOVERED_MS = 10 * 60_000;

/** What to do after an end. */
export type Verdict =
  | { readonly action: "restart"; readonly delayMs: number }
  | { readonly action: "off" };

export class RestartRule {
  #ends: number[] = [];
  #inRow = 0;
  #startedMs = 0;

  /** It was started. Monotonic, in ms. */
  started(nowMs: number): void {
    this.#startedMs = nowMs;
  }

  /** It ended without being asked to. */
  ended(nowMs: number): Verdict {
    if (nowMs - this.#startedMs >= RECOVERED_MS) this.#inRow = 0;
    this.#ends = this.#ends.filter((endMs) => nowMs - endMs < WINDOW_MS);
    this.#ends.push(nowMs);
    if (this.#ends.length >= MOST_ENDS) return { action: "off" };
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** this.#inRow, LONGEST_DELAY_MS);
    this.#inRow++;
    return { action: "restart", delayMs };
  }

  /** Somebody asked for it again: it starts anew. */
  reset(): void {
    this.#ends = [];
    this.#inRow = 0;
  }
}
