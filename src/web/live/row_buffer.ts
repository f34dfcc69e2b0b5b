/**
 * The rows that Live holds: a ring, so that the hundred-thousand-and-first costs as little as the first.
 *
 * Every row has a number that never changes while it is held. The table thinks in numbers, so that rows that leave at the front or come in
 * there (older pages) move nothing that somebody looks at.
 * @module
 */

/** Most rows held. One row takes about 0.7 kB, so 100,000 take some 70 MB. */
export const MAX_ROWS = 100_000;

export class RowBuffer<Item> {
  readonly #capacity: number;
  #items: (Item | undefined)[] = [];
  /** Place in `#items` of the oldest row. */
  #head = 0;
  #length = 0;
  #firstNumber = 0;

  constructor(capacity: number = MAX_ROWS) {
    if (!Number.isInteger(capacity) || capacity < 1) throw new RangeError("A buffer holds at least one row");
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#length;
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Number of the oldest row; below zero when older pages were put before it. */
  get firstNumber(): number {
    return this.#firstNumber;
  }

  /** One more than the number of the newest row. */
  get endNumber(): number {
    return this.#firstNumber + this.#length;
  }

  /** The row that has `number`; undefined when it is not held. */
  at(number: number): Item | undefined {
    const offset = number - this.#firstNumber;
    return offset < 0 || offset >= this.#length ? undefined : this.#items[this.#place(offset)];
  }

  /** Adds newer rows, oldest first; where there is no room, the oldest rows go. */
  append(items: readonly Item[]): void {
    for (const item of items) {
      if (this.#length < this.#capacity) {
        this.#grow();
        this.#items[this.#place(this.#length++)] = item;
      } else {
        this.#items[this.#head] = item;
        this.#head = (this.#head + 1) % this.#items.length;
        this.#firstNumber++;
      }
    }
  }

  /** Adds older rows, newest first, as many as there is room for; returns how many. */
  prepend(items: readonly Item[]): number {
    const count = Math.min(items.length, this.#capacity - this.#length);
    for (let at = 0; at < count; at++) {
      this.#grow();
      this.#head = (this.#head - 1 + this.#items.length) % this.#items.length;
      this.#items[this.#head] = items[at];
      this.#length++;
      this.#firstNumber--;
    }
    return count;
  }

  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#firstNumber += this.#length;
    this.#length = 0;
  }

  #place(offset: number): number {
    return (this.#head + offset) % this.#items.length;
  }

  /** Makes room for one more: doubled, so that an empty page does not pay for a hundred thousand rows. */
  #grow(): void {
    if (this.#length < this.#items.length) return;
    const ordered = Array.from({ length: this.#length }, (_, offset) => this.#items[this.#place(offset)]);
    ordered.length = Math.min(this.#capacity, Math.max(64, this.#length * 2));
    this.#items = ordered;
    this.#head = 0;
  }
}
