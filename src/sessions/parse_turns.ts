/** Whose terminal is drawn next: all that have something waiting, in turns. @module */

/** Something that works in pieces. */
export interface InTurns {
  /** Works for about `ms`. */
  work(ms: number): void;
  /** Nothing is left to do. */
  readonly isDone: boolean;
}

/** Longest turn of one, in ms; and of all together, before whoever asks something is heard. */
const TURN_MS = 4, ROUND_MS = 12;

export class ParseTurns implements Disposable {
  /** In the order in which they have their turns. */
  readonly #waiting = new Set<InTurns>();
  readonly #onWorked: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `onWorked` is called after each round. */
  constructor(onWorked: () => void) {
    this.#onWorked = onWorked;
  }

  add(one: InTurns): void {
    this.#waiting.add(one);
  }

  remove(one: InTurns): void {
    this.#waiting.delete(one);
  }

  /** Works until nothing waits, or, for now, until it is somebody else's turn on this thread. */
  work(): void {
    const endMs = performance.now() + ROUND_MS;
    for (const one of this.#waiting) {
      // To the end of the line, where the loop comes by again.
      this.#waiting.delete(one);
      one.work(TURN_MS);
      if (!one.isDone) this.#waiting.add(one);
      if (performance.now() >= endMs) break;
    }
    this.#onWorked();
    if (this.#waiting.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.work();
    }, 0);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }
}
