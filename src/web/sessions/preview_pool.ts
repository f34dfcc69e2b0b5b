/** How many small terminals are drawn at once: those in sight, and no more than a browser bears. @module */

/** A browser draws so many terminals without effort; a tall screen shows about as many. */
const MAX_PREVIEWS = 24;

/** One that would be drawn. */
export interface Candidate {
  /** Is drawn from now on. */
  begin(): void;
  /** Is not drawn any more. */
  end(): void;
}

export class PreviewPool {
  readonly #max: number;
  readonly #drawn = new Set<Candidate>();
  readonly #waiting = new Set<Candidate>();

  constructor(max: number = MAX_PREVIEWS) {
    this.#max = max;
  }

  /** It came into sight. */
  enter(candidate: Candidate): void {
    if (this.#drawn.has(candidate)) return;
    this.#waiting.add(candidate);
    this.#fill();
  }

  /** It left, or is not there any more. */
  leave(candidate: Candidate): void {
    this.#waiting.delete(candidate);
    if (this.#drawn.delete(candidate)) candidate.end();
    this.#fill();
  }

  #fill(): void {
    for (const candidate of this.#waiting) {
      if (this.#drawn.size >= this.#max) return;
      this.#waiting.delete(candidate);
      this.#drawn.add(candidate);
      candidate.begin();
    }
  }
}
