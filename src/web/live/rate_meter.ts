/** How many events come in a second, over the last few. Pure: the clock is the caller's. @module */

const SLOTS = 4;
const SLOT_MS = 500;

export class RateMeter {
  readonly #counts = new Array<number>(SLOTS + 1).fill(0);
  #slot = 0;
  #startedMs: number | null = null;

  /** Counts `events` that came at `nowMs`. */
  add(events: number, nowMs: number): void {
    this.#startedMs ??= nowMs;
    this.#moveTo(nowMs);
    this.#counts[this.#slot % this.#counts.length] = (this.#counts[this.#slot % this.#counts.length] ?? 0) +
      events;
  }

  /** Events a second in the last two seconds, or since the first when that is less. */
  perSecond(nowMs: number): number {
    if (this.#startedMs === null) return 0;
    this.#moveTo(nowMs);
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    const spanMs = Math.min(SLOTS * SLOT_MS + nowMs % SLOT_MS, Math.max(SLOT_MS, nowMs - this.#startedMs));
    return total * 1000 / spanMs;
  }

  /** Empties the slots between the last one used and that of `nowMs`; a clock that was set back changes nothing. */
  #moveTo(nowMs: number): void {
    const slot = Math.floor(nowMs / SLOT_MS);
    if (slot <= this.#slot) return;
    const stale = Math.min(slot - this.#slot, this.#counts.length);
    for (let at = 0; at < stale; at++) this.#counts[(slot - at) % this.#counts.length] = 0;
    this.#slot = slot;
  }
}
